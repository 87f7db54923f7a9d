package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.gateway.DeviceRoute;
import tributary.gateway.DoorProblem;

/// The document, the documentation and the routes say the same.
class RouteTableTest {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final Set<String> TYPES =
            Set.of("string", "integer", "number", "boolean", "array", "object", "null");

    @TempDir
    static Path data;

    private static World world;
    private static JsonNode document;

    @BeforeAll
    static void start() {
        world = new World(data);
        document = world.get("", "/openapi.json").json();
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void theDocumentHasExactlyTheRoutesOfTheTableAndOfTheDoors() {
        Set<String> documented = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation ->
                                documented.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> served = new TreeSet<>();
        world.api.routes().forEach(route -> served.add(route.toString()));
        for (DeviceRoute route : DeviceRoute.values()) {
            assertThat(served.add(route.toString())).as(route.toString()).isTrue();
        }
        assertThat(documented).isEqualTo(served);
    }

    @Test
    void theDocumentIsWellFormedOpenApi31() {
        assertThat(document.path("openapi").asString("")).matches("3\\.1\\.\\d");
        assertThat(document.path("info").path("title").isString()).isTrue();
        assertThat(document.path("info").path("version").isString()).isTrue();
        Set<String> ids = new HashSet<>();
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> entry : path.getValue().properties()) {
                String name = entry.getKey() + " " + path.getKey();
                JsonNode operation = entry.getValue();
                assertThat(METHODS).as(name).contains(entry.getKey());
                assertThat(ids.add(operation.path("operationId").asString("")))
                        .as(name)
                        .isTrue();
                assertThat(operation.path("summary").asString("")).as(name).isNotBlank();
                parameters(name, path.getKey(), operation.path("parameters"));
                responses(name, operation.path("responses"));
            }
        }
        schemas(document);
    }

    private static void parameters(String name, String path, JsonNode parameters) {
        Set<String> places = Pattern.compile("\\{(\\w+)}")
                .matcher(path)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        Set<String> declared = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (JsonNode parameter : parameters) {
            String in = parameter.path("in").asString("");
            String key = parameter.path("name").asString("");
            assertThat(in).as(name).isIn("path", "query");
            assertThat(seen.add(in + key)).as(name + " " + key).isTrue();
            assertThat(parameter.path("schema").isObject()).as(name + " " + key).isTrue();
            if (in.equals("path")) {
                assertThat(parameter.path("required").booleanValue())
                        .as(name + " " + key)
                        .isTrue();
                declared.add(key);
            }
        }
        assertThat(declared).as(name).isEqualTo(places);
    }

    private static void responses(String name, JsonNode responses) {
        assertThat(responses.properties()).as(name).isNotEmpty();
        for (Map.Entry<String, JsonNode> response : responses.properties()) {
            assertThat(response.getKey()).as(name).matches("[1-5]\\d\\d|default");
            assertThat(response.getValue().path("description").asString(""))
                    .as(name)
                    .isNotBlank();
        }
        assertThat(responses.path("default").path("content").has(Problem.MEDIA_TYPE))
                .as(name)
                .isTrue();
    }

    /// Every reference leads somewhere, every type exists, every required field is a property.
    private static void schemas(JsonNode node) {
        JsonNode reference = node.path("$ref");
        if (reference.isString()) {
            assertThat(document.at(reference.stringValue().substring(1)).isObject())
                    .as(reference.stringValue())
                    .isTrue();
        }
        JsonNode type = node.path("type");
        boolean schema = node.has("properties") || node.has("maxLength") || node.has("items");
        if (schema) {
            assertThat(TYPES).contains(type.asString(""));
        }
        if (node.path("required").isArray()) {
            node.path("required")
                    .forEach(name -> assertThat(node.path("properties").has(name.stringValue()))
                            .as(name.stringValue())
                            .isTrue());
        }
        node.forEach(RouteTableTest::schemas);
    }

    @Test
    void everyProblemIsExplainedInTheDocsAndByItsOwnAddress() throws IOException {
        String page = Files.readString(root().resolve("docs/errors.md"));
        Matcher rows = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (\\d{3}) \\| ([^|]+) \\| ([^|]+) \\|$")
                .matcher(page);
        List<String> documented = new ArrayList<>();
        while (rows.find()) {
            documented.add(
                    rows.group(1) + " " + rows.group(2) + " " + rows.group(3).strip());
        }
        // Of the API and of the doors for devices; what both have is the same in both, or it is here twice.
        Set<String> coded = new TreeSet<>();
        for (ProblemCode code : ProblemCode.values()) {
            coded.add(code.slug() + " " + code.status() + " " + code.title());
        }
        for (DoorProblem code : DoorProblem.values()) {
            coded.add(code.slug() + " " + code.status() + " " + code.title());
        }
        assertThat(documented).containsExactlyInAnyOrderElementsOf(coded);
        for (String row : documented) {
            String slug = row.substring(0, row.indexOf(' '));
            JsonNode told = world.get("", "/problems/" + slug).json();
            assertThat(slug + " " + told.path("status").asInt() + " "
                            + told.path("title").asString(""))
                    .isEqualTo(row);
            assertThat(told.path("type").asString("")).isEqualTo("/problems/" + slug);
        }
        assertThat(world.get("", "/problems/none-such").status()).isEqualTo(404);
    }

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/layout.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
