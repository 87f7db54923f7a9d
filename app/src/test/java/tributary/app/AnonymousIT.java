package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The real program with `--anonymous`, and a rule that reads what happens to connections.
class AnonymousIT {
    @TempDir
    private Path data;

    private static Mqtt3ClientBuilder client(ServerProcess server, String id) {
        return Mqtt3Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(id);
    }

    private static Mqtt3AsyncClient signedIn(ServerProcess server, String id, String user, String password) {
        return client(server, id)
                .simpleAuth()
                .username(user)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildAsync();
    }

    @Test
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void clientWithoutACredentialHearsWhatARuleSaysOfConnections() throws Exception {
        try (ServerProcess server = ServerProcess.start(data, "--anonymous")) {
            Rest rest = Rest.of(server);
            String token = rest.device("door-1");
            Map<String, Object> rule = Map.of(
                    "sql",
                    "SELECT device, kind FROM '$events/connected' WHERE device = 'door-1'",
                    "state",
                    "on",
                    "actions",
                    List.of(Map.of("topic", "doors/came")));
            rest.good("PUT", "/api/v1/rules/came", rule);
            Await.until(
                    "the rule runs",
                    Duration.ofSeconds(120),
                    () -> rest.good("GET", "/api/v1/rules/came", null)
                            .path("figures")
                            .isObject());
            Mqtt3AsyncClient old = client(server, "old").buildAsync();
            old.connect().get(60, TimeUnit.SECONDS);
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            old.publishes(
                    MqttGlobalPublishFilter.ALL,
                    publish -> heard.add(new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8)));
            old.subscribeWith()
                    .topicFilter("doors/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send()
                    .get(60, TimeUnit.SECONDS);

            Mqtt3AsyncClient door = signedIn(server, "door-1", "door-1", token);
            door.connect().get(60, TimeUnit.SECONDS);

            assertThat(heard.poll(60, TimeUnit.SECONDS))
                    .contains("\"device\":\"door-1\"")
                    .contains("\"kind\":\"connected\"");
            assertThatThrownBy(() -> signedIn(server, "door-2", "door-1", token.substring(0, token.length() - 1))
                            .connect()
                            .get(60, TimeUnit.SECONDS))
                    .as("a broken token is not let in as nobody")
                    .hasCauseInstanceOf(Mqtt3ConnAckException.class);
            door.disconnect().get(60, TimeUnit.SECONDS);
            old.disconnect().get(60, TimeUnit.SECONDS);
        }
    }
}
