package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.registry.Principal;

/// Dashboards over HTTP: as JSON, as YAML, in versions.
class DashboardsTest {
    private static final String HALL = """
            # kept beside the code
            title: The hall
            range: 24h
            variables:
              - {name: pump, kind: device, type: pump}
            widgets:
              - {kind: chart, x: 0, y: 0, w: 6, h: 4, device: $pump, sensors: [temperature]}
              - {kind: text, x: 6, y: 0, w: 6, h: 4, text: "<script>alert(1)</script>"}
            """;

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

    private static World.Reply put(String name, String yaml, int version) {
        ObjectNode body = Json.object().put("yaml", yaml).put("version", version);
        return world.send("PUT", world.owner, "/api/v1/dashboards/" + name, Json.text(body));
    }

    @Test
    void fileComesBackAsItWasWrittenWithItsComments() {
        assertThat(put("hall", HALL, 0).status()).isEqualTo(200);

        World.Reply file = world.get(world.viewer, "/api/v1/dashboards/hall/yaml");
        assertThat(file.text()).isEqualTo(HALL);
        JsonNode kept = world.get(world.viewer, "/api/v1/dashboards/hall").json();
        assertThat(kept.path("dashboard").path("widgets").path(1).path("text").stringValue())
                .isEqualTo("<script>alert(1)</script>");
        assertThat(world.get(world.viewer, "/api/v1/dashboards").json().toString())
                .contains("The hall");
    }

    @Test
    void jsonBecomesYamlThatReadsAsTheSame() {
        ObjectNode dashboard = Json.object().put("title", "a: b # \"c\" '\u202e\uD83D\uDE80\n- x");
        dashboard
                .putArray("widgets")
                .addObject()
                .put("kind", "text")
                .put("x", 0)
                .put("y", 0)
                .put("w", 12)
                .put("h", 2)
                .put("text", "no: yes\n!!java/object:x {}\n*a &b");
        ObjectNode body = Json.object();
        body.set("dashboard", dashboard);
        World.Reply kept = world.send("PUT", world.owner, "/api/v1/dashboards/odd", Json.text(body));

        assertThat(kept.status()).isEqualTo(200);
        assertThat(kept.json().path("dashboard")).isEqualTo(dashboard);
    }

    @Test
    void changeOfAnOldVersionIsRefusedAndOldVersionsCanBeRead() {
        put("v", HALL, 0);
        assertThat(put("v", HALL.replace("24h", "1h"), 1).json().path("version").intValue())
                .isEqualTo(2);

        assertThat(put("v", HALL.replace("24h", "7d"), 1).status()).isEqualTo(409);

        JsonNode versions =
                world.get(world.viewer, "/api/v1/dashboards/v/versions").json();
        assertThat(versions.path("versions")).hasSize(2);
        assertThat(world.get(world.viewer, "/api/v1/dashboards/v/yaml?version=1")
                        .text())
                .contains("24h");
        assertThat(world.get(world.viewer, "/api/v1/dashboards/v?version=9").status())
                .isEqualTo(404);
    }

    @Test
    void mistakesAreNamedWithTheirPlace() {
        assertThat(put("m", HALL.replace("kind: chart", "kind: chrt"), 0).detail())
                .contains("/yaml/widgets/0/kind")
                .contains("chart");
        assertThat(put("m", HALL.replace("$pump", "$hall"), 0).detail()).contains("no variable 'hall'");
        assertThat(put("m", "title: [", 0).detail()).contains("not YAML");
        assertThat(put("m", "just words", 0).status()).isEqualTo(400);
        assertThat(put("m", "title: x\ntenantId: other\nwidgets: []", 0).detail())
                .contains("tenantId");
        assertThat(put("..%2fm", HALL, 0).status()).isIn(400, 404);
        put("both", HALL, 0);
        assertThat(world.send("PUT", world.owner, "/api/v1/dashboards/both", "{}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void filesThatGrowWhenTheyAreReadAreRefused() {
        String bomb = "title: x\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nwidgets: [*b,*b,*b,*b]";
        assertThat(put("bomb", bomb, 0).detail()).contains("aliases");
        assertThat(put("deep", "title: x\nwidgets: " + "[".repeat(50_000), 0).status())
                .isEqualTo(400);
        assertThat(put("tag", "title: !!java.lang.ProcessBuilder [ls]\nwidgets: []", 0)
                        .status())
                .isEqualTo(400);
        assertThat(put("long", "title: x\nwidgets: []\n#" + "x".repeat(140_000), 0)
                        .status())
                .isEqualTo(400);
        assertThat(world.get(world.viewer, "/api/v1/dashboards").json().toString())
                .doesNotContain("bomb");
    }

    @Test
    void tenantsDoNotSeeEachOthersDashboards() {
        put("ours", HALL, 0);
        String stranger = world.key(World.OTHER, Principal.Role.OWNER);

        assertThat(world.get(stranger, "/api/v1/dashboards/ours").status()).isEqualTo(404);
        assertThat(world.get(stranger, "/api/v1/dashboards").json().path("dashboards"))
                .isEmpty();
        assertThat(world.send("DELETE", stranger, "/api/v1/dashboards/ours", null)
                        .status())
                .isEqualTo(404);
        assertThat(world.send("PUT", world.viewer, "/api/v1/dashboards/ours", "{\"yaml\":\"x\"}")
                        .status())
                .isEqualTo(403);
        assertThat(world.send("DELETE", world.owner, "/api/v1/dashboards/ours", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/dashboards/ours").status()).isEqualTo(404);
    }
}
