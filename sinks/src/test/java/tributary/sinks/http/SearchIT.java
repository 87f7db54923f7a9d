package tributary.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;

/// Documents in a real node of OpenSearch, in a process of its own, which dies and comes back.
class SearchIT {
    @TempDir
    static Path home;

    private static int port;
    private static Server node;

    @TempDir
    Path folder;

    private Harness house;

    @BeforeAll
    static void start() throws Exception {
        port = Server.freePort();
        Files.createDirectories(home.resolve("config"));
        node = new Server(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx320m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OpenSearch.class.getName(),
                        Integer.toString(port),
                        home.toString()),
                home.resolve("node.log"),
                port);
        node.start();
    }

    @AfterAll
    static void end() {
        node.close();
    }

    @BeforeEach
    void open() {
        house = new Harness(folder, "127.0.0.1", new SearchType());
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void sink(String url, String index, String more) {
        house.good(
                "search",
                "opensearch",
                "{\"url\":\"" + url + "\",\"index\":\"" + index + "\",\"retry-first\":\"50ms\",\"retry-most\":\"200ms\""
                        + more + "}",
                Map.of());
    }

    private void sink(String index, String more) {
        sink("http://127.0.0.1:" + port, index, more);
    }

    private static JsonNode get(String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port + path);
            return Harness.json(client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// @return the documents of an index, oldest first
    private static List<JsonNode> documents(String index) {
        get("/" + index + "/_refresh");
        return get("/" + index + "/_search?size=10000&sort=@timestamp:asc").at("/hits/hits").values().stream()
                .toList();
    }

    @Test
    void documentHasTheParcelsIdAndTheStreamsTime() {
        sink("readings", "");
        house.say("search", "pump-1", "{\"temp\":21.5}");
        house.say("search", "pump-1", "7");
        Harness.until("they are there", () -> house.done("search"));
        List<JsonNode> documents = documents("readings");

        assertThat(documents.getFirst().path("_id").asString()).isEqualTo("main/search/3");
        assertThat(documents.getFirst().at("/_source/temp").asDouble()).isEqualTo(21.5);
        assertThat(documents.getFirst().at("/_source/@timestamp").asString()).isEqualTo("2025-11-27T19:00:00Z");
        assertThat(documents.getLast().at("/_source/value").asInt()).isEqualTo(7);
    }

    @Test
    void nodeThatIsKilledAndComesBackHasEveryDocumentOnce() throws IOException {
        sink("killed", ",\"batch-count\":100,\"linger\":\"0s\"");
        IntStream.range(0, 1500).forEach(n -> house.say("search", "d", "{\"n\":" + n + "}"));
        Harness.until("some are there", () -> house.status("search").delivered() > 200);
        node.kill();
        IntStream.range(1500, 2000).forEach(n -> house.say("search", "d", "{\"n\":" + n + "}"));
        Harness.until("it is seen", () -> house.status("search").state() == SinkStatus.State.RETRYING);
        node.start();
        Harness.until("all are there", () -> house.done("search"));

        assertThat(documents("killed").stream()
                        .map(document -> document.at("/_source/n").asInt()))
                .containsExactlyElementsOf(IntStream.range(0, 2000).boxed().toList());
        assertThat(house.dead("search")).isEmpty();
    }

    @Test
    void documentThatDoesNotFitIsPutAsideAndThoseAroundItGo() {
        sink("typed", "");
        house.say("search", "d", "{\"n\":1}");
        house.say("search", "d", "{\"n\":{\"x\":1}}");
        house.say("search", "d", "{\"n\":3}");
        Harness.until("it is put aside", () -> house.dead("search").size() == 1);
        Harness.until("the others are there", () -> house.done("search"));

        assertThat(house.dead("search").getFirst().letter().reason()).contains("mapper_parsing_exception");
        assertThat(documents("typed")).hasSize(2);
    }

    @Test
    void documentOfAnIdThatComesAgainLateDoesNotTakeThePlaceOfOneThatIsNewer() {
        sink("latest", ",\"id\":\"${device()}\"");
        house.say("search", "d", "{\"n\":1,\"x\":{\"y\":1}}");
        Harness.until("one is there", () -> house.done("search"));
        house.say("search", "d", "{\"n\":2,\"x\":5}");
        Harness.until("one is put aside", () -> house.dead("search").size() == 1);
        house.say("search", "d", "{\"n\":3}");
        Harness.until("the third is there", () -> house.done("search"));
        house.sinks.edit(
                house.definition("search"),
                house.dead("search").getFirst().letter().position(),
                "{\"n\":2}");
        house.sinks.again(
                house.definition("search"),
                house.dead("search").getFirst().letter().position());
        Harness.until("it is driven again", () -> house.dead("search").isEmpty());

        assertThat(documents("latest")).hasSize(1);
        assertThat(documents("latest").getFirst().at("/_source/n").asInt()).isEqualTo(3);
    }

    @Test
    void indexThatIsMissingIsWaitedForWhereTheDefinitionNamesItAndADeadLetterWhereThePayloadDoes() {
        sink("missing-1", "");
        house.say("search", "d", "{}");
        Harness.until("it waits", () -> house.status("search").lastError().contains("index_not_found_exception"));
        assertThat(house.status("search").state()).isEqualTo(SinkStatus.State.RETRYING);
        sink("${where}", "");
        Harness.until("it is put aside", () -> house.dead("search").size() == 1);
        house.say("search", "d", "{\"where\":\"missing-2\"}");
        Harness.until("the next, too", () -> house.dead("search").size() == 2);
        house.say("search", "d", "{\"where\":\"Site A\"}");
        Harness.until("a good one is there", () -> house.status("search").delivered() == 1);

        assertThat(documents("site_a")).hasSize(1);
    }

    /// A server of this test's own, which answers as `_bulk` does: a real node says 429 only when it is worn out.
    @Test
    void documentsThatANodeHadNoTimeForComeAgainAndTheOthersDoNot() throws IOException {
        try (Catcher catcher = new Catcher()) {
            catcher.usual = new Catcher.Answer(200, "{\"errors\":false}", Map.of());
            catcher.answers.add(new Catcher.Answer(
                    200,
                    "{\"errors\":true,\"items\":[{\"index\":{\"status\":201}},{\"index\":{\"status\":429,\"error\":"
                            + "{\"type\":\"rejected_execution_exception\",\"reason\":\"queue full\"}}},"
                            + "{\"index\":{\"status\":201}}]}",
                    Map.of()));
            sink(catcher.url(""), "x", ",\"linger\":\"1s\"");
            // said while nobody reads, so that they are one batch however slowly they are said
            house.stop();
            IntStream.range(0, 3).forEach(n -> house.say("search", "d", "{\"n\":" + n + "}"));
            house.open();
            Harness.until("all are there", () -> house.done("search") && catcher.caught.size() == 2);

            assertThat(catcher.bodies().getFirst()).contains("\"n\":0", "\"n\":1", "\"n\":2");
            assertThat(catcher.bodies().getLast()).contains("\"n\":1").doesNotContain("\"n\":0", "\"n\":2");
            assertThat(house.dead("search")).isEmpty();
        }
    }

    @Test
    void testSaysWhatIsWrong() throws IOException {
        sink("tested", ",\"timeout\":\"1m\"");
        assertThat(house.test("search").what()).isEqualTo("delivered");
        try (Catcher catcher = new Catcher()) {
            sink(catcher.url("/wrong"), "tested", "");
            assertThat(house.test("search").what()).contains("look at the url");
        }
        assertThat(house.mistakes("opensearch", "{\"url\":\"x?y\",\"index\":\"A\",\"user\":\"u\"}", Map.of()))
                .anyMatch(flaw -> flaw.contains("must begin with https://"))
                .anyMatch(flaw -> flaw.contains("small letter"))
                .anyMatch(flaw -> flaw.contains("belong together"));
    }
}
