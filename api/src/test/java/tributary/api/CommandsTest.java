package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Commands over HTTP. Who listens and acknowledges is tested with real clients: `commands.spec.ts` of the portal.
class CommandsTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "valve");
        world.device(TenantId.MAIN, "other");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private JsonNode send(String body) {
        World.Reply reply = world.post(world.operator, "/api/v1/devices/valve/commands", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private JsonNode shown(JsonNode command) {
        return world.get(
                        world.viewer,
                        "/api/v1/devices/valve/commands/"
                                + command.path("message").asString())
                .json();
    }

    @Test
    void commandIsAMessageOfTheDeviceThatSaysWhoSentIt() {
        JsonNode sent = send("{\"name\":\"set\",\"payload\":{\"open\":true}}");
        assertThat(sent.path("state").asString()).isEqualTo("nobody");
        assertThat(sent.path("answer").isNull()).isTrue();

        JsonNode message = world.get(world.viewer, "/api/v1/messages?device=valve")
                .json()
                .path("messages")
                .path(0);
        assertThat(message.path("topic").asString()).isEqualTo("devices/valve/commands/set");
        assertThat(message.path("payload").path("open").booleanValue()).isTrue();
        assertThat(message.path("contentType").asString()).isEqualTo("application/json");
        assertThat(message.path("responseTopic").asString()).isEqualTo("devices/valve/responses/set");
        assertThat(message.path("publisher").asString()).startsWith("key:");
        assertThat(message.path("qos").intValue()).isEqualTo(1);
        assertThat(shown(sent)).isEqualTo(sent);
    }

    @Test
    void answerIsWhatTheDeviceSaysAfterwardsToThisCommand() {
        answer("before");
        JsonNode first = send("{\"name\":\"set\",\"text\":\"open\"}");
        assertThat(shown(first).path("state").asString()).isEqualTo("nobody");
        world.publish(TenantId.MAIN, "other", "devices/other/responses/set", "no".getBytes(StandardCharsets.UTF_8));
        world.publish(TenantId.MAIN, "valve", "devices/valve/responses/get", "no".getBytes(StandardCharsets.UTF_8));
        answer("done");

        assertThat(shown(first).path("state").asString()).isEqualTo("answered");
        assertThat(shown(first).path("answer").path("payload").asString()).isEqualTo("done");
    }

    private void answer(String text) {
        world.publish(
                TenantId.MAIN,
                "valve",
                "devices/valve/responses/set",
                ("\"" + text + "\"").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyCommandHasItsOwnWordToAnswerWith() {
        send("{\"name\":\"set\"}");
        send("{\"name\":\"set\"}");
        JsonNode messages =
                world.get(world.viewer, "/api/v1/messages?device=valve").json().path("messages");
        String word = messages.path(0).path("correlationData").asString();
        assertThat(Base64.getDecoder().decode(word)).hasSize(36);
        assertThat(messages.path(1).path("correlationData").asString()).isNotEqualTo(word);
    }

    @Test
    void whatIsNoCommandOfTheDeviceIsNotShown() {
        JsonNode sent = send("{\"name\":\"set\"}");
        world.publish(TenantId.MAIN, "valve", "{\"t\":1}");
        int partition = world.log.partitionOf(TenantId.MAIN, new DeviceId("valve"), "");
        String telemetry = partition + "-" + (world.log.end(partition) - 1);
        for (String id : new String[] {telemetry, partition + "-999", "99-0", "x", "0-0x"}) {
            assertThat(world.get(world.viewer, "/api/v1/devices/valve/commands/" + id)
                            .status())
                    .as(id)
                    .isEqualTo(404);
        }
        assertThat(world.get(
                                world.viewer,
                                "/api/v1/devices/other/commands/"
                                        + sent.path("message").asString())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void mistakesAreNamedAndNothingIsSent() {
        for (String wrong : new String[] {
            "{}",
            "{\"name\":\"\"}",
            "{\"name\":\"a/b\"}",
            "{\"name\":\"#\"}",
            "{\"name\":\"..\"}",
            "{\"name\":\"set\",\"payload\":1,\"text\":\"x\"}",
            "{\"name\":\"set\",\"tenant\":\"other\"}"
        }) {
            assertThat(world.post(world.operator, "/api/v1/devices/valve/commands", wrong)
                            .status())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(world.get(world.viewer, "/api/v1/messages?device=valve")
                        .json()
                        .path("messages"))
                .isEmpty();
    }
}
