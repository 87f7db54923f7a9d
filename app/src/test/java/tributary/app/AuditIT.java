package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `./dev audit` against a server that answers as the database of weaknesses does: with pages, for one library.
class AuditIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<String> asked = new ArrayList<>();
    private HttpServer database;
    private String weak = "";

    @BeforeEach
    void open() throws Exception {
        database = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        database.createContext("/v1/querybatch", exchange -> {
            JsonNode queries =
                    JSON.readTree(exchange.getRequestBody().readAllBytes()).get("queries");
            byte[] answer = JSON.writeValueAsBytes(answer(queries));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        database.start();
    }

    private ObjectNode answer(JsonNode queries) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode results = answer.putArray("results");
        for (JsonNode query : queries) {
            String purl = query.at("/package/purl").asString();
            ObjectNode result = results.addObject();
            if (query.has("page_token")) {
                result.putArray("vulns").addObject().put("id", "GHSA-second-page");
                continue;
            }
            asked.add(purl);
            if (!weak.isEmpty() && purl.contains(weak)) {
                result.putArray("vulns").addObject().put("id", "GHSA-first-page");
                result.put("next_page_token", "more");
            }
        }
        return answer;
    }

    @AfterEach
    void close() {
        database.stop(0);
    }

    @Test
    void everyPartIsAskedForAndNothingKnownIsGood() throws Exception {
        Said said = audit("http://127.0.0.1:" + database.getAddress().getPort());

        assertThat(said.text()).contains(asked.size() + " parts, 0 with something known");
        assertThat(said.exit()).isZero();
        assertThat(asked)
                .anyMatch(part -> part.startsWith("pkg:maven/org.duckdb/duckdb_jdbc@"))
                .anyMatch(part -> part.startsWith("pkg:npm/preact@"))
                .anyMatch(part -> part.startsWith("pkg:npm/%40codemirror/view@"))
                .anyMatch(part -> part.startsWith("pkg:generic/openjdk@25"))
                .noneMatch(part -> part.contains("dev.tributary") || part.contains("vite@") || part.contains("junit"));
    }

    @Test
    void aWeakLibraryIsNamedWithAllThatIsKnown() throws Exception {
        weak = "duckdb_jdbc";
        Said said = audit("http://127.0.0.1:" + database.getAddress().getPort());

        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.text())
                .contains("duckdb_jdbc@")
                .contains(": GHSA-first-page, GHSA-second-page")
                .contains("1 with something known");
    }

    @Test
    void aDatabaseOutOfReachIsSaid() throws Exception {
        Said said = audit("http://127.0.0.1:1");

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.text()).contains("could not be asked").contains("OSV_URL");
    }

    private record Said(int exit, String text) {}

    private static Said audit(String url) throws Exception {
        Path root = Checkout.root();
        ProcessBuilder builder = new ProcessBuilder(root.resolve("dev").toString(), "audit").redirectErrorStream(true);
        builder.environment().put("OSV_URL", url);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }
}
