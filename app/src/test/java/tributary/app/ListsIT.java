package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tributary.app.cli.CommandRun;
import tributary.app.cli.ListedFields;
import tributary.app.load.CsvRecords;

/// What scripts read of the command line: names, and documents; and what a person reads.
class ListsIT {
    private static final String RULE = "SELECT temperature FROM 'devices/+/telemetry' WHERE temperature > 80";

    @TempDir
    private static Path folder;

    private static String data;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        data = folder.resolve("data").toString();
        server = ServerProcess.start(Path.of(data));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void namesAloneAndADocumentALine() throws Exception {
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.writeString(files.resolve("hot.yaml"), "rules:\n  hot:\n    sql: \"" + RULE + "\"\n");
        JsonNode planned = Rest.JSON.readTree(out(7, "diff", "-f", files.toString(), "--json"));
        assertThat(planned.path("do").asString()).isEqualTo("add");
        assertThat(planned.path("what").asString()).isEqualTo("rule hot");
        assertThat(out(0, "apply", "-f", files.toString(), "--json", "--dry-run")
                        .strip())
                .isEqualTo(planned.toString());
        assertThat(Rest.of(server).call("GET", "/api/v1/rules/hot", null).status())
                .isEqualTo(404);
        assertThat(out(0, "apply", "-f", files.toString(), "--json").strip()).isEqualTo(planned.toString());
        Rest.of(server).good("PUT", "/api/v1/rules/cold", Map.of("sql", RULE.replace("> 80", "< 2")));

        assertThat(out(0, "rule", "ls", "-q").lines()).containsExactlyInAnyOrder("hot", "cold");
        assertThat(out(0, "rule", "ls")).contains("NAME", "STATE", "hot", "cold");
        assertThat(out(0, "rule", "ls", "--json").lines())
                .hasSize(2)
                .allMatch(line -> Rest.JSON.readTree(line).path("name").isString());
        for (String what : List.of("sink", "ca")) {
            assertThat(out(0, what, "ls", "-q")).as(what).isEmpty();
        }
    }

