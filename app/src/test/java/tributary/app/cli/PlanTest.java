package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class PlanTest {
    private static final Plan.Choice USUAL = new Plan.Choice(false, false);
    private static final String FILE = """
            rules:
              hot:
                sql: |
                  SELECT temp FROM 'env/+' WHERE temp > 30
                state: on
                actions:
                  - topic: alerts/${device_id()}
                  - sink: hook
            sinks:
              hook:
                type: webhook
                config:
                  url: https://example.com/in
                  batch-count: 5
                secrets:
                  token: "@%s"
            """;

    @TempDir
    Path folder;

    private Manifest manifest(String text) throws IOException {
        Files.createDirectories(folder.resolve("files"));
        Files.writeString(folder.resolve("token"), "s3cret\n");
        Files.writeString(
                folder.resolve("files/all.yaml"),
                text.replace("%s", folder.resolve("token").toString()));
        return Manifest.read(folder.resolve("files"));
    }

    private static JsonNode json(String text) {
        return ServerClient.JSON.readTree(text);
    }

    private static JsonNode rules(String sql, String state) {
        return json("""
                [{"name":"hot","version":1,"state":"%s","sql":"%s","sqlVersion":"tributary","zone":"UTC","description":"",
                "actions":[{"topic":"alerts/${device_id()}"},{"sink":"hook"}]}]""".formatted(state, sql));
    }

    private static JsonNode sinks(String count) {
        return json("""
                [{"name":"hook","type":"webhook","config":{"batch-count":%s,"url":"https://example.com/in"},
                "secrets":["token"],"state":"running"}]""".formatted(count));
    }

    private static Plan plan(Manifest manifest, JsonNode rules, JsonNode sinks, Plan.Choice choice) {
        return Plan.of(manifest, new Plan.Known(rules, json("[]"), sinks, json("[]")), choice);
    }

    private static List<String> lines(Plan plan) {
        return plan.steps().stream().map(Plan.Step::line).toList();
    }

    @Test
    void serverWithoutAnythingGetsSinksBeforeRules() throws IOException {
        Plan plan = plan(manifest(FILE), json("[]"), json("[]"), USUAL);

        assertThat(lines(plan)).containsExactly("+ sink hook", "+ rule hot");
        assertThat(plan.steps().getFirst().path()).isEqualTo("/api/v1/sinks/hook");
        assertThat(plan.steps().getFirst().body().path("secrets").path("token").asString())
                .isEqualTo("s3cret");
        assertThat(plan.steps().getLast().body().path("zone").asString()).isEqualTo("UTC");
    }

    @Test
    void serverThatHasItAllIsLeftAlone() throws IOException {
        Plan plan =
                plan(manifest(FILE), rules("SELECT temp FROM 'env/+' WHERE temp > 30", "on"), sinks("\"5\""), USUAL);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.strange()).isEmpty();
    }

    @Test
    void whatDiffersIsSaidAndASecretIsNeverShown() throws IOException {
        Plan plan = plan(
                manifest(FILE), rules("SELECT 1 FROM 'env/+'", "paused"), sinks("7"), new Plan.Choice(false, true));

        assertThat(lines(plan))
                .containsExactly(
                        "~ sink hook: secret token, config {\"batch-count\":7,\"url\":\"https://example.com/in\"} ->"
                                + " {\"url\":\"https://example.com/in\",\"batch-count\":5}",
                        "~ rule hot: sql, state \"paused\" -> \"on\"\n"
                                + "      - SELECT 1 FROM 'env/+'\n"
                                + "      + SELECT temp FROM 'env/+' WHERE temp > 30");
        assertThat(lines(plan)).noneMatch(line -> line.contains("s3cret"));
    }

    @Test
    void whatIsNotInTheFilesStaysUnlessAskedToGo() throws IOException {
        Manifest manifest = manifest("sinks:\n  other:\n    type: folder\n");
        JsonNode rules = rules("SELECT 1 FROM 'a'", "on");

        Plan kept = plan(manifest, rules, sinks("5"), USUAL);
        Plan pruned = plan(manifest, rules, sinks("5"), new Plan.Choice(true, false));

        assertThat(lines(kept)).containsExactly("+ sink other");
        assertThat(kept.strange()).containsExactly("rule hot", "sink hook");
        assertThat(lines(pruned)).containsExactly("+ sink other", "- rule hot", "- sink hook");
    }

    @Test
    void secretThatTheFileDoesNotHaveGoes() throws IOException {
        Plan plan = plan(
                manifest(
                        "sinks:\n  hook:\n    type: webhook\n    config: {url: 'https://example.com/in', batch-count: 5}\n"),
                json("[]"),
                sinks("5"),
                USUAL);

        assertThat(lines(plan)).containsExactly("~ sink hook: secret token goes");
    }

    @Test
    void functionsComeBeforeTheRulesThatCallThem() throws IOException {
        String text = "function twice(x) { return 2 * x; }";
        Manifest manifest = manifest("""
                rules:
                  hot: {sql: "SELECT twice(a) AS b FROM 'a'"}
                functions:
                  twice: {text: "%s"}
                """.formatted(text));
        JsonNode none = json("[]");

        Plan fresh = Plan.of(manifest, new Plan.Known(none, none, none, none), USUAL);
        Plan again = Plan.of(
                manifest,
                new Plan.Known(none, json("[{\"name\":\"twice\",\"text\":\"" + text + "\"}]"), none, none),
                USUAL);

        assertThat(lines(fresh)).containsExactly("+ function twice", "+ rule hot");
        assertThat(lines(again)).containsExactly("+ rule hot");
    }

    @Test
    void tablesComeBeforeTheRulesThatLookIntoThem() throws IOException {
        Files.createDirectories(folder.resolve("files"));
        Files.writeString(folder.resolve("files/halls.csv"), "id,floor\nh1,1\nh2,\n");
        Manifest manifest = manifest("""
                rules:
                  hot: {sql: "SELECT lookup('sites', a) AS b FROM 'a'"}
                tables:
                  sites: {rows: [{id: a, city: Pécs}, {id: b, city: Eger}]}
                  halls: {file: halls.csv, as-text: [floor]}
                """);
        JsonNode none = json("[]");

        Plan fresh = Plan.of(manifest, new Plan.Known(none, none, none, none), USUAL);
        Plan again = Plan.of(manifest, new Plan.Known(none, none, none, json("""
                        [{"name":"sites","rows":[{"id":"a","city":"Vác"},{"id":"b","city":"Eger"}]},
                         {"name":"halls","rows":[{"id":"h1","floor":"1"},{"id":"h2"}]},{"name":"old"}]""")), USUAL);

        assertThat(lines(fresh)).containsExactly("+ table halls", "+ table sites", "+ rule hot");
        assertThat(fresh.steps().getFirst().body().toString())
                .isEqualTo("{\"rows\":[{\"id\":\"h1\",\"floor\":\"1\"},{\"id\":\"h2\"}]}");
        assertThat(lines(again))
                .containsExactly(
                        "~ table sites: rows 2 -> 2\n"
                                + "      - {\"id\":\"a\",\"city\":\"Vác\"}\n"
                                + "      + {\"id\":\"a\",\"city\":\"Pécs\"}",
                        "+ rule hot");
        assertThat(again.strange()).containsExactly("table old");
    }

    @Test
    void onlyLinesThatDifferAreShown() {
        assertThat(LineDiff.of("a\nb\nc\nd\ne", "a\nc\nx\nd\ny\ne")).containsExactly("- b", "+ x", "+ y");
        assertThat(LineDiff.of("a\n", "a")).isEmpty();
        assertThat(LineDiff.of("", "a")).containsExactly("+ a");
        assertThat(LineDiff.of("x\n".repeat(3000) + "a", "y\n".repeat(3000) + "a"))
                .hasSize(6000);
    }

    @Test
    void mistakesOfAllFilesAreToldAtOnce() {
        assertThatThrownBy(() -> manifest("""
                rules:
                  a: {sq: "SELECT 1 FROM 'a'"}
                sinks:
                  b: {config: {}}
                alarms: {}
                """))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("rule a: there is no field 'sq'; did you mean sql?")
                .hasMessageContaining("rule a has no sql")
                .hasMessageContaining("sink b has no type")
                .hasMessageContaining("there is no 'alarms'");
    }

    @Test
    void secretInTheFileItselfIsRefused() throws IOException {
        Manifest manifest = manifest("sinks:\n  hook:\n    type: webhook\n    secrets: {token: abc}\n");

        assertThatThrownBy(() -> plan(manifest, json("[]"), json("[]"), USUAL))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("stands in the file itself");
    }
}
