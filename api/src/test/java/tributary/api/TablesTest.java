package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.TenantId;

/// Tables over HTTP, and rules at work that look into them.
class TablesTest {
    private static final String JOINED =
            "SELECT v, s.city AS city FROM 'place' AS e LEFT JOIN TABLE sites AS s ON s.id = e.site";

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

    private static World.Reply put(String key, String name, String rows) {
        return world.send("PUT", key, "/api/v1/tables/" + name, "{\"rows\":" + rows + "}");
    }

    private static void publish(int value, String site) {
        String payload = "{\"v\":" + value + ",\"site\":\"" + site + "\"}";
        world.publish(TenantId.MAIN, null, "place", payload.getBytes(StandardCharsets.UTF_8));
    }

    private static void says(String... payloads) {
        RulesTest.await(() -> {
            JsonNode said =
                    world.get(world.viewer, "/api/v1/rules/places/log").json().path("said");
            return said.valueStream()
                    .map(one -> one.path("payload").stringValue())
                    .toList()
                    .reversed()
                    .equals(List.of(payloads));
        });
    }

    @Test
    void ruleLooksIntoATableAsItIsNowAndKeepsItFromBeingRemoved() {
        World.Reply early = world.send(
                "PUT",
                world.operator,
                "/api/v1/rules/places",
                Json.object().put("sql", JOINED).put("state", "on").toString());
        assertThat(early.status()).isEqualTo(400);
        assertThat(early.text()).contains("there is no table 'sites'");
        World.Reply saved = put(world.operator, "sites", "[{\"id\":\"s1\",\"city\":\"Pécs\"}]");
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.json().path("rowCount").intValue()).isEqualTo(1);
        World.Reply rule = world.send(
                "PUT",
                world.operator,
                "/api/v1/rules/places",
                Json.object().put("sql", JOINED).put("state", "on").toString());
        assertThat(rule.status()).as(rule.text()).isEqualTo(200);

        publish(1, "s1");
        publish(2, "s2");
        says("{\"v\":1,\"city\":\"Pécs\"}", "{\"v\":2}");
        put(world.operator, "sites", "[{\"id\":\"s1\",\"city\":\"Győr\"},{\"id\":\"s2\",\"city\":\"Eger\"}]");
        publish(3, "s1");
        publish(4, "s2");
        says("{\"v\":1,\"city\":\"Pécs\"}", "{\"v\":2}", "{\"v\":3,\"city\":\"Győr\"}", "{\"v\":4,\"city\":\"Eger\"}");

        World.Reply used = world.send("DELETE", world.operator, "/api/v1/tables/sites", null);
        assertThat(used.status()).isEqualTo(409);
        assertThat(used.text()).contains("places");
        JsonNode report = world.post(
                        world.operator,
                        "/api/v1/rules/test",
                        Json.object().put("sql", JOINED).toString())
                .json();
        assertThat(report.path("saidCount").intValue()).isEqualTo(4);
        assertThat(report.path("said").toString()).contains("Eger");
        world.send("DELETE", world.operator, "/api/v1/rules/places", null);
        assertThat(world.send("DELETE", world.operator, "/api/v1/tables/sites", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/tables/sites").status()).isEqualTo(404);
    }

    @Test
    void lookupFindsRowsAndKeepsItsTableToo() {
        String rule = Json.object()
                .put("sql", "SELECT v, lookup('halls', site).city AS city FROM 'hall'")
                .put("state", "on")
                .toString();
        World.Reply early = world.send("PUT", world.operator, "/api/v1/rules/halls", rule);
        assertThat(early.status()).isEqualTo(400);
        assertThat(early.text()).contains("there is no table 'halls'");
        put(world.operator, "halls", "[{\"id\":\"h1\",\"city\":\"Vác\"}]");
        assertThat(world.send("PUT", world.operator, "/api/v1/rules/halls", rule)
                        .status())
                .isEqualTo(200);

        world.publish(TenantId.MAIN, null, "hall", "{\"v\":9,\"site\":\"h1\"}".getBytes(StandardCharsets.UTF_8));

        RulesTest.await(() -> world.get(world.viewer, "/api/v1/rules/halls/log")
                .json()
                .path("said")
                .toString()
                .contains("{\\\"v\\\":9,\\\"city\\\":\\\"Vác\\\"}"));
        assertThat(world.send("DELETE", world.operator, "/api/v1/tables/halls", null)
                        .status())
                .isEqualTo(409);
        world.send("DELETE", world.operator, "/api/v1/rules/halls", null);
        assertThat(world.send("DELETE", world.operator, "/api/v1/tables/halls", null)
                        .status())
                .isEqualTo(204);
    }

    @Test
    void tablesAreListedShownAndOfOneTenant() {
        put(world.operator, "colours", "[{\"n\":1,\"of\":{\"a\":[true,null]}}]");

        assertThat(world.get(world.viewer, "/api/v1/tables/colours")
                        .json()
                        .path("rows")
                        .toString())
                .isEqualTo("[{\"n\":1,\"of\":{\"a\":[true,null]}}]");
        assertThat(world.get(world.viewer, "/api/v1/tables").text()).contains("\"colours\"");
        assertThat(world.get(world.stranger, "/api/v1/tables").json().path("tables"))
                .isEmpty();
        assertThat(world.get(world.stranger, "/api/v1/tables/colours").status()).isEqualTo(404);
        assertThat(put(world.viewer, "colours", "[]").status()).isEqualTo(403);
        World.Reply bad = put(world.operator, "Colours", "[]");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.text()).contains("small letters");
        assertThat(put(world.operator, "colours", "[1]").status()).isEqualTo(400);
    }
}
