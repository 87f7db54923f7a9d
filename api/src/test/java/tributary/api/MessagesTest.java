package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Recorded messages over HTTP.
class MessagesTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "a");
        world.device(TenantId.MAIN, "b");
        world.device(World.OTHER, "a");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void payloadsAreShownAsJsonTextOrBase64() {
        world.publish(TenantId.MAIN, "a", "{\"t\":1}");
        world.publish(TenantId.MAIN, "a", "plain <text>");
        world.publish(TenantId.MAIN, "a", "devices/a/telemetry", new byte[] {(byte) 0xff, 0});
        world.publish(TenantId.MAIN, "a", "devices/a/telemetry", new byte[0]);
        JsonNode messages = world.get(world.viewer, "/api/v1/messages").json().path("messages");
        assertThat(messages.size()).isEqualTo(4);
        assertThat(Json.text(messages.path(0))).contains("\"encoding\":\"json\",\"payload\":{\"t\":1}");
        assertThat(Json.text(messages.path(1))).contains("\"encoding\":\"text\",\"payload\":\"plain <text>\"");
        assertThat(Json.text(messages.path(2))).contains("\"bytes\":2,\"encoding\":\"base64\",\"payload\":\"/wA=\"");
        assertThat(Json.text(messages.path(3))).contains("\"bytes\":0,\"encoding\":\"text\",\"payload\":\"\"");
    }

    @Test
    void bytesOfAMessageAreReadAsTheyCame() {
        byte[] odd = {(byte) 0xff, 0, '{', 13, 10};
        world.publish(TenantId.MAIN, "a", "devices/a/telemetry", odd);
        world.publish(TenantId.MAIN, "a", "{ \"t\" : 1.0 }");
        world.publish(TenantId.MAIN, "a", "devices/a/telemetry", new byte[0]);
        JsonNode messages = world.get(world.viewer, "/api/v1/messages").json().path("messages");
        List<byte[]> read = new ArrayList<>();
        for (JsonNode message : messages) {
            World.Reply reply = world.get(world.viewer, payload(message));
            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            assertThat(reply.header("Content-Type")).isEqualTo("application/octet-stream");
            read.add(reply.response().body());
            assertThat(world.get(world.stranger, payload(message)).status())
                    .as("of another tenant")
                    .isEqualTo(404);
        }
        assertThat(read)
                .usingElementComparator(Arrays::compare)
                .containsExactly(odd, "{ \"t\" : 1.0 }".getBytes(StandardCharsets.UTF_8), new byte[0]);
        assertThat(world.get(world.viewer, "/api/v1/messages/0-99999/payload").status())
                .isEqualTo(404);
    }

    private static String payload(JsonNode message) {
        return "/api/v1/messages/" + message.path("partition").intValue() + "-"
                + message.path("position").longValue() + "/payload";
    }

    @Test
    void whatThePublisherSaidBesideThePayloadIsShown() {
        MessageProperties said = new MessageProperties(
                "text/plain",
                "answers/7",
                new byte[] {(byte) 0xff, 1},
                60,
                true,
                List.of(new UserProperty("unit", "°C"), new UserProperty("unit", "K")));
        world.log.append(
                new Message(
                        TenantId.MAIN,
                        new DeviceId("a"),
                        new Topic("devices/a/telemetry"),
                        new byte[0],
                        Instant.now().toEpochMilli() * 1000,
                        Message.Origin.MQTT,
                        "test",
                        1,
                        false,
                        said),
                Receipt.NONE);
        JsonNode message = world.get(world.viewer, "/api/v1/messages").json().at("/messages/0");
        assertThat(Json.text(message))
                .contains("\"contentType\":\"text/plain\",\"responseTopic\":\"answers/7\","
                        + "\"correlationData\":\"/wE=\",\"expirySeconds\":60,\"utf8\":true,"
                        + "\"userProperties\":[{\"name\":\"unit\",\"value\":\"°C\"},"
                        + "{\"name\":\"unit\",\"value\":\"K\"}]");
    }

    @Test
    void pagesCoverEveryMessageOnceWhileMoreArrive() {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            world.publish(TenantId.MAIN, i % 2 == 0 ? "a" : "b", "" + i);
            world.publish(World.OTHER, "a", "\"foreign\"");
            sent.add("" + i);
        }
        List<String> seen = new ArrayList<>();
        String query = "?limit=7";
        while (!query.isEmpty()) {
            JsonNode page = world.get(world.viewer, "/api/v1/messages" + query + "&until=now")
                    .json();
            page.path("messages")
                    .forEach(message -> seen.add(message.path("payload").toString()));
            String next = page.path("next").asString("");
            query = next.isEmpty() || seen.size() > 200 ? "" : "?limit=7&after=" + next;
            if (seen.size() == 49) {
                world.publish(TenantId.MAIN, "a", "100");
                sent.add("100");
            }
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(sent);
        // of the two devices, which are in partitions of their own and may speak at the same moment, each in its order
        for (int device = 0; device < 2; device++) {
            int remainder = device;
            assertThat(seen.stream().map(Integer::parseInt).filter(n -> n % 2 == remainder))
                    .isSorted();
        }
    }

    @Test
    void theListIsNarrowedByDeviceTopicAndTime() {
        world.publish(TenantId.MAIN, "a", "1");
        world.publish(TenantId.MAIN, "b", "2");
        world.publish(TenantId.MAIN, null, "alerts/fire", "\"x\"".getBytes());
        assertThat(count("?device=a")).isEqualTo(1);
        assertThat(count("?topic=devices/%2B/telemetry")).isEqualTo(2);
        assertThat(count("?topic=alerts/%23")).isEqualTo(1);
        assertThat(count("?since=-1h")).isEqualTo(3);
        assertThat(count("?since=-1h&until=-1m")).isZero();
        assertThat(world.get(world.viewer, "/api/v1/messages?topic=a/%23/b").detail())
                .contains("'#' is a whole level");
        assertThat(world.get(world.viewer, "/api/v1/messages?after=9:1").detail())
                .contains("0:1234,1:99");
        assertThat(world.get(world.viewer, "/api/v1/messages?after=0:-1").status())
                .isEqualTo(400);
    }

    @Test
    void noTenantSeesAnothersMessages() {
        world.publish(TenantId.MAIN, "a", "\"canary\"");
        assertThat(world.get(world.stranger, "/api/v1/messages?topic=%23").text())
                .doesNotContain("canary");
        assertThat(world.get(world.stranger, "/api/v1/messages?device=a").text())
                .doesNotContain("canary");
        assertThat(world.get(world.stranger, "/api/v1/messages?after=0:0,1:0,2:0")
                        .text())
                .doesNotContain("canary");
    }

    @Test
    void aDeviceReadsOnlyItsOwnMessagesWhateverItAsksFor() {
        world.publish(TenantId.MAIN, "a", "\"mine\"");
        world.publish(TenantId.MAIN, "b", "\"canary\"");
        world.publish(TenantId.MAIN, null, "alerts/fire", "\"canary\"".getBytes());
        String token = world.token(TenantId.MAIN, "a");
        for (String query : List.of("", "?topic=%23", "?device=", "?device=a", "?after=0:0,1:0,2:0")) {
            assertThat(world.get(token, "/api/v1/messages" + query).text())
                    .contains("mine")
                    .doesNotContain("canary");
        }
    }

    private int count(String query) {
        return world.get(world.viewer, "/api/v1/messages" + query)
                .json()
                .path("messages")
                .size();
    }
}
