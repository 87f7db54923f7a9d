package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.TenantId;
import tributary.registry.SinkDefinitions;

/// The lives of alerts over HTTP: history, live, maintenance, erasure.
class AlertsTest {
    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(data);
        for (String id : List.of("kiln-1", "kiln-2")) {
            world.device(TenantId.MAIN, id);
        }
        World.Reply saved = world.send(
                "PUT",
                world.operator,
                "/api/v1/rules/kiln",
                "{\"sql\":\"SELECT heat FROM 'devices/+/telemetry' ALERT hot PER device_id() WHEN heat > 90\","
                        + "\"state\":\"on\",\"actions\":[{\"topic\":\"alarm/${heat}\"}]}");
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        RulesTest.await(() -> world.get(world.viewer, "/api/v1/rules/kiln")
                .json()
                .path("figures")
                .isObject());
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    private static JsonNode history(String query) {
        return world.get(world.viewer, "/api/v1/alerts/history" + query).json().path("events");
    }

    private static long messages(String topic) {
        return world.get(world.viewer, "/api/v1/messages?since=-1h&topic=" + topic)
                .json()
                .path("messages")
                .size();
    }

    @Test
    void routeOfAlertsIsShownAndLeadsToSinksThatThereAre() {
        assertThat(route(world.get(world.viewer, "/api/v1/alerts/route"))).isEmpty();
        World.Reply none = world.send("PUT", world.operator, "/api/v1/alerts/route", "{\"sinks\":[\"phone\"]}");
        assertThat(none.status()).isEqualTo(400);
        assertThat(none.text()).contains("there is no sink 'phone'");
        world.registry
                .sinks()
                .save(
                        new SinkDefinitions.SinkDefinition(
                                TenantId.MAIN, "phone", "route-phone", "webhook", "{}", Instant.EPOCH),
                        Map.of());

        World.Reply set = world.send("PUT", world.operator, "/api/v1/alerts/route", "{\"sinks\":[\"phone\"]}");

        assertThat(set.status()).as(set.text()).isEqualTo(200);
        assertThat(route(set)).containsExactly("phone");
        assertThat(route(world.get(world.viewer, "/api/v1/alerts/route"))).containsExactly("phone");
        assertThat(route(world.get(world.stranger, "/api/v1/alerts/route"))).isEmpty();
        assertThat(world.send("PUT", world.viewer, "/api/v1/alerts/route", "{\"sinks\":[]}")
                        .status())
                .isEqualTo(403);
        world.registry.sinks().remove(TenantId.MAIN, "phone");
    }

    private static List<String> route(World.Reply reply) {
        return reply.json().path("sinks").valueStream().map(JsonNode::asString).toList();
    }

    @Test
    void lifeOfAnAlertIsFollowedSilencedAndErased() throws Exception {
        try (BufferedReader live = live()) {
            world.publish(TenantId.MAIN, "kiln-1", "{\"heat\": 101}");
            assertThat(next(live)).contains("\"what\":\"raised\"", "\"silenced\":false");
        }
        RulesTest.await(() -> messages("alarm/101") == 1);

        String silence = world.post(
                        world.operator,
                        "/api/v1/silences",
                        "{\"kind\":\"label\",\"what\":\"site=brisbane\",\"from\":\"-1h\",\"length\":\"2h\",\"reason\":\"paint\"}")
                .json()
                .path("id")
                .stringValue();
        world.publish(TenantId.MAIN, "kiln-1", "{\"heat\": 1}");
        world.publish(TenantId.MAIN, "kiln-1", "{\"heat\": 102}");
        RulesTest.await(() -> history("?device=kiln-1").size() == 3);
        assertThat(history("?device=kiln-1")
                        .valueStream()
                        .map(event -> event.path("what").stringValue() + event.path("silenced")))
                .containsExactly("raisedtrue", "clearedtrue", "raisedfalse");
        assertThat(world.get(world.viewer, "/api/v1/silences")
                        .json()
                        .path("silences")
                        .path(0)
                        .path("now")
                        .booleanValue())
                .isTrue();
        assertThat(world.send("DELETE", world.stranger, "/api/v1/silences/" + silence, null)
                        .status())
                .isEqualTo(404);
        assertThat(world.send("DELETE", world.operator, "/api/v1/silences/" + silence, null)
                        .status())
                .isEqualTo(204);

        world.publish(TenantId.MAIN, "kiln-2", "{\"heat\": 103}");
        RulesTest.await(() -> messages("alarm/103") == 1);
        assertThat(messages("alarm/102")).as("kept, and not sent").isZero();
        assertThat(history("?limit=2")).hasSize(2);
        assertThat(world.get(world.stranger, "/api/v1/alerts/history").json().path("events"))
                .isEmpty();

        assertThat(world.post(world.owner, "/api/v1/erasures", "{\"device\":\"kiln-1\"}")
                        .status())
                .isEqualTo(201);
        assertThat(history("")
                        .valueStream()
                        .filter(event -> event.path("payload").stringValue().isEmpty()))
                .hasSize(3);
    }

    @Test
    void mistakesInASilenceAreNamed() {
        for (String wrong : List.of(
                "{\"kind\":\"device\",\"what\":\"a\"}",
                "{\"kind\":\"device\",\"what\":\"a\",\"to\":\"-1h\"}",
                "{\"kind\":\"device\",\"what\":\"a\",\"to\":\"now\",\"length\":\"1h\"}",
                "{\"kind\":\"label\",\"what\":\"roof\",\"length\":\"1h\"}",
                "{\"kind\":\"world\",\"what\":\"roof\",\"length\":\"1h\"}")) {
            assertThat(world.post(world.operator, "/api/v1/silences", wrong).status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    @Test
    void columnThatHidesAPathOfTheAlertIsWarnedOf() {
        JsonNode checked = world.post(
                        world.viewer,
                        "/api/v1/rules/check",
                        "{\"sql\":\"SELECT v.x AS v FROM 'a' ALERT b WHEN v.x > 1\"}")
                .json();

        assertThat(checked.path("good").booleanValue()).isTrue();
        assertThat(checked.path("warnings").path(0).stringValue()).contains("give the column another name");
    }

    private static BufferedReader live() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(world.uri("/api/v1/alerts/live?rule=kiln"))
                .header("Authorization", "Bearer " + world.viewer)
                .build();
        BufferedReader live = new BufferedReader(new InputStreamReader(
                world.http
                        .send(request, HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8));
        assertThat(live.readLine()).as("the stream has begun").isNotNull();
        return live;
    }

    private static String next(BufferedReader live) throws IOException {
        String line = live.readLine();
        while (line != null && !line.contains("\"what\"")) {
            line = live.readLine();
        }
        return String.valueOf(line);
    }
}
