package tributary.bench;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Debian's Mosquitto on a free port of this machine, ended with the test.
final class MosquittoBroker implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/sbin/mosquitto");

    private final Process process;
    private final int port;

    private MosquittoBroker(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Where it is not installed, the test is skipped.
    static MosquittoBroker start(Path folder, String... settings) throws Exception {
        int port = freePort();
        Process process = new ProcessBuilder(command(folder, port, settings))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.log").toFile())
                .start();
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (System.nanoTime() < deadline) {
            try (Socket _ = new Socket("127.0.0.1", port)) {
                return new MosquittoBroker(process, port);
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
        process.destroyForcibly();
        throw new AssertionError("mosquitto does not listen:\n" + Files.readString(folder.resolve("mosquitto.log")));
    }

    /// What starts it.
    static List<String> command(Path folder, int port, String... settings) throws IOException {
        assumeTrue(Files.isExecutable(PROGRAM), "mosquitto is not installed");
        String config =
                "listener %d 127.0.0.1\nallow_anonymous true\n%s\n".formatted(port, String.join("\n", settings));
        Path file = Files.writeString(folder.resolve("mosquitto.conf"), config);
        return List.of(PROGRAM.toString(), "-c", file.toString());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    String url() {
        return "mqtt://127.0.0.1:" + port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
