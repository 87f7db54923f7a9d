package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tributary.broker.BrokerSettings;
import tributary.broker.Client;
import tributary.broker.Subscription;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// MQTT sessions and retained messages over HTTP.
class SessionsTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "pump");
        world.device(World.OTHER, "pump");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void aSessionShowsWhoseItIsWhatItHearsAndWhatWaits() {
        new Guest(world.broker, TenantId.MAIN, "pump", "c1")
                .hears("devices/pump/#")
                .hears(new Subscription("g", new TopicFilter("jobs/+"), 2, false, true, 7))
                .goes();
        world.publish(TenantId.MAIN, "pump", "12345");
        await(() -> show("c1").path("waiting").intValue() == 1);

        JsonNode shown = show("c1");
        assertThat(shown.path("subject").asString()).isEqualTo("device:pump");
        assertThat(shown.path("device").asString()).isEqualTo("pump");
        assertThat(shown.path("connected").asBoolean()).isFalse();
        assertThat(Instant.parse(shown.path("detachedAt").asString())).isBeforeOrEqualTo(Instant.now());
        assertThat(shown.path("expirySeconds").intValue()).isEqualTo(3600);
        assertThat(shown.path("waitingBytes").intValue()).isEqualTo(5);
        assertThat(shown.path("dropped").intValue()).isZero();
        assertThat(shown.path("subscriptionCount").intValue()).isEqualTo(2);
        assertThat(Json.text(shown.path("subscriptions")))
                .isEqualTo("[{\"filter\":\"devices/pump/#\",\"qos\":1,\"noLocal\":false,\"retainAsPublished\":false},"
                        + "{\"filter\":\"jobs/+\",\"group\":\"g\",\"qos\":2,\"noLocal\":false,"
                        + "\"retainAsPublished\":true,\"identifier\":7}]");
    }

    @Test
    void theListIsSortedPagedAndNarrowed() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            String id = "c%02d".formatted(24 - i);
            Guest guest = new Guest(world.broker, TenantId.MAIN, "pump", id);
            if (i % 5 == 0) {
                guest.goes();
            }
            all.addFirst(id);
        }
        new Guest(world.broker, World.OTHER, "pump", "c00-foreign");

        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = list("?limit=7&after=" + after);
            page.path("sessions")
                    .forEach(session -> seen.add(session.path("clientId").asString()));
            after = page.path("next").asString("");
        } while (!after.isEmpty() && seen.size() < 100);
        assertThat(seen).isEqualTo(all);
        assertThat(list("?connected=false").path("sessions").size()).isEqualTo(5);
        assertThat(list("?connected=true").path("sessions").size()).isEqualTo(20);
        assertThat(list("?text=c1").path("sessions").size()).isEqualTo(10);
        assertThat(world.get(world.viewer, "/api/v1/sessions?connected=perhaps").status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "site/7/pump", "a b+c", "grüß-gott", "50%", "?x#y"})
    void anEndedSessionIsGoneAndItsClientIsToldWhateverItsName(String clientId) throws Exception {
        Guest guest = new Guest(world.broker, TenantId.MAIN, "pump", clientId).hears("devices/pump/#");
        Guest foreign = new Guest(world.broker, World.OTHER, "pump", clientId);
        String path = path(clientId);
        assertThat(world.get(world.viewer, path).json().path("clientId").asString())
                .isEqualTo(clientId);
        assertThat(world.send("DELETE", world.viewer, path, null).status()).isEqualTo(403);

        assertThat(world.send("DELETE", world.operator, path, null).status()).isEqualTo(204);

        assertThat(guest.detached.poll(30, TimeUnit.SECONDS)).isEqualTo(Client.Why.ENDED);
        assertThat(world.get(world.viewer, path).status()).isEqualTo(404);
        assertThat(world.send("DELETE", world.operator, path, null).status()).isEqualTo(404);
        assertThat(foreign.detached).isEmpty();
        assertThat(world.get(world.stranger, path).status()).isEqualTo(200);
    }

    @Test
    void noTenantSeesOrEndsAnothersSession() {
        new Guest(world.broker, TenantId.MAIN, "pump", "canary");
        retain("devices/pump/canary", "1");
        assertThat(world.get(world.stranger, "/api/v1/sessions").text()).doesNotContain("canary");
        assertThat(world.get(world.stranger, "/api/v1/sessions/canary").status())
                .isEqualTo(404);
        assertThat(world.send("DELETE", world.stranger, "/api/v1/sessions/canary", null)
                        .status())
                .isEqualTo(404);
        assertThat(world.get(world.stranger, "/api/v1/retained").text()).doesNotContain("canary");
        assertThat(world.send("DELETE", world.stranger, "/api/v1/retained?topic=devices/pump/canary", null)
                        .status())
                .isEqualTo(404);
        assertThat(show("canary").path("connected").asBoolean()).isTrue();
        assertThat(retained("").path("retained").size()).isEqualTo(1);
    }

    @Test
    void retainedMessagesAreListedByTopicAndRemovedForNewSubscribers() {
        for (String topic : List.of("devices/pump/b", "alerts/x", "devices/pump/a", "devices/pump/c")) {
            retain(topic, "21.5");
        }
        JsonNode first = retained("?filter=devices/%2B/%23&limit=2");
        assertThat(topics(first)).containsExactly("devices/pump/a", "devices/pump/b");
        JsonNode item = first.path("retained").path(0);
        assertThat(item.path("bytes").intValue()).isEqualTo(4);
        assertThat(item.path("device").asString()).isEqualTo("pump");
        assertThat(Instant.parse(item.path("receivedAt").asString())).isBeforeOrEqualTo(Instant.now());
        assertThat(topics(retained("?filter=devices/%2B/%23&limit=2&after="
                        + first.path("next").asString())))
                .containsExactly("devices/pump/c");
        assertThat(world.get(world.viewer, "/api/v1/retained?filter=a/%23/b").detail())
                .contains("'#' is a whole level");

        String one = "/api/v1/retained?topic=devices/pump/b";
        assertThat(world.send("DELETE", world.viewer, one, null).status()).isEqualTo(403);
        assertThat(world.send("DELETE", world.operator, one, null).status()).isEqualTo(204);
        assertThat(world.send("DELETE", world.operator, one, null).status()).isEqualTo(404);
        assertThat(topics(retained(""))).containsExactly("alerts/x", "devices/pump/a", "devices/pump/c");
        assertThat(world.send("DELETE", world.operator, "/api/v1/retained?topic=a/%23", null)
                        .status())
                .isEqualTo(400);
    }

    @Test
    void erasingWhatADeviceSentTakesItsRetainedMessagesAlong() {
        retain("devices/pump/a", "21.5");
        retain("alerts/x", "1");
        assertThat(world.send("POST", world.operator, "/api/v1/erasures", "{\"device\":\"pump\"}")
                        .status())
                .isEqualTo(403);
        assertThat(topics(retained(""))).containsExactly("alerts/x", "devices/pump/a");
        assertThat(world.send("POST", world.owner, "/api/v1/erasures", "{\"device\":\"pump\"}")
                        .status())
                .isEqualTo(201);
        assertThat(topics(retained(""))).containsExactly("alerts/x");
        assertThat(world.send("POST", world.owner, "/api/v1/erasures", "{\"everything\":true}")
                        .status())
                .isEqualTo(201);
        assertThat(topics(retained(""))).isEmpty();
    }

    @Test
    void statusCountsTheCallersSessionsOnly() {
        new Guest(world.broker, TenantId.MAIN, "pump", "here").hears("devices/pump/#");
        new Guest(world.broker, TenantId.MAIN, "pump", "away")
                .hears("devices/pump/#")
                .goes();
        new Guest(world.broker, World.OTHER, "pump", "foreign").hears("devices/pump/#");
        retain("devices/pump/status", "on");
        await(() -> figures(world.viewer).path("waiting").intValue() == 2);

        assertThat(Json.text(figures(world.viewer)))
                .isEqualTo("{\"connected\":1,\"away\":1,\"subscriptions\":2,\"waiting\":2,\"waitingBytes\":4,"
                        + "\"dropped\":0,\"retained\":1,\"retainedBytes\":2}");
        assertThat(Json.text(figures(world.stranger)))
                .isEqualTo("{\"connected\":1,\"away\":0,\"subscriptions\":1,\"waiting\":0,\"waitingBytes\":0,"
                        + "\"dropped\":0,\"retained\":0,\"retainedBytes\":0}");
    }

    @ParameterizedTest
    @CsvSource({
        // messages and bytes that may wait; what is left of five messages of five bytes
        "3, 1000, 3",
        "100, 12, 2",
        "100, 1000, 5",
    })
    void whatASessionHasNoRoomForIsCounted(int messagesMax, int bytesMax, int left) {
        limitedTo(messagesMax, bytesMax);
        new Guest(world.broker, TenantId.MAIN, "pump", "away")
                .hears("devices/pump/#")
                .goes();
        new Guest(world.broker, World.OTHER, "pump", "away")
                .hears("devices/pump/#")
                .goes();
        for (int i = 0; i < 5; i++) {
            world.publish(TenantId.MAIN, "pump", "12345");
        }
        await(() -> show("away").path("waiting").intValue()
                        + show("away").path("dropped").intValue()
                == 5);

        assertThat(show("away").path("waiting").intValue()).isEqualTo(left);
        assertThat(show("away").path("waitingBytes").intValue()).isEqualTo(left * 5);
        assertThat(show("away").path("dropped").intValue()).isEqualTo(5 - left);
        assertThat(list("").path("sessions").path(0).path("dropped").intValue()).isEqualTo(5 - left);
        assertThat(figures(world.viewer).path("dropped").intValue()).isEqualTo(5 - left);
        assertThat(figures(world.stranger).path("dropped").intValue()).isZero();
    }

    private void limitedTo(int messagesMax, int bytesMax) {
        world.close();
        world = new World(
                data.resolve("limited"),
                ApiSettings.DEFAULTS,
                new BrokerSettings(100, Duration.ofDays(1), messagesMax, bytesMax, Duration.ofDays(1), 100, 1 << 20));
        world.device(TenantId.MAIN, "pump");
        world.device(World.OTHER, "pump");
    }

    private JsonNode show(String clientId) {
        return world.get(world.viewer, path(clientId)).json();
    }

    private static String path(String clientId) {
        return "/api/v1/sessions/"
                + URLEncoder.encode(clientId, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode list(String query) {
        return world.get(world.viewer, "/api/v1/sessions" + query).json();
    }

    private JsonNode retained(String query) {
        return world.get(world.viewer, "/api/v1/retained" + query).json();
    }

    private JsonNode figures(String key) {
        return world.get(key, "/api/v1/status").json().path("sessions");
    }

    private static List<String> topics(JsonNode page) {
        List<String> topics = new ArrayList<>();
        page.path("retained").forEach(item -> topics.add(item.path("topic").asString()));
        return topics;
    }

    /// Publishes a retained message and waits until the broker has it.
    private void retain(String topic, String payload) {
        int before = world.broker.counts().retained();
        boolean ofDevice = topic.startsWith("devices/");
        world.log.append(
                new Message(
                        TenantId.MAIN,
                        ofDevice ? new DeviceId("pump") : null,
                        new Topic(topic),
                        payload.getBytes(StandardCharsets.UTF_8),
                        Instant.now().toEpochMilli() * 1000,
                        Message.Origin.MQTT,
                        "mouth",
                        1,
                        true,
                        MessageProperties.NONE),
                Receipt.NONE);
        await(() -> world.broker.counts().retained() == before + 1);
    }

    private static void await(BooleanSupplier condition) {
        RulesTest.await(condition);
    }
}
