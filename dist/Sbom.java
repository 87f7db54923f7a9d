import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The parts of the program in CycloneDX's form: the libraries that Maven's build listed (app/target/bom.json), those
/// of the portal that are in the browser's pages (portal/package-lock.json), and the Java that runs it.
final class Sbom {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path LIBRARIES = Path.of("app/target/bom.json");
    private static final Path PORTAL = Path.of("portal/package-lock.json");

    private final ObjectNode document;
    private final ArrayNode components;

    private Sbom(ObjectNode document) {
        this.document = document;
        components = (ArrayNode) document.get("components");
    }

    /// @throws IllegalStateException where nothing is built
    static Sbom read() throws IOException {
        if (!Files.exists(LIBRARIES)) {
            throw new IllegalStateException(LIBRARIES + " is missing: ./dev build makes it");
        }
        Sbom sbom = new Sbom((ObjectNode) JSON.readTree(Files.readString(LIBRARIES)));
        JsonNode packages = JSON.readTree(Files.readString(PORTAL)).get("packages");
        for (Map.Entry<String, JsonNode> one : packages.properties()) {
            String name = one.getKey().replaceFirst(".*node_modules/", "");
            if (!name.isEmpty() && !one.getValue().path("dev").asBoolean(false)) {
                sbom.add(
                        "library",
                        name,
                        one.getValue().get("version").asString(),
                        "pkg:npm/" + name.replace("@", "%40"),
                        one.getValue().path("license").asString(""));
            }
        }
        Runtime.Version java = Runtime.version();
        String version = "%d.%d.%d+%d"
                .formatted(java.feature(), java.interim(), java.update(), java.build().orElse(0));
        sbom.add("platform", "openjdk", version, "pkg:generic/openjdk", "GPL-2.0-with-classpath-exception");
        return sbom;
    }

    private void add(String type, String name, String version, String purl, String licence) {
        ObjectNode component = components.addObject();
        component.put("type", type);
        component.put("bom-ref", purl + "@" + version);
        component.put("name", name);
        component.put("version", version);
        component.put("purl", purl + "@" + version);
        if (!licence.isEmpty()) {
            component.putArray("licenses").addObject().putObject("license").put("id", licence);
        }
    }

    /// @return package URLs (purl) of every part that is not ours, with its version
    List<String> parts() {
        List<String> found = new ArrayList<>();
        for (JsonNode component : components) {
            String purl = component.path("purl").asString("");
            if (!purl.isEmpty() && !purl.startsWith("pkg:maven/dev.tributary/")) {
                found.add(purl.replaceFirst("\\?.*", ""));
            }
        }
        return found;
    }

    void write(Path file) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n");
    }
}
