package tributary.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerException;

/// A server that the run itself starts, ends or kills, and starts again. Never a process that somebody
/// else started.
final class Child implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long READY_WITHIN_NANOS = 120_000_000_000L;
    private static final long END_WITHIN_SECONDS = 60;

    /// In the command it stands for a port that is free, the same at every start.
    private static final String FREE_PORT = "{port}";

    private final List<String> command;
    private final Target target;
    private final LongSupplier clock;
    private final Path out;
    private @Nullable Process process;
    private long startedNanos;

    /// @param command what starts the server, with its arguments
    /// @param target  is told where the server listens, as soon as that is known
    Child(List<String> command, Target target, LongSupplier clock) throws IOException {
        String port = freePort();
        this.command =
                command.stream().map(word -> word.replace(FREE_PORT, port)).toList();
        this.target = target;
        this.clock = clock;
        this.out = Files.createTempFile("bench-server-", ".out");
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    /// Starts the process and returns at once.
    void start() throws IOException {
        startedNanos = clock.getAsLong();
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        target.at(process.pid());
    }

    /// @return when the process was last started
    long startedNanos() {
        return startedNanos;
    }

    /// Waits until the server accepts connections; a Tributary says by its ready line where.
    void awaitReady() throws IOException, InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        while (!(target.own() ? saysReady() : open(target.mqtt()))) {
            goOn("did not become ready", never);
        }
    }

    /// Waits until a client may sign in.
    ///
    /// @param address where the server listened before
    /// @return when it could
    long awaitWelcome(InetSocketAddress address, MqttWire.Login login) throws IOException, InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        byte[] connect = MqttWire.connect(target.version(), login);
        while (!welcome(address, connect)) {
            goOn("let nobody in", never);
        }
        long welcomed = clock.getAsLong();
        // The address of its interface may be another one now.
        awaitReady();
        return welcomed;
    }

    /// Ends it as a power cut would: SIGKILL.
    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /// Asks it to end, and waits.
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                kill();
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }

    private void goOn(String failure, CountDownLatch never) throws IOException, InterruptedException {
        boolean over = clock.getAsLong() - startedNanos > READY_WITHIN_NANOS;
        if (over || process == null || !process.isAlive()) {
            String said = Files.readString(out);
            throw new ServerException(
                    ServerException.Kind.UNREACHABLE,
                    "'%s' %s %s; it said: %s"
                            .formatted(
                                    String.join(" ", command),
                                    failure,
                                    over ? "within two minutes" : "before it ended",
                                    said.substring(Math.max(0, said.length() - 2000))));
        }
        never.await(5, TimeUnit.MILLISECONDS);
    }

    private boolean saysReady() throws IOException {
        for (String line : Files.readAllLines(out)) {
            if (line.startsWith("{") && line.contains("\"ready\"")) {
                JsonNode ready = JSON.readTree(line);
                URI mqtt = URI.create(ready.path("mqtt").asString(""));
                target.at(URI.create(ready.path("http").asString("")), mqtt.getPort());
                return true;
            }
        }
        return false;
    }

    private static boolean open(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean welcome(InetSocketAddress address, byte[] connect) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 500);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(connect);
            byte[] answer = new byte[4];
            new DataInputStream(socket.getInputStream()).readFully(answer);
            return answer[0] == 0x20 && answer[3] == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
