package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The running program, killed while a replay makes what is missing: the next replay makes the rest, and nothing twice.
class ReplayKilledIT {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int COUNT = 2_500;

    /// Of what the rule says of each message, so that making all takes longer than looking whether it has begun, and a
    /// comparison holds what is said and what is there.
    private static final int SAID_CHARS = 10_000;

    private static final String REPLAY = "/api/v1/rules/twice/replay";

    @TempDir
    private Path data;

    @Test
    void whatAKillLeftOutIsMadeByTheNextAndNothingTwice() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest rest = Rest.of(server);
            String token = rest.device("pump-1");
            save(rest, "last", "SELECT n FROM 'devices/+/telemetry' WHERE n = " + (COUNT - 1), "seen");
            publish(server, token);
            // The rules read behind the door: a rule saved before they have come here would see the last of these
            // itself.
            Await.until("rules are past what was sent", SOON, () -> made(rest, "count(*)", "seen") == 1);
            save(
                    rest,
                    "twice",
                    "SELECT n * 2 AS t, '" + "x".repeat(SAID_CHARS) + "' AS much FROM 'devices/+/telemetry'",
                    "out");
            Map<String, Object> apply = missing(rest, COUNT);
            long before = logged(rest);
            Thread applies = Thread.ofVirtual().start(() -> apply(rest, apply));
            // Once there are some more, it makes them; where the kill comes late, all are made.
            long deadline = System.nanoTime() + SOON.toNanos();
            while (logged(rest) == before) {
                assertThat(System.nanoTime()).as("it makes some").isLessThan(deadline);
                TimeUnit.MILLISECONDS.sleep(1);
            }
            server.kill();
            applies.join();
        }
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest rest = Rest.of(server);
            Await.until("all is in SQL", SOON, rest::everythingVisible);
            long there = made(rest, "count(*)", "out");
            System.err.println("made before the kill: " + there);
            assertThat(there).as("what was made before the kill").isBetween(0L, (long) COUNT);
            apply(rest, missing(rest, COUNT - there));
            Await.until("what it acknowledged is in SQL", SOON, rest::everythingVisible);

            assertThat(made(rest, "count(*)", "out")).isEqualTo(COUNT);
            assertThat(made(rest, "count(DISTINCT text)", "out")).isEqualTo(COUNT);
            missing(rest, 0);
        }
    }

    private static void save(Rest rest, String rule, String sql, String topic) throws Exception {
        rest.good(
                "PUT",
                "/api/v1/rules/" + rule,
                Map.of("sql", sql, "state", "on", "actions", List.of(Map.of("topic", topic + "/${device_id()}"))));
    }

    /// Applies it once rules have seen the end of its window, or until the server is killed.
    private static void apply(Rest rest, Map<String, Object> what) {
        try {
            Await.until("it is applied", SOON, () -> {
                Rest.Reply reply = rest.call("POST", REPLAY, what);
                assertThat(reply.status()).as(reply.toString()).isIn(200, 409);
                return reply.status() == 200;
            });
        } catch (IOException e) {
            // the server is killed under it
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void publish(ServerProcess server, String token) {
        Mqtt5AsyncClient pump = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier("pump-1")
                .simpleAuth()
                .username("pump-1")
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildAsync();
        pump.connect().join();
        CompletableFuture.allOf(IntStream.range(0, COUNT)
                        .mapToObj(n -> pump.publishWith()
                                .topic("devices/pump-1/telemetry")
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .payload(("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))
                                .send())
                        .toArray(CompletableFuture[]::new))
                .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                .join();
        pump.disconnect().join();
    }

    /// Compares until so many are missing, and asks for them.
    ///
    /// @return what applies that
    private static Map<String, Object> missing(Rest rest, long count) throws Exception {
        JsonNode[] found = new JsonNode[1];
        Await.until(count + " are missing", SOON, () -> {
            Rest.Reply reply = rest.call("POST", REPLAY, Map.of("from", "-1h"));
            found[0] = reply.body();
            return reply.status() == 200
                    && reply.body().path("complete").asBoolean()
                    && reply.body().path("missing").asLong(-1) == count;
        });
        return Map.of(
                "from", found[0].path("from").asString(),
                "to", found[0].path("to").asString(),
                "apply", found[0].path("digest").asString());
    }

    /// @return how many messages are in the log
    private static long logged(Rest rest) throws Exception {
        long logged = 0;
        for (JsonNode partition : rest.good("GET", "/api/v1/status", null).path("partitions")) {
            logged += partition.path("end").asLong();
        }
        return logged;
    }

    private static long made(Rest rest, String what, String topic) throws Exception {
        return rest.number("SELECT " + what + " FROM messages WHERE topic = '" + topic + "/pump-1'");
    }
}
