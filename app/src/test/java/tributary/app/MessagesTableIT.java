package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an MQTT 5 client says about a message beside its payload, read back by SQL from a real process.
class MessagesTableIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final String QUESTION = "SELECT device, text, content_type, user_properties->>'site' AS site,"
            + " user_properties->'tag'->>1 AS tag, response_topic, hex(correlation_data) AS correlation,"
            + " expiry_seconds, qos, retain, origin, publisher FROM messages WHERE topic = 'devices/pump-1/state'";

    private static final String ANSWER = """
            [["pump-1","ready","text/plain","north","b","devices/pump-1/answers","0107",3600,1,true,"mqtt","pump-client"]]""";

    @TempDir
    private Path data;

    @Test
    @Timeout(value = 6, unit = TimeUnit.MINUTES)
    void whatAClientSaysAboutAMessageIsInSqlLiveSealedAndAfterAKill() throws Exception {
        ServerProcess server = ServerProcess.start(data, "--set", "lake.idle-age=1s");
        publish(server, Rest.of(server).device("pump-1"));
        Await.until("visible", SOON, () -> !rows(server).equals("[]"));
        assertThat(rows(server)).isEqualTo(ANSWER);

        Await.until("sealed", SOON, this::sealed);
        assertThat(rows(server)).isEqualTo(ANSWER);

        server.kill();
        try (ServerProcess again = ServerProcess.start(data)) {
            Await.until("read again", SOON, () -> !rows(again).equals("[]"));
            assertThat(rows(again)).isEqualTo(ANSWER);
        }
    }

    private static String rows(ServerProcess server) throws Exception {
        return Rest.of(server).sql(QUESTION).toString();
    }

    private static void publish(ServerProcess server, String token) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier("pump-client")
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .simpleAuth()
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("devices/pump-1/state")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload("ready".getBytes(StandardCharsets.UTF_8))
                .contentType("text/plain")
                .responseTopic("devices/pump-1/answers")
                .correlationData(new byte[] {1, 7})
                .messageExpiryInterval(3600)
                .userProperties()
                .add("site", "north")
                .add("tag", "a")
                .add("tag", "b")
                .applyUserProperties()
                .send();
        client.disconnect();
    }

    private boolean sealed() throws IOException {
        Path folder = data.resolve("lake/main/messages/data");
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".parquet"));
        }
    }
}
