package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The command as a person runs it, against a stand-in that can be told what to do wrong.
class BenchTest {
    @TempDir
    private Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "http, NONE, 0",
        "http, ANSWERS_IN_CHUNKS, 0",
        "http, LOSES_ONE, 1",
        "http, DOUBLES_ONE, 1",
        "ws, NONE, 0",
        "ws, LOSES_ONE, 1",
        "ws, DOUBLES_ONE, 1"
    })
    void itEndsWithOneWhereStoredIsNotWhatWasAcknowledged(String profile, StandIn.Fault fault, int code)
            throws Exception {
        try (StandIn server = new StandIn(fault)) {
            // what is lost is waited for in vain
            String within = fault == StandIn.Fault.LOSES_ONE ? "500ms" : "60s";
            List<String> options = List.of("--server", server.url(), "--key", StandIn.KEY, "--visible-within", within);
            assertThat(bench(Stream.concat(Stream.of(profile, "--json"), options.stream())
                            .toArray(String[]::new)))
                    .isEqualTo(code);

            JsonNode json = new JsonMapper().readTree(out.toString());
            assertThat(json.path("sent").asInt()).isEqualTo(300);
            assertThat(json.path("acknowledged").asInt()).isEqualTo(300);
            assertThat(json.path("stored").asInt()).isEqualTo(fault == StandIn.Fault.LOSES_ONE ? 299 : 300);
            assertThat(json.path("duplicated").asInt()).isEqualTo(fault == StandIn.Fault.DOUBLES_ONE ? 1 : 0);
            assertThat(json.path("missing").asInt()).isEqualTo(fault == StandIn.Fault.LOSES_ONE ? 1 : 0);
            assertThat(json.path("queryable").asBoolean()).isEqualTo(fault != StandIn.Fault.LOSES_ONE);
            assertThat(json.path("bareFlushMillis").path("p50").asDouble()).isPositive();
            assertThat(server.devices).hasSize(3);
            assertThat(server.removed).isEqualTo(server.devices);
        }
    }

    @ParameterizedTest
    @CsvSource({"http, refused: HTTP 429", "ws, refused: quota"})
    void aRefusalIsShownWithItsReasonAndStoredIsStillRight(String profile, String reason) throws Exception {
        try (StandIn server = new StandIn(StandIn.Fault.REFUSES_ONE)) {
            assertThat(bench(profile, "--server", server.url(), "--key", StandIn.KEY, "--json"))
                    .isZero();

            JsonNode json = new JsonMapper().readTree(out.toString());
            assertThat(json.path("acknowledged").asInt()).isEqualTo(299);
            assertThat(json.path("stored").asInt()).isEqualTo(299);
            assertThat(json.path("reasons").path(reason).asInt()).isEqualTo(1);
        }
    }

    @Test
    void theTableNamesWhatACustomerAsksFor() throws Exception {
        Files.writeString(data.resolve("cli.key"), StandIn.KEY + "\n");
        try (StandIn server = new StandIn(StandIn.Fault.NONE)) {
            assertThat(bench("http", "--server", server.url())).isZero();

            assertThat(out.toString())
                    .contains("acknowledged   300", "stored         300 messages, 900 readings", "duplicated     0")
                    .containsPattern("queryable      all of them \\d+\\.\\d\\d s after the last answer")
                    .containsPattern("latency        p50 .* ms")
                    .containsPattern("bare flush     p50 .* ms");
        }
    }

    @Test
    void anotherBrokerIsLoadedWithoutAskingWhatItStored() throws Exception {
        try (SinkBroker broker = new SinkBroker()) {
            assertThat(bench("mqtt", "--url", "mqtt://127.0.0.1:" + broker.port(), "--json", "--qos", "2"))
                    .isZero();

            JsonNode json = new JsonMapper().readTree(out.toString());
            assertThat(json.path("acknowledged").asInt()).isEqualTo(300);
            assertThat(json.has("stored")).isFalse();
            assertThat(broker.received()).isEqualTo(300);
        }
    }

    @Test
    void theFleetSendsWhatItsVehiclesMeasure() throws Exception {
        try (SinkBroker broker = new SinkBroker(true, _ -> false)) {
            String url = "mqtt://127.0.0.1:" + broker.port();
            assertThat(bench("fleet", "--url", url, "--vehicles", "200", "--rate", "3000", "--json"))
                    .isZero();

            assertThat(new JsonMapper()
                            .readTree(out.toString())
                            .path("acknowledged")
                            .asInt())
                    .isEqualTo(300);
            assertThat(broker.payloads()).hasSize(300).allMatch(text -> text.contains("\"odometer\":"));
        }
    }

    @Test
    void aKeyThatIsNotGoodEndsWithFour() throws Exception {
        try (StandIn server = new StandIn(StandIn.Fault.NONE)) {
            assertThat(bench("http", "--server", server.url(), "--key", "trk_wrong"))
                    .isEqualTo(4);
            assertThat(err.toString())
                    .contains("HTTP 401", "unknown key", "--key")
                    .doesNotContain("trk_wrong");
        }
    }

    @Test
    void withoutAKeyItSaysWhereOneWouldBe() {
        assertThat(bench("http")).isEqualTo(4);
        assertThat(err.toString()).contains("cli.key", "--data", "--key");
    }

    @Test
    void aServerThatIsNotThereEndsWithFive() {
        assertThat(bench("http", "--server", "http://127.0.0.1:1", "--key", "k"))
                .isEqualTo(5);
        assertThat(err.toString()).contains("http://127.0.0.1:1", "tributary up");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mqqt                       | there is no profile 'mqqt'",
                "mqtt --url http://h:1      | needs a URL like mqtt://host:1883",
                "mqtt --count 1 --duration 5s --url mqtt://h:1 | exclude each other",
                "mqtt --qos 3               | --qos is 0, 1 or 2",
                "mqtt --window 0            | window: 1 to 32768, was 0",
                "mqtt --payload-bytes 20    | payload bytes: 64 to 1048576, was 20",
                "mqtt --duration soon       | is not a time such as 500ms"
            })
    void wrongOptionsEndWithTwo(String options, String message) {
        List<String> arguments = new ArrayList<>(List.of(options.strip().split(" +")));
        arguments.addAll(List.of("--data", data.toString(), "--key", "k"));
        assertThat(execute(arguments)).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    private int bench(String... options) {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("--data", data.toString(), "--connections", "3", "--count", "100", "--window", "4"));
        return execute(arguments);
    }

    private int execute(List<String> arguments) {
        return new CommandLine(new Bench())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
    }
}
