package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The running program bridged to a Mosquitto on a site, and killed while messages come in.
class BridgeIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KILLS = 3;
    private static final int EACH = 400;

    @TempDir
    private Path folder;

    @Test
    @Timeout(900)
    void whatTheSiteSaysIsThereInOrderWhereverThisServerWasKilled() throws Exception {
        int port = freePort();
        Process site = mosquitto(port);
        try {
            Path data = folder.resolve("data");
            ServerProcess server = start(data);
            try {
                Rest rest = Rest.of(server);
                rest.device("pump-1");
                rest.good("PUT", "/api/v1/sinks/site", Map.of("type", "mqtt", "config", bridge(port)));
                Await.until(
                        "the bridge listens",
                        SOON,
                        () -> rest.good("GET", "/api/v1/sinks/site", null)
                                .at("/incoming/state")
                                .asString("")
                                .equals("listening"));
            } finally {
                server.kill();
            }
            Mqtt5BlockingClient pump = Mqtt5Client.builder()
                    .serverHost("127.0.0.1")
                    .serverPort(port)
                    .identifier("plc")
                    .buildBlocking();
            pump.connect();
            int next = 1;
            for (int kill = 0; kill < KILLS; kill++) {
                ServerProcess killed = start(data);
                for (int i = 0; i < EACH; i++) {
                    if (i == EACH / 2) {
                        killed.kill();
                    }
                    pump.publishWith()
                            .topic("plant/pump-1/telemetry")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(("{\"n\":" + next++ + "}").getBytes(StandardCharsets.UTF_8))
                            .send();
                }
            }
            List<Long> all = IntStream.range(1, next).mapToObj(n -> (long) n).toList();
            try (ServerProcess last = start(data)) {
                Await.until("everything came", SOON, () -> new LinkedHashSet<>(numbers(last)).size() == all.size());
                assertThat(new LinkedHashSet<>(numbers(last)))
                        .as("each first in its order")
                        .containsExactlyElementsOf(all);
            }
        } finally {
            site.destroyForcibly();
        }
    }

    private static Map<String, Object> bridge(int port) {
        return Map.of(
                "host", "127.0.0.1",
                "port", port,
                "tls", false,
                "retry-first", "50ms",
                "retry-most", "500ms",
                "subscribe", "plant/#",
                "remote-prefix", "plant/",
                "local-prefix", "devices/");
    }

    private static List<Long> numbers(ServerProcess server) throws Exception {
        List<Long> numbers = new ArrayList<>();
        for (JsonNode row :
                Rest.of(server).sql("SELECT text FROM messages WHERE device = 'pump-1' ORDER BY position")) {
            numbers.add(Rest.JSON.readTree(row.path(0).asString()).path("n").asLong());
        }
        return numbers;
    }

    private static ServerProcess start(Path data) throws IOException {
        return ServerProcess.start(data, "--set", "sinks.private-addresses=127.0.0.1");
    }

    private Process mosquitto(int port) throws Exception {
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(config, """
                listener %d 127.0.0.1
                allow_anonymous true
                max_queued_messages 0
                """.formatted(port));
        Path binary = Path.of("/usr/sbin/mosquitto");
        Process process = new ProcessBuilder(binary.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.txt").toFile())
                .start();
        Await.until("Mosquitto listens", SOON, () -> {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return process;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
