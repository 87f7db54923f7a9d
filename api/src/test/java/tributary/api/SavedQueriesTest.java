package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.query.QueryEngine;
import tributary.query.Statement;
import tributary.registry.Principal;

/// Around SQL over HTTP: saved queries, parameters, what runs, what may be named.
class SavedQueriesTest {
    @TempDir
    static Path data;

    private static World world;
    private static String operator;

    @BeforeAll
    static void start() {
        world = new World(data);
        operator = world.owner;
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    private static Statement asked() {
        return world.query.statementsAsked.getLast();
    }

    @Test
    void parametersReachTheEngineAsWhatTheyAre() {
        world.post(
                world.viewer,
                "/api/v1/sql",
                "{\"sql\":\"1\",\"id\":\"mine\",\"parameters\":{\"a\":\"x\",\"b\":2,\"c\":2.5,\"d\":true,\"e\":null}}");
        assertThat(asked().id()).isEqualTo("mine");
        assertThat(asked().parameters())
                .containsEntry("a", "x")
                .containsEntry("b", 2L)
                .containsEntry("c", 2.5)
                .containsEntry("d", true)
                .containsEntry("e", Statement.Nothing.NULL);
        world.get(world.viewer, "/api/v1/sql?q=1&p=a=x%3Dy&p=b=");
        assertThat(asked().parameters()).isEqualTo(Map.of("a", "x=y", "b", ""));
        assertThat(world.get(world.viewer, "/api/v1/sql?q=1&p=a").status()).isEqualTo(400);
        World.Reply list = world.post(world.viewer, "/api/v1/sql", "{\"sql\":\"1\",\"parameters\":{\"a\":[1]}}");
        assertThat(list.status()).isEqualTo(400);
        assertThat(list.detail()).contains("/parameters/a");
    }

    @Test
    void savedQueryIsKeptChangedRunAndRemoved() {
        String body =
                "{\"name\":\"top\",\"sql\":\"2 :n :m\",\"description\":\"d\",\"parameters\":{\"n\":1,\"m\":\"x\"}}";
        World.Reply saved = world.post(operator, "/api/v1/sql/saved", body);
        assertThat(saved.status()).isEqualTo(201);
        assertThat(saved.json().path("names").toString()).isEqualTo("[\"n\",\"m\"]");
        assertThat(world.post(operator, "/api/v1/sql/saved", body).status()).isEqualTo(409);
        assertThat(world.post(world.viewer, "/api/v1/sql/saved", body).status()).isEqualTo(403);
        assertThat(world.get(world.viewer, "/api/v1/sql/saved")
                        .json()
                        .path("queries")
                        .toString())
                .contains("\"top\"");

        World.Reply rows = world.post(world.viewer, "/api/v1/sql/saved/top/rows", "{\"parameters\":{\"n\":5}}");
        assertThat(rows.json().path("rowCount").intValue()).isEqualTo(2);
        assertThat(asked().parameters()).isEqualTo(Map.of("n", 5L, "m", "x"));
        world.get(world.viewer, "/api/v1/sql/saved/top/rows?p=m=y&format=csv");
        assertThat(asked().parameters()).isEqualTo(Map.of("n", 1L, "m", "y"));

        World.Reply changed = world.send("PATCH", operator, "/api/v1/sql/saved/top", "{\"sql\":\"1 :m\"}");
        assertThat(changed.json().path("description").asString("")).isEqualTo("d");
        world.get(world.viewer, "/api/v1/sql/saved/top/rows");
        assertThat(asked().parameters())
                .as("a default that no longer stands in it")
                .isEqualTo(Map.of("m", "x"));
        assertThat(world.send("DELETE", operator, "/api/v1/sql/saved/top", null).status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/sql/saved/top/rows").status())
                .isEqualTo(404);
    }

    @Test
    void savedQueryOfAnotherTenantIsNotThere() {
        world.post(operator, "/api/v1/sql/saved", "{\"name\":\"secret\",\"sql\":\"1\"}");
        String other = world.key(World.OTHER, Principal.Role.OWNER);
        for (String path : new String[] {"/api/v1/sql/saved/secret", "/api/v1/sql/saved/secret/rows"}) {
            assertThat(world.get(other, path).status()).isEqualTo(404);
        }
        assertThat(world.get(other, "/api/v1/sql/saved").text()).doesNotContain("secret");
        assertThat(world.send("DELETE", other, "/api/v1/sql/saved/secret", null).status())
                .isEqualTo(404);
    }

    @Test
    void whatRunsIsListedAndCancelled() {
        world.query.running.add(
                new QueryEngine.Running("q-1", "SELECT 1", Instant.parse("2026-01-01T00:00:00Z"), 12.34, 5));
        world.query.running.add(
                new QueryEngine.Running("q-2", "SELECT 2", Instant.parse("2026-01-01T00:00:01Z"), -1, 0));

        JsonNode queries = world.get(world.viewer, "/api/v1/sql/running").json().path("queries");

        assertThat(queries.path(0).toString())
                .isEqualTo("{\"id\":\"q-1\",\"sql\":\"SELECT 1\",\"since\":\"2026-01-01T00:00:00Z\",\"percent\":12.3,"
                        + "\"rows\":5}");
        assertThat(queries.path(1).has("percent")).isFalse();
        assertThat(world.send("DELETE", world.viewer, "/api/v1/sql/running/q-1", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.query.cancelled).contains("q-1");
        assertThat(world.send("DELETE", world.viewer, "/api/v1/sql/running/gone", null)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void schemaHasTablesViewsColumnsWithSamplesAndFunctions() {
        JsonNode schema = world.get(world.viewer, "/api/v1/sql/schema").json();
        assertThat(schema.path("tables").path(0).toString())
                .isEqualTo("{\"name\":\"readings\",\"kind\":\"table\",\"columns\":[{\"name\":\"n\",\"type\":\"BIGINT\","
                        + "\"samples\":[0]}]}");
        JsonNode view = schema.path("tables").path(2);
        assertThat(view.path("name").asString("")).isEqualTo("pump");
        assertThat(view.path("types").toString()).isEqualTo("[\"pump\"]");
        assertThat(view.path("columns").path(2).path("type").asString("")).isEqualTo("DOUBLE");
        assertThat(schema.path("functions").toString()).isEqualTo("[\"avg\"]");
    }

    /// Rows of slots come when all of their readings were looked at: a few slots of one device are, and not all
    /// there are.
    @Test
    void samplesOfSlotsAreTheLastOnesOfOneDevice() {
        world.get(world.viewer, "/api/v1/sql/schema");
        assertThat(world.query.statementsAsked)
                .filteredOn(statement -> statement.text().contains("readings_1h"))
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement.text())
                        .matches("SELECT \\* FROM readings_1h WHERE device = '[^']*'"
                                + " AND ts > make_timestamp\\(-?\\d+\\) LIMIT 3"));
    }

    @Test
    void errorShowsItsPlaceItsLineAndWhatWasMeant() {
        World.Reply reply = world.post(world.viewer, "/api/v1/sql", "{\"sql\":\"misspelled\\n  FROM pmup\"}");
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("position").toString())
                .isEqualTo("{\"line\":2,\"column\":8,\"excerpt\":\"  FROM pmup\"}");
        assertThat(reply.json().path("suggestion").asString("")).isEqualTo("pump");
    }
}
