package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A broker that others wrote understands the generator in both versions and at every QoS.
class MosquittoIT {
    private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"3.1.1, 0", "3.1.1, 1", "3.1.1, 2", "5, 1", "5, 2"})
    void mosquittoAcknowledgesEverything(String version, int qos) throws Exception {
        assumeTrue(Files.isExecutable(MOSQUITTO), "mosquitto is not installed");
        int port = freePort();
        Path config =
                Files.writeString(folder.resolve("m.conf"), "listener " + port + " 127.0.0.1\nallow_anonymous true\n");
        Process broker = new ProcessBuilder(MOSQUITTO.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("m.log").toFile())
                .start();
        try {
            awaitOpen(port);
            StringWriter out = new StringWriter();
            int code = new CommandLine(new Bench())
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(new StringWriter()))
                    .execute(("mqtt --json --connections 5 --count 200 --url mqtt://127.0.0.1:" + port + " --qos " + qos
                                    + " --mqtt-version " + version + " --pid " + broker.pid())
                            .split(" "));

            assertThat(code).isZero();
            JsonNode json = new JsonMapper().readTree(out.toString());
            assertThat(json.path("sent").asInt()).isEqualTo(1000);
            assertThat(json.path("acknowledged").asInt()).isEqualTo(qos == 0 ? 0 : 1000);
            assertThat(json.path("serverResidentBytes").asLong()).isPositive();
        } finally {
            broker.destroy();
            broker.waitFor();
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void awaitOpen(int port) throws Exception {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (System.nanoTime() < deadline) {
            try (Socket _ = new Socket("127.0.0.1", port)) {
                return;
            } catch (java.io.IOException e) {
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("mosquitto does not listen");
    }
}
