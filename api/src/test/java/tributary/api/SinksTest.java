package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.Principal;

/// Sinks over REST. What they deliver is tested where they are.
class SinksTest {
    private static final String ECHO =
            "{\"type\":\"echo\",\"config\":{\"say\":\"x\"},\"secrets\":{\"word\":\"canary\"}}";

    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(data);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    private static World.Reply put(String name, String body) {
        return world.send("PUT", world.operator, "/api/v1/sinks/" + name, body);
    }

    private static void letter(String sink, long position, String payload) {
        String id =
                world.registry.sinks().find(TenantId.MAIN, sink).orElseThrow().id();
        world.registry
                .deadLetters()
                .add(new DeadLetter(
                        id,
                        position,
                        "{\"rule\":\"hot\",\"version\":1,\"device\":\"d\",\"at\":1000,\"payload\":\""
                                + payload.replace("\"", "\\\"") + "\"}",
                        "it said 400",
                        3,
                        Instant.EPOCH));
    }

    @Test
    void sinkIsAddedShownChangedAndRemovedAndItsSecretIsNeverShown() {
        World.Reply added = put("a", ECHO);
        assertThat(added.status()).isEqualTo(200);
        assertThat(added.json().path("secrets").toString()).isEqualTo("[\"word\"]");
        assertThat(put("a", "{\"type\":\"echo\",\"config\":{\"say\":\"y\"}}")
                        .json()
                        .path("secrets")
                        .toString())
                .as("what is left out stays")
                .isEqualTo("[\"word\"]");
        assertThat(put("a", "{}").json().path("config").path("say").asString(""))
                .as("what is left out stays")
                .isEqualTo("y");
        World.Reply list = world.get(world.viewer, "/api/v1/sinks");
        assertThat(list.text() + added.text()).contains("\"say\":\"y\"").doesNotContain("canary");
        assertThat(put("a", "{\"type\":\"echo\",\"secrets\":{\"word\":\"\"}}")
                        .json()
                        .path("secrets"))
                .isEmpty();
        assertThat(world.send("DELETE", world.operator, "/api/v1/sinks/a", null).status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/sinks/a").status()).isEqualTo(404);
    }

    @Test
    void mistakesComeTogetherWithTheirPlaces() {
        World.Reply wrong = put(
                "b",
                "{\"type\":\"echo\",\"config\":{\"sya\":\"x\",\"attempts\":\"many\"},\"secrets\":{\"wrod\":\"canary\"}}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text())
                .contains("/config/sya")
                .contains("did you mean say?")
                .contains("/config/attempts")
                .contains("did you mean word?")
                .doesNotContain("canary");
        assertThat(put("b", "{\"type\":\"ecko\"}").detail()).contains("did you mean echo?");
        assertThat(put("b%20c", ECHO).status()).isEqualTo(400);
        assertThat(world.send("PUT", world.viewer, "/api/v1/sinks/b", ECHO).status())
                .isEqualTo(403);
    }

    @Test
    void testSaysWhatHappened() {
        put("c", ECHO);
        World.Reply tested = world.send("POST", world.operator, "/api/v1/sinks/c/test", null);
        assertThat(tested.json().path("delivered").booleanValue()).isFalse();
        assertThat(tested.json().path("what").asString("")).isEqualTo("nobody listens to x");
        assertThat(world.send("POST", world.operator, "/api/v1/sinks/nowhere/test", null)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void deadLettersAreReadEditedDrivenAgainAndDropped() {
        put("d", ECHO);
        for (int i = 1; i <= 3; i++) {
            letter("d", i, "{\"n\":" + i + "}");
        }
        World.Reply page = world.get(world.viewer, "/api/v1/sinks/d/dead?limit=2");
        assertThat(page.json().path("letters")).hasSize(2);
        assertThat(page.json().path("letters").path(0).path("payload").toString())
                .isEqualTo("{\"n\":1}");
        String next = page.json().path("next").asString("");
        assertThat(world.get(world.viewer, "/api/v1/sinks/d/dead?after=" + next)
                        .json()
                        .path("letters"))
                .hasSize(1);
        assertThat(world.send("PUT", world.operator, "/api/v1/sinks/d/dead/2", "{\"payload\":{\"n\":\"two\"}}")
                        .json()
                        .path("payload")
                        .toString())
                .isEqualTo("{\"n\":\"two\"}");
        assertThat(world.send("PUT", world.operator, "/api/v1/sinks/d/dead/9", "{\"payload\":1}")
                        .status())
                .isEqualTo(404);
        assertThat(world.send("POST", world.operator, "/api/v1/sinks/d/dead/9/retry", null)
                        .status())
                .isEqualTo(404);
        assertThat(world.send("DELETE", world.operator, "/api/v1/sinks/d/dead/1", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.send("DELETE", world.operator, "/api/v1/sinks/d/dead/1", null)
                        .status())
                .isEqualTo(404);
        assertThat(world.send("DELETE", world.operator, "/api/v1/sinks/d/dead", null)
                        .json()
                        .path("count")
                        .intValue())
                .isEqualTo(2);
    }

    @Test
    void sinkOfAnotherTenantIsNotThere() {
        put("secret", ECHO);
        letter("secret", 1, "{}");
        String other = world.key(World.OTHER, Principal.Role.OWNER);
        for (String path : new String[] {"", "/dead"}) {
            assertThat(world.get(other, "/api/v1/sinks/secret" + path).status()).isEqualTo(404);
        }
        for (String path : new String[] {"/test", "/dead/retry", "/dead/1/retry"}) {
            assertThat(world.send("POST", other, "/api/v1/sinks/secret" + path, null)
                            .status())
                    .isEqualTo(404);
        }
        assertThat(world.get(other, "/api/v1/sinks").text()).doesNotContain("secret");
        assertThat(world.send("DELETE", other, "/api/v1/sinks/secret/dead", null)
                        .status())
                .isEqualTo(404);
    }
}
