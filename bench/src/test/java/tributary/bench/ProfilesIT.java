package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every profile with tiny numbers against a broker that others wrote, and against what breaks its promise.
class ProfilesIT {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({"3.1.1, 1, --no-persistent", "3.1.1, 1, --persistent", "5, 1, --persistent", "5, 2, --no-persistent"})
    void everySubscriberHearsItsStreamsOnceAndInOrder(String version, int qos, String session) throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder, "max_queued_messages 0")) {
            assertThat(bench(
                            "pubsub --publishers 7 --subscribers 3 --count 300 --window 10 --quiet 60"
                                    + " --mqtt-version " + version + " --qos " + qos + " " + session,
                            "--url",
                            broker.url(),
                            "--pid",
                            "" + broker.pid()))
                    .as(err.toString())
                    .isZero();

            JsonNode json = json();
            assertThat(json.path("acknowledged").asInt()).isEqualTo(2100);
            assertThat(json.path("delivered").asInt()).isEqualTo(2100);
            assertThat(json.path("missing").asInt()).isZero();
            assertThat(json.path("latencyMillis").path("p99").asDouble()).isPositive();
            assertThat(json.path("serverResidentBytes").asLong()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--window 5", "--window 0"})
    void oneMessageReachesEverySubscriber(String window) throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder, "max_queued_messages 0")) {
            assertThat(bench("fanout --subscribers 20 --count 200 --quiet 20 " + window, "--url", broker.url()))
                    .as(err.toString())
                    .isZero();

            assertThat(json().path("published").asInt()).isEqualTo(200);
            assertThat(json().path("delivered").asInt())
                    .isEqualTo(4000 - json().path("missing").asInt());
        }
    }

    @Test
    void aSubscriberThatStopsReadingGetsEverythingAfterwards() throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder, "max_queued_messages 0")) {
            assertThat(bench(
                            "stalled --publishers 3 --subscribers 3 --rate 2000 --warm-up 100ms --before 500ms"
                                    + " --stall 1s --after 500ms --quiet 60",
                            "--url",
                            broker.url()))
                    .as(err.toString())
                    .isZero();

            JsonNode json = json();
            assertThat(json.path("delivered").asInt())
                    .isEqualTo(2 * json.path("published").asInt());
            assertThat(json.path("stalledBehind").asInt()).isPositive();
        }
    }

    @Test
    void whatASlowSubscriberNeverGetsIsABrokenPromise() throws Exception {
        try (MosquittoBroker broker =
                MosquittoBroker.start(folder, "max_queued_messages 10", "max_inflight_messages 10")) {
            assertThat(bench(
                            "stalled --publishers 3 --subscribers 3 --rate 2000 --warm-up 100ms --before 100ms"
                                    + " --stall 1s --after 100ms --quiet 1",
                            "--url",
                            broker.url()))
                    .isEqualTo(1);

            assertThat(json().path("missing").asInt()).isPositive();
            assertThat(json().path("broken").toString()).contains("deliveries of acknowledged messages are missing");
        }
    }

    @Test
    void idleConnectionsPingAndComeBackAfterACrash() throws Exception {
        int port = MosquittoBroker.freePort();
        List<String> command = MosquittoBroker.command(folder, port);

        assertThat(bench(
                        "idle --connections 50 --duration 1s --ping-every 500ms --ping-within 30s --jitter 100ms --url mqtt://127.0.0.1:"
                                + port + " --",
                        command.toArray(String[]::new)))
                .as(err.toString())
                .isZero();

        JsonNode json = json();
        assertThat(json.path("connections").asInt()).isEqualTo(50);
        assertThat(json.path("pings").asInt()).isGreaterThanOrEqualTo(50);
        assertThat(json.path("unansweredPings").asInt()).isZero();
        assertThat(json.path("backSeconds").asDouble()).isPositive();
    }

    @Test
    void aPingWithoutAnswerIsABrokenPromise() throws Exception {
        try (SinkBroker broker = new SinkBroker()) {
            assertThat(bench(
                            "idle --connections 3 --duration 3s --ping-every 100ms --ping-within 100ms",
                            "--url",
                            "mqtt://127.0.0.1:" + broker.port()))
                    .isEqualTo(1);

            assertThat(json().path("broken").toString()).contains("3 pings without an answer");
        }
    }

    @Test
    void everybodyPassesTheTurnstile() throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder)) {
            assertThat(bench("connect --count 200 --warm-up 50 --at-once 8", "--url", broker.url()))
                    .as(err.toString())
                    .isZero();

            assertThat(json().path("connected").asInt()).isEqualTo(200);
            assertThat(json().path("connectsPerSecond").asDouble()).isPositive();
        }
    }

    @Test
    void whoIsNotLetInIsABrokenPromise() throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder, "max_connections 1")) {
            assertThat(bench("connect --count 50 --warm-up 0 --at-once 8", "--url", broker.url()))
                    .isEqualTo(1);

            assertThat(json().path("broken").toString()).contains("not everybody was let in");
        }
    }

    @Test
    void acknowledgementsAreMeasuredBesideABareFlush() throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder)) {
            String load = "ack-latency --connections 5 --rate 500 --duration 500ms --warm-up 100ms";
            assertThat(bench(load, "--url", broker.url())).as(err.toString()).isZero();
            double p50 = json().path("p50Ratio").asDouble();
            assertThat(p50).isPositive();
            assertThat(json().path("bareFlushMillis").path("p50").asDouble()).isPositive();

            out.getBuffer().setLength(0);
            assertThat(bench(load + " --p50-at-most 0.0000001", "--url", broker.url()))
                    .isEqualTo(1);
            assertThat(json().path("broken").toString()).contains("the median takes longer");
        }
    }

    @ParameterizedTest
    @CsvSource({"--polite --quiet 60, 0", "--quiet 1, 1"})
    void mosquittoKeepsItsSessionsOverAStopAndLosesThemInACrash(String how, int code) throws Exception {
        int port = MosquittoBroker.freePort();
        List<String> command = MosquittoBroker.command(
                folder,
                port,
                "max_queued_messages 0",
                "persistence true",
                "user root",
                "persistence_location " + folder + "/");

        assertThat(bench(
                        "restart --sessions 20 --messages 200 --publishers 3 --url mqtt://127.0.0.1:" + port + " " + how
                                + " --",
                        command.toArray(String[]::new)))
                .as(err.toString())
                .isEqualTo(code);

        JsonNode json = json();
        int sent = json.path("acknowledged").asInt();
        assertThat(sent).isBetween(190, 220);
        assertThat(json.path("resumed").asInt()).isEqualTo(code == 0 ? 20 : 0);
        assertThat(json.path("delivered").asInt()).isEqualTo(code == 0 ? sent : 0);
        assertThat(json.path("missing").asInt()).isEqualTo(code == 0 ? 0 : sent);
    }

    @Test
    void brokersTakeTurnsAndWhatIsNotThereIsLeftOut() throws Exception {
        MosquittoBroker.command(folder, 1);
        List<String> arguments = List.of(("compare --rounds 2 --with mosquitto,moquette --peers " + folder
                        + " pubsub --publishers 2 --subscribers 2 --count 50")
                .split(" "));
        int code = new CommandLine(new Bench())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(Stream.concat(arguments.stream(), Stream.of("--own", ""))
                        .toArray(String[]::new));

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("2 rounds in turns", "deliveriesPerSecond", "serverCpuMicrosPerMessage", "1.00 times")
                .contains("moquette was left out")
                .doesNotContain("broke a promise");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pubsub --qos 1 --window 0 | --window 0 is for QoS 0",
                "pubsub --url http://h:1   | needs to be like mqtt://host:1883",
                "pubsub --payload-bytes 60 | payload bytes: 64 to 1048576, was 60",
                "stalled --rate 0          | --rate: needed here",
                "idle --connections 0      | --connections: 1 to 200000",
                "connect --count 5 --warm-up 5 | less than that",
                "visible --connections 0   | --connections: at least 1",
                "visible --url mqtt://h:1  | SQL is Tributary's",
                "start                     | Missing required parameter",
                "restart                   | Missing required parameter"
            })
    void wrongOptionsEndWithTwo(String options, String message) {
        assertThat(bench(options, "--key", "k")).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "compare restart         | compare runs one of mqtt, latency,",
                "compare pubsub --with x | mosquitto, hivemq or moquette, was 'x'"
            })
    void compareSaysWhatItCompares(String options, String message) {
        assertThat(new CommandLine(new Bench()).setErr(new PrintWriter(err)).execute(options.split(" ")))
                .isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pubsub",
                "fanout",
                "stalled",
                "idle",
                "connect",
                "ack-latency",
                "neighbour",
                "visible",
                "start",
                "restart"
            })
    void everyProfileExplainsItself(String profile) {
        assertThat(bench(profile + " --help")).isZero();
        assertThat(out.toString()).contains("Usage: bench " + profile, "--url");
    }

    private JsonNode json() {
        return new JsonMapper().readTree(out.toString());
    }

    private int bench(String options, String... more) {
        List<String> arguments = new ArrayList<>(Arrays.asList(options.strip().split(" +")));
        arguments.addAll(1, List.of("--json", "--data", folder.toString()));
        arguments.addAll(Arrays.asList(more));
        return new CommandLine(new Bench())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
    }
}
