package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.broker.BrokerSettings;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;

/// Links that show a dashboard without an account, and nothing else.
class SharesTest {
    private static final String HALL = """
            title: The hall
            variables:
              - {name: pump, kind: device, type: pump, value: a}
            widgets:
              - {kind: value, x: 0, y: 0, w: 3, h: 2, device: $pump, sensors: [t]}
              - {kind: table, x: 3, y: 0, w: 3, h: 2, device: $pump}
              - {kind: map, x: 6, y: 0, w: 3, h: 2, device: $pump}
              - {kind: alarms, x: 9, y: 0, w: 3, h: 2, device: $pump}
              - {kind: text, x: 0, y: 2, w: 3, h: 2, text: "hello"}
              - {kind: chart, x: 0, y: 4, w: 3, h: 2, device: $pump, sensors: [never]}
            """;

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        start(data, InstantSource.system());
    }

    private void start(Path folder, InstantSource clock) {
        world = new World(folder, ApiSettings.DEFAULTS, BrokerSettings.DEFAULTS, clock);
        for (String id : List.of("a", "b")) {
            world.device(TenantId.MAIN, id);
            world.publish(TenantId.MAIN, id, "{\"t\":" + (id.equals("a") ? 1 : 2) + ",\"secret\":7}");
        }
        world.registry
                .devices()
                .replace(new Device(
                        TenantId.MAIN,
                        new DeviceId("a"),
                        null,
                        "pump",
                        Map.of(),
                        "{\"latitude\":52.5,\"longitude\":13.4,\"owner\":\"ann\",\"gps\":{\"lat\":1,\"key\":\"x\"}}",
                        Instant.EPOCH));
        ObjectNode body = Json.object().put("yaml", HALL);
        assertThat(world.send("PUT", world.owner, "/api/v1/dashboards/hall", Json.text(body))
                        .status())
                .isEqualTo(200);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private JsonNode make(String body) {
        World.Reply reply = world.post(world.owner, "/api/v1/dashboards/hall/shares", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return reply.json();
    }

    private static String secret(JsonNode made) {
        String link = made.path("link").asString();
        assertThat(link).startsWith("/shared#trl_");
        return link.substring(link.indexOf('#') + 1);
    }

    private JsonNode widget(String secret, int index) {
        World.Reply reply = world.get(secret, "/api/v1/shared/widgets/" + index);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    @Test
    void linkShowsWhatTheDashboardShowsWithItsVariables() {
        String a = secret(make("{\"validFor\":\"1h\"}"));
        String b = secret(make("{\"validFor\":\"1h\",\"values\":{\"pump\":\"b\"},\"range\":\"6h\"}"));

        JsonNode shown = world.get(b, "/api/v1/shared").json();
        assertThat(shown.path("dashboard").path("title").asString()).isEqualTo("The hall");
        assertThat(shown.path("range").asString()).isEqualTo("6h");
        assertThat(shown.path("values").path("pump").asString()).isEqualTo("b");
        assertThat(world.get(a, "/api/v1/shared").json().path("range").asString())
                .isEqualTo("1h");

        assertThat(widget(a, 0).toString()).contains("\"device\":\"a\"").doesNotContain("secret");
        assertThat(widget(b, 0).toString()).contains("\"device\":\"b\"").doesNotContain("\"a\"");
        assertThat(widget(a, 1).path("devices")).hasSize(1);
        assertThat(widget(a, 3).path("alerts")).isEmpty();
        assertThat(widget(a, 5).path("rows")).isEmpty();
    }

    @Test
    void mapShowsWhereADeviceIsAndNothingElseOfItsMetadata() {
        JsonNode map = widget(secret(make("{\"validFor\":\"1h\"}")), 2);
        assertThat(map.path("places").path(0).path("metadata").path("latitude").doubleValue())
                .isEqualTo(52.5);
        assertThat(map.path("places").path(0).path("health").path("state").asString())
                .isNotEmpty();
        assertThat(map.toString())
                .doesNotContain("ann")
                .doesNotContain("key")
                .doesNotContain("\"t\"")
                .doesNotContain("secret");
    }

    @Test
    void linkOpensNothingElse() {
        String secret = secret(make("{\"validFor\":\"1h\"}"));
        for (String path : List.of(
                "/api/v1/devices",
                "/api/v1/devices/a",
                "/api/v1/latest?device=a",
                "/api/v1/live",
                "/api/v1/live/shared?want=alerts",
                "/api/v1/sql?q=SELECT%201",
                "/api/v1/series?series=a:t",
                "/api/v1/dashboards/hall",
                "/api/v1/session")) {
            assertThat(world.get(secret, path).status()).as(path).isEqualTo(401);
        }
        for (String index : List.of("6", "-1", "x", "999", "1e0")) {
            assertThat(world.get(secret, "/api/v1/shared/widgets/" + index).status())
                    .as(index)
                    .isEqualTo(404);
        }
        assertThat(world.get(secret, "/api/v1/shared/widgets/0?device=b").status())
                .isEqualTo(400);
        assertThat(world.get(world.owner, "/api/v1/shared").status()).isEqualTo(403);
    }

    @Test
    void revokedLinkAndThatOfARemovedDashboardShowNothing() {
        JsonNode made = make("{\"validFor\":\"1h\"}");
        String revoked = secret(made);
        String orphan = secret(make("{\"validFor\":\"1h\"}"));
        JsonNode list = world.get(world.owner, "/api/v1/dashboards/hall/shares").json();
        assertThat(list.path("shares")).hasSize(2);
        assertThat(list.toString()).doesNotContain(revoked);

        String id = made.path("share").path("id").asString();
        assertThat(world.send("DELETE", world.stranger, "/api/v1/dashboards/hall/shares/" + id, null)
                        .status())
                .isEqualTo(404);
        assertThat(world.get(revoked, "/api/v1/shared").status()).isEqualTo(200);
        assertThat(world.send("DELETE", world.owner, "/api/v1/dashboards/hall/shares/" + id, null)
                        .status())
                .isEqualTo(204);
        World.Reply after = world.get(revoked, "/api/v1/shared");
        assertThat(after.status()).isEqualTo(401);
        assertThat(after.detail()).contains("revoked");

        assertThat(world.send("DELETE", world.owner, "/api/v1/dashboards/hall", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(orphan, "/api/v1/shared").status()).isEqualTo(401);
    }

    @Test
    void cookieOfALinkWorksForTheLinkAloneAndIsOutOfReachOfScripts() {
        String secret = secret(make("{\"validFor\":\"1h\"}"));
        World.Reply opened = world.post(secret, "/api/v1/shared/session", "");
        assertThat(opened.status()).isEqualTo(204);
        String cookie = opened.header("Set-Cookie");
        assertThat(cookie)
                .contains("HttpOnly")
                .contains("SameSite=Strict")
                .contains("Path=/api/v1/shared;")
                .contains("Max-Age=3");
        String pair = cookie.substring(0, cookie.indexOf(';'));
        assertThat(withCookie("/api/v1/shared", pair)).isEqualTo(200);
        assertThat(withCookie("/api/v1/devices", pair)).isEqualTo(401);
        assertThat(withCookie("/api/v1/shared", pair.replace("share", "session")))
                .isEqualTo(401);
    }

    private int withCookie(String path, String cookie) {
        HttpResponse<byte[]> reply = world.send(
                HttpRequest.newBuilder(world.uri(path)).header("Cookie", cookie).build());
        return reply.statusCode();
    }

    @Test
    void onlyOwnersMakeLinksAndMistakesAreNamed() {
        assertThat(world.post(world.operator, "/api/v1/dashboards/hall/shares", "{\"validFor\":\"1h\"}")
                        .status())
                .isEqualTo(403);
        assertThat(world.post(world.stranger, "/api/v1/dashboards/hall/shares", "{\"validFor\":\"1h\"}")
                        .status())
                .isEqualTo(404);
        for (String wrong : List.of(
                "{\"validFor\":\"0s\"}",
                "{\"validFor\":\"367d\"}",
                "{\"validFor\":\"soon\"}",
                "{\"validFor\":\"1h\",\"range\":\"2h\"}",
                "{\"validFor\":\"1h\",\"values\":{\"other\":\"a\"}}",
                "{\"validFor\":\"1h\",\"values\":{\"pump\":\"nobody\"}}")) {
            assertThat(world.post(world.owner, "/api/v1/dashboards/hall/shares", wrong)
                            .status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    @Test
    void linkThatIsAskedTooOftenIsToldSoAndOthersAreNot(@TempDir Path folder) {
        world.close();
        start(folder, InstantSource.fixed(Instant.now()));
        String busy = secret(make("{\"validFor\":\"1h\"}"));
        String other = secret(make("{\"validFor\":\"1h\"}"));
        for (int i = 0; i < ShareLimit.BURST; i++) {
            assertThat(world.get(busy, "/api/v1/shared/widgets/4").status()).isEqualTo(200);
        }
        assertThat(world.get(busy, "/api/v1/shared/widgets/4").status()).isEqualTo(429);
        assertThat(world.get(other, "/api/v1/shared").status()).isEqualTo(200);
    }
}
