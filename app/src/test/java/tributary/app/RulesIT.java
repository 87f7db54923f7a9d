package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Rules in the real program: what they say is heard over MQTT, and under `kill -9` nothing of it is lost or
/// said twice.
class RulesIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    private static final int KILLS = 5;

    @TempDir
    private Path data;

    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private long next;

    private static Mqtt5AsyncClient client(ServerProcess server, String id, String user, String password) {
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(id)
                .simpleAuth()
                .username(user)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildAsync();
        client.connect().join();
        return client;
    }

    private static void rule(ServerProcess server, String name, String sql, String topic) throws Exception {
        Map<String, Object> body = Map.of("sql", sql, "state", "on", "actions", List.of(Map.of("topic", topic)));
        Rest.of(server).good("PUT", "/api/v1/rules/" + name, body);
        Await.until(
                "the rule runs",
                SOON,
                () -> Rest.of(server)
                        .good("GET", "/api/v1/rules/" + name, null)
                        .path("figures")
                        .isObject());
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void whatARuleSaysIsHeardOverMqttAndAnAlertIsInTheList() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest rest = Rest.of(server);
            String token = rest.device("door-1");
            rule(
                    server,
                    "warm",
                    "SELECT device_id() AS door, temp FROM 'devices/+/telemetry' ALERT too_warm PER device_id()"
                            + " WHEN temp > 8 CLEAR WHEN temp < 6",
                    "devices/${door}/alarm");
            Mqtt5AsyncClient door = client(server, "door-1", "door-1", token);
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            door.publishes(
                    MqttGlobalPublishFilter.ALL,
                    publish -> heard.add(new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8)));
            door.subscribeWith()
                    .topicFilter("devices/me/alarm")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send()
                    .join();

            for (String temp : List.of("7", "9", "10", "5")) {
                door.publishWith()
                        .topic("t")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(("{\"temp\":" + temp + "}").getBytes(StandardCharsets.UTF_8))
                        .send()
                        .join();
            }

            assertThat(heard.poll(60, TimeUnit.SECONDS))
                    .contains("\"state\":\"raised\"")
                    .contains("\"temp\":9");
            assertThat(heard.poll(60, TimeUnit.SECONDS)).contains("\"state\":\"cleared\"");
            assertThat(heard).isEmpty();
            Await.until(
                    "the alert is cleared",
                    SOON,
                    () -> rest.good("GET", "/api/v1/alerts?state=cleared", null)
                                    .path("alerts")
                                    .size()
                            == 1);
            assertThat(ServerProcess.run("alarm", "ls", "--cleared", "--data", data.toString())
                            .out())
                    .contains("too_warm")
                    .contains("door-1");
            assertThat(ServerProcess.run("rule", "ls", "--data", data.toString())
                            .out())
                    .contains("warm")
                    .contains("on");
            Path draft = Files.writeString(data.resolve("draft.sql"), "SELECT temp FROM 'devices/+/climate'");
            assertThat(ServerProcess.run("rule", "test", draft.toString(), "--data", data.toString())
                            .err())
                    .contains("no message's topic matched devices/+/climate; there were messages on ")
                    .contains("devices/door-1/telemetry");
            door.disconnect().join();
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void whatARuleSaysIsNeitherLostNorSaidTwiceUnderKills() throws Exception {
        ServerProcess server = ServerProcess.start(data);
        try {
            String token = Rest.of(server).device("pump-1");
            rule(server, "copy", "SELECT seq FROM 'devices/pump-1/telemetry'", "copied");
            rule(
                    server,
                    "fives",
                    "SELECT sum(seq) AS sum, collect(seq) AS seen FROM 'devices/pump-1/telemetry'"
                            + " GROUP BY COUNTWINDOW(5)",
                    "fives");
            for (int kill = 0; kill < KILLS; kill++) {
                publishUntilKilled(server, token, 400 + 150 * kill);
                server = ServerProcess.start(data);
            }
            Rest rest = Rest.of(server);
            Await.until(
                    "all is copied",
                    SOON,
                    () -> Set.copyOf(numbers(rest, "copied", "seq")).containsAll(acknowledged));
            Await.until(
                    "windows are full but for the last",
                    SOON,
                    () -> fives(rest).size() > numbers(rest, "copied", "seq").size() - 10);
            List<Long> copied = numbers(rest, "copied", "seq");
            List<Long> fives = fives(rest);

            assertThat(copied).as("no output twice").hasSameSizeAs(new TreeSet<>(copied));
            assertThat(fives).as("no message in two windows").hasSameSizeAs(new TreeSet<>(fives));
            System.out.printf(
                    "%d kills, %d messages acknowledged, %d outputs%n", KILLS, acknowledged.size(), copied.size());
        } finally {
            server.close();
        }
    }

    /// @return what is in the windows
    private static List<Long> fives(Rest rest) throws Exception {
        List<Long> fives = new ArrayList<>();
        for (JsonNode row : rest.sql("SELECT text FROM messages WHERE topic = 'fives'")) {
            Rest.JSON.readTree(row.path(0).asString()).path("seen").forEach(seq -> fives.add(seq.asLong()));
        }
        return fives;
    }

    private static List<Long> numbers(Rest rest, String topic, String key) throws Exception {
        List<Long> numbers = new ArrayList<>();
        for (JsonNode row : rest.sql("SELECT text FROM messages WHERE topic = '" + topic + "'")) {
            numbers.add(Rest.JSON.readTree(row.path(0).asString()).path(key).asLong());
        }
        return numbers;
    }

    private void publishUntilKilled(ServerProcess server, String token, int millis) throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                Mqtt5AsyncClient pump = client(server, "pump-1", "pump-1", token);
                while (running.get()) {
                    long number = next++;
                    pump.publishWith()
                            .topic("t")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(("{\"seq\":" + number + "}").getBytes(StandardCharsets.UTF_8))
                            .send()
                            .whenComplete((result, failure) -> {
                                if (failure == null && result.getError().isEmpty()) {
                                    acknowledged.add(number);
                                }
                            });
                    TimeUnit.MICROSECONDS.sleep(500);
                }
            } catch (InterruptedException | RuntimeException e) {
                // the server was killed under it: what was acknowledged until then counts
            }
        });
        // however long it takes until something is acknowledged: it is killed under load
        int before = acknowledged.size();
        Await.until("more is acknowledged", SOON, () -> acknowledged.size() > before);
        TimeUnit.MILLISECONDS.sleep(millis);
        server.kill();
        running.set(false);
        thread.interrupt();
        thread.join();
    }
}