    @Test
    void onlyTheFieldsThatWereAskedFor() throws Exception {
        Rest.of(server).device("asked-1");

        assertThat(out(0, "device", "ls", "asked", "--json=type,id").strip())
                .isEqualTo("{\"id\":\"asked-1\",\"type\":\"\"}");
        JsonNode whole = Rest.JSON.readTree(out(0, "device", "ls", "--json", "asked"));
        assertThat(whole.propertyNames())
                .containsExactlyInAnyOrderElementsOf(ListedFields.all().get("tributary device ls"));
        CommandRun unknown = CommandRun.of("device", "ls", "--json=id,lables", "--data", data);
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err())
                .contains("there is no field 'lables'; did you mean labels?", "there are: id, parent, type, labels");
        assertThat(CommandRun.of("device", "ls", "--json=id", "-o", "csv", "--data", data)
                        .exit())
                .isEqualTo(2);
    }

    @Test
    void csvAndYamlSayTheSameAsJson() throws Exception {
        Rest.of(server)
                .good(
                        "POST",
                        "/api/v1/devices",
                        Map.of(
                                "id",
                                "odd-1",
                                "type",
                                "a, \"b\"",
                                "labels",
                                Map.of("no", "yes"),
                                "metadata",
                                Map.of("text", "two\nlines: # no comment", "number", 12, "digits", "12")));
        JsonNode device = Rest.JSON.readTree(out(0, "device", "ls", "odd-1", "--json"));

        List<String> fields = ListedFields.all().get("tributary device ls");
        CsvRecords csv = new CsvRecords(new StringReader(out(0, "device", "ls", "odd-1", "-o", "csv")), ',');
        assertThat(csv.next()).isEqualTo(fields);
        List<String> row = csv.next();
        assertThat(row).hasSameSizeAs(fields).startsWith("odd-1", "", "a, \"b\"", "{\"no\":\"yes\"}");
        assertThat(Rest.JSON.readTree(row.get(fields.indexOf("metadata")))).isEqualTo(device.path("metadata"));
        assertThat(csv.next()).isNull();

        Object yaml =
                new Load(LoadSettings.builder().build()).loadFromString(out(0, "device", "ls", "odd-1", "-o", "yaml"));
        assertThat(Rest.JSON.<JsonNode>valueToTree(yaml))
                .isEqualTo(Rest.JSON.createArrayNode().add(device));

        assertThat(out(0, "device", "ls", "none-such", "-o", "csv").strip()).isEqualTo(String.join(",", fields));
        assertThat(out(0, "device", "ls", "none-such", "-o", "yaml").strip()).isEqualTo("[]");
        assertThat(out(0, "device", "ls", "none-such", "-o", "json")).isEmpty();
    }

    /// The line of curl that `-v` prints says what a list asks; the server's own document, what it answers.
    @Test
    void theFieldsOfEveryListAreThoseOfTheServersDocument() throws Exception {
        JsonNode openApi = Rest.of(server).good("GET", "/openapi.json", null);
        for (Map.Entry<String, List<String>> list : ListedFields.all().entrySet()) {
            List<String> words = new ArrayList<>(List.of(list.getKey().split(" ")));
            words.removeFirst();
            words.addAll(list.getKey().endsWith("dead ls") ? List.of("some") : List.of());
            words.addAll(List.of("--json", "-v", "--data", data));
            CommandRun run = CommandRun.of(words.toArray(String[]::new));
            Matcher asked = Pattern.compile("(/api/v1/[a-z0-9/-]+)").matcher(run.err());
            assertThat(asked.find()).as(run.err()).isTrue();

            Set<String> answered = fields(openApi, asked.group(1).replace("/some/", "/{sink}/"));
            answered.remove("link"); // of a tenant, only when it is made
            assertThat(list.getValue()).as(list.getKey()).containsExactlyInAnyOrderElementsOf(answered);
        }
    }

    private static Set<String> fields(JsonNode openApi, String path) {
        JsonNode answer = openApi.path("paths")
                .path(path)
                .path("get")
                .path("responses")
                .path("200")
                .path("content")
                .path("application/json")
                .path("schema");
        Set<String> found = new TreeSet<>();
        for (JsonNode field : named(openApi, answer).path("properties")) {
            found.addAll(named(openApi, field.path("items")).path("properties").propertyNames());
        }
        assertThat(found).as(path + " " + answer).isNotEmpty();
        return found;
    }

    private static JsonNode named(JsonNode openApi, JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.isEmpty() ? schema : openApi.at(reference.substring(1));
    }

    /// `script` gives it a terminal, at which a person would sit.
    @Test
    void aPersonReadsHowLongAgoAProgramWhen() throws Exception {
        Rest rest = Rest.of(server);
        rest.device("pump-1");
        rest.good("POST", "/api/v1/devices/pump-1/telemetry", "{\"temp\": 3}");
        Await.until(
                "the value is there",
                Duration.ofSeconds(60),
                () -> !rest.good("GET", "/api/v1/devices/pump-1/latest", null)
                        .path("values")
                        .isEmpty());

        assertThat(out(0, "device", "ls")).containsPattern("pump-1 .* \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*Z");
        assertThat(onTerminal("device", "ls")).containsPattern("pump-1 .* (now|\\d+ (s|min) ago) ");

        assertThat(out(0, "device", "show", "pump-1"))
                .containsPattern("createdAt  \\d{4}-\\d\\d-\\d\\dT")
                .containsPattern("temp +3.* \\d{4}-\\d\\d-\\d\\dT");
        assertThat(onTerminal("device", "show", "pump-1"))
                .containsPattern("createdAt  (now|\\d+ (s|min) ago)")
                .containsPattern("temp +3.* (now|\\d+ (s|min) ago)");
    }

    private static String onTerminal(String... arguments) throws IOException, InterruptedException {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--data";
        all[arguments.length + 1] = data;
        return ServerProcess.runUnder(List.of("sh", "-c", "script -qec \"set -f; $*\" /dev/null", "sh"), all)
                .out();
    }

    private static String out(int exit, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--data";
        all[arguments.length + 1] = data;
        CommandRun run = CommandRun.of(all);
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        return run.out();
    }
}
