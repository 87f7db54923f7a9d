package tributary.sinks.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.sinks.FullDisk;
import tributary.sinks.Harness;
import tributary.sinks.Inlet;
import tributary.sinks.Server;
import tributary.sinks.SourceStatus;

/// The way back of a bridge against Mosquitto, as Debian has it, in both versions of the protocol.
class BridgeIT {
    /// How many messages Mosquitto sends without waiting for their acknowledgement.
    private static final int WINDOW = 20;

    @TempDir
    Path folder;

    private int port;
    private Server mosquitto;
    private Harness house;

    @BeforeEach
    void open() throws Exception {
        port = Server.freePort();
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(
                config,
                "listener " + port + " 127.0.0.1\nallow_anonymous true\npersistence true\nmax_queued_messages 0\n"
                        + "autosave_on_changes true\nautosave_interval 1\npersistence_location " + folder
                        + "/\nuser root\n");
        mosquitto = new Server(
                List.of("/usr/sbin/mosquitto", "-c", config.toString()), folder.resolve("mosquitto.log"), port);
        mosquitto.start();
        house = new Harness(folder.resolve("house"), "127.0.0.1", new MqttType());
    }

    @AfterEach
    void close() {
        house.close();
        mosquitto.close();
    }

    private void bridge(String version, String more) {
        house.good(
                "site",
                "mqtt",
                "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"tls\":false,\"version\":\"" + version
                        + "\",\"retry-first\":\"50ms\",\"retry-most\":\"200ms\"" + more + "}",
                Map.of());
        if (more.contains("subscribe")) {
            listening();
        }
    }

    private void listening() {
        Harness.until("it listens", () -> source().state() == SourceStatus.State.LISTENING);
    }

    private SourceStatus source() {
        return house.view("site").source();
    }

    private Mqtt5BlockingClient client(String id) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .useMqttVersion5()
                .buildBlocking();
        client.connect();
        return client;
    }

    /// Publishes numbers and returns when the other broker has them.
    private void publish(int from, int to, String topic) {
        Mqtt5BlockingClient client = client("publisher");
        for (int n = from; n < to; n++) {
            client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(Integer.toString(n).getBytes(StandardCharsets.UTF_8))
                    .send();
        }
        client.disconnect();
    }

    /// Returns when what the other broker has is on its disk; what it knows of our acknowledgements may not be. It does
    /// one thing after the other, and saves what changed before it turns to whoever comes next.
    private void saved() {
        client("next").disconnect();
    }

    private List<String> taken() {
        return house.inlet.taken.stream()
                .map(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    /// What came, each at its first time.
    private List<String> firsts() {
        return new ArrayList<>(new LinkedHashSet<>(taken()));
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void messageComesToTheMappedTopicWithAllThatItSays() {
        bridge("5", ",\"subscribe\":\"plant/+/telemetry\",\"remote-prefix\":\"plant/\",\"local-prefix\":\"devices/\"");
        Mqtt5BlockingClient client = client("publisher");
        client.publishWith()
                .topic("plant/pump-1/telemetry")
                .qos(MqttQos.EXACTLY_ONCE)
                .retain(true)
                .contentType("application/json")
                .responseTopic("answers")
                .correlationData(new byte[] {1, 2})
                .userProperties()
                .add("k", "v")
                .applyUserProperties()
                .payload("{}".getBytes(StandardCharsets.UTF_8))
                .send();
        client.disconnect();
        Harness.until("it came", () -> source().taken() == 1);

        Inlet.Incoming message = house.inlet.taken.getFirst();
        assertThat(message.topic()).isEqualTo("devices/pump-1/telemetry");
        assertThat(message.below()).isEqualTo("devices/");
        assertThat(message.sink()).isEqualTo("site");
        assertThat(message.qos()).isEqualTo(1);
        assertThat(message.retain()).isTrue();
        assertThat(message.properties().contentType()).isEqualTo("application/json");
        assertThat(message.properties().responseTopic()).isEqualTo("answers");
        assertThat(message.properties().correlationData()).containsExactly(1, 2);
        assertThat(message.properties().user().getFirst().value()).isEqualTo("v");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "3.1.1"})
    void messageIsAcknowledgedOnlyWhenItIsOnTheDisk(String version) {
        house.inlet.slow = true;
        bridge(version, ",\"subscribe\":\"site/#\"");
        publish(0, 5, "site/a");
        Harness.until("they came", () -> taken().size() == 5);
        assertThat(source().taken()).isZero();
        house.stop();
        house.inlet.slow = false;
        house.inlet.taken.clear();
        house.open();
        Harness.until("they come again", () -> source().taken() == 5);

        assertThat(taken()).isEqualTo(numbers(5));
        house.stop();
        house.open();
        listening();
        publish(5, 6, "site/a");
        Harness.until("the next comes", () -> source().taken() == 1);
        assertThat(taken()).as("what was acknowledged does not come again").isEqualTo(numbers(6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "3.1.1"})
    void brokerThatIsKilledInTheMiddleAndComesBackBringsEverythingInOrder(String version) throws Exception {
        bridge(version, ",\"subscribe\":\"site/#\"");
        house.inlet.slow = true;
        publish(0, 400, "site/a");
        Harness.until("some came", () -> taken().size() >= WINDOW);
        saved();
        mosquitto.kill();
        Harness.until("it is seen", () -> source().state() == SourceStatus.State.AWAY);
        house.inlet.slow = false;
        house.inlet.waiting.forEach(Inlet.Receipt::stored);
        mosquitto.start();
        Harness.until("all came", () -> firsts().size() == 400);

        assertThat(firsts()).isEqualTo(numbers(400));
        assertThat(taken().size()).as("what was under way alone may come twice").isLessThanOrEqualTo(400 + WINDOW);
        // the second where it was asked for before it was there again
        assertThat(source().lastError()).containsAnyOf("connection broke", "the broker at 127.0.0.1:" + port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "3.1.1"})
    void whatComesWhileThePlatformIsAwayWaitsAtTheOtherBroker(String version) throws Exception {
        bridge(version, ",\"subscribe\":\"site/#\",\"subscribe-qos\":2");
        publish(0, 50, "site/a");
        Harness.until("they came", () -> source().taken() == 50);
        house.stop();
        publish(50, 400, "site/a");
        mosquitto.end();
        mosquitto.start();
        house.open();
        Harness.until("all came", () -> firsts().size() == 400);

        assertThat(firsts()).isEqualTo(numbers(400));
    }

    @Test
    void platformThatStopsAgainAndAgainInTheMiddleLosesNothing() throws Exception {
        bridge("5", ",\"subscribe\":\"site/#\"");
        Thread publisher = Thread.ofVirtual().start(() -> publish(0, 600, "site/a"));
        for (int i = 0; i < 5; i++) {
            int before = taken().size();
            Harness.until("more came", () -> taken().size() > before + 30 || firsts().size() == 600);
            house.stop();
            house.open();
        }
        Harness.until("all came", () -> firsts().size() == 600);

        assertThat(firsts()).isEqualTo(numbers(600));
        publisher.join();
    }

    @Test
    void whatIsNotTakenNowComesBeforeWhatIsBehindIt() {
        bridge("5", ",\"subscribe\":\"site/#\"");
        house.inlet.busy = true;
        publish(0, 300, "site/a");
        Harness.until("it says so", () -> source().lastError().contains("intake.tenant-rate"));
        house.inlet.busy = false;
        Harness.until("all came", () -> source().taken() == 300);

        assertThat(taken()).isEqualTo(numbers(300));
    }

    @Test
    void messageThatTheDiskDidNotTakeComesAgain() {
        bridge("5", ",\"subscribe\":\"site/#\"");
        house.inlet.failing = 3;
        publish(0, 100, "site/a");
        Harness.until("all came", () -> new LinkedHashSet<>(taken()).size() == 100);

        assertThat(source().lastError()).contains("the log is full");
    }

    @Test
    void messageThatIsRefusedIsCountedAndHoldsNothingUp() {
        bridge("3.1.1", ",\"subscribe\":\"site/#\",\"remote-prefix\":\"site/\",\"local-prefix\":\"in/\"");
        publish(0, 1, "site/forbidden");
        publish(1, 2, "site");
        publish(2, 3, "site/good");
        Harness.until("the good one came", () -> source().taken() == 1);

        assertThat(source().refused()).isEqualTo(2);
        assertThat(house.inlet.taken.getFirst().topic()).isEqualTo("in/good");
        assertThat(house.inlet.astray).hasSize(1);
        assertThat(house.inlet.astray.getFirst().why())
                .startsWith("'site' of the other broker is not below 'site/', the remote-prefix of sink 'site'")
                .contains("subscribe to what is below alone ('site/+/#')");
    }

    @Test
    void whatTheBridgeSentItselfDoesNotComeBack() {
        bridge("5", ",\"topic\":\"site/${device()}\",\"subscribe\":\"site/#\"");
        IntStream.range(0, 20).forEach(n -> house.say("site", "pump", Integer.toString(n)));
        publish(0, 3, "site/other");
        Harness.until("own ones are counted", () -> source().own() == 20 && source().taken() == 3);

        assertThat(taken()).isEqualTo(numbers(3));
    }

    @Test
    void bytesGoThroughBothBridgesAsTheyAre() throws Exception {
        bridge("5", ",\"topic\":\"hq/${topic}\",\"topic-values\":\"many-levels\",\"body\":\"bytes\"");
        List<byte[]> heard = new CopyOnWriteArrayList<>();
        Mqtt5BlockingClient listener = client("listener");
        listener.toAsync()
                .subscribeWith()
                .topicFilter("hq/a/b/_")
                .callback(message -> heard.add(message.getPayloadAsBytes()))
                .send()
                .get();
        byte[] bytes = {0, (byte) 0xFF, 10, (byte) 0x80};
        house.say(
                "site",
                "pump",
                "{\"topic\":\"a/b/#\",\"data\":\"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
        house.say("site", "pump", "{\"topic\":\"a/b\"}");
        house.say("site", "pump", "{\"topic\":\"a/b\",\"data\":\"no base64\"}");
        Harness.until(
                "it is heard", () -> heard.size() == 1 && house.dead("site").size() == 2);
        listener.disconnect();

        assertThat(heard.getFirst()).isEqualTo(bytes);
    }

    @Test
    void filtersOfAnOlderDefinitionAreTakenBack() {
        bridge("5", ",\"subscribe\":\"old/#, both/#\"");
        publish(0, 1, "old/a");
        Harness.until("it came", () -> source().taken() == 1);
        bridge("5", ",\"subscribe\":\"both/#, new/#\"");
        publish(1, 2, "old/a");
        publish(2, 3, "both/a");
        publish(3, 4, "new/a");
        Harness.until("they came", () -> taken().contains("3"));

        assertThat(taken()).containsExactly("0", "2", "3");
    }

    @Test
    void sessionThatTheOtherBrokerForgotIsSaid() throws Exception {
        bridge("5", ",\"subscribe\":\"site/#\"");
        mosquitto.kill();
        Files.deleteIfExists(folder.resolve("mosquitto.db"));
        mosquitto.start();
        Harness.until("it is said", () -> source().lastError().contains("had forgotten our session"));
        listening();
        publish(0, 1, "site/a");
        Harness.until("it came", () -> source().taken() == 1);
    }

    @Test
    void packetThatIsTooLargeIsNotReadAndSaid() {
        bridge("3.1.1", ",\"subscribe\":\"site/#\"");
        Mqtt5BlockingClient client = client("large");
        publish(0, 1, "site/a");
        Harness.until("it came", () -> source().taken() == 1);
        client.publishWith()
                .topic("site/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(new byte[17 << 20])
                .send();
        client.disconnect();
        Harness.until("it is said", () -> source().lastError().contains("larger than 16 MB"));

        assertThat(taken()).containsExactly("0");
    }

    @Test
    void fullDiskUnderTheNotesIsSaidAndNothingIsMissed() throws Exception {
        Path small = Files.createDirectories(folder.resolve("house/sinks"));
        try (FullDisk disk = FullDisk.mount(small)) {
            bridge("5", ",\"subscribe\":\"site/#\"");
            publish(0, 10, "site/a");
            Harness.until("they came", () -> source().taken() == 10);
            disk.fill();
            bridge5("\"subscribe\":\"site/#, more/#\"");
            Harness.until("it is said", () -> source().lastError().contains("Look after the disk"));
            publish(10, 20, "site/a");
            disk.free();
            listening();
            publish(20, 30, "more/a");
            Harness.until("they came", () -> firsts().size() == 30);

            assertThat(firsts()).containsExactlyInAnyOrderElementsOf(numbers(30));
            house.stop();
        }
    }

    private void bridge5(String more) {
        house.good(
                "site", "mqtt", "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"tls\":false," + more + "}", Map.of());
    }

    @Test
    void mistakesAreToldAtOnce() {
        assertThat(house.mistakes(
                        "mqtt",
                        "{\"host\":\"h\",\"version\":\"4\",\"subscribe\":\"a/#/b, c/#\",\"remote-prefix\":\"c\","
                                + "\"local-prefix\":\"$x/\"}",
                        Map.of()))
                .anyMatch(flaw -> flaw.contains("version is 5 or 3.1.1"))
                .anyMatch(flaw -> flaw.contains("'#' is a whole level"))
                .anyMatch(flaw -> flaw.contains("remote-prefix is whole levels"))
                .anyMatch(flaw -> flaw.contains("local-prefix is whole levels"));
        assertThat(house.mistakes("mqtt", "{\"host\":\"h\",\"subscribe\":\"b/#\",\"remote-prefix\":\"c/\"}", Map.of()))
                .anyMatch(flaw -> flaw.contains("'b/#' does not begin with 'c/'"));
        assertThat(house.mistakes("mqtt", "{\"host\":\"h\"}", Map.of()))
                .anyMatch(flaw -> flaw.contains("topic is missing"));
        assertThat(house.mistakes(
                        "mqtt",
                        "{\"host\":\"h\",\"version\":\"3.1.1\",\"topic\":\"site/${x}/a\",\"subscribe\":\"site/+/+\"}",
                        Map.of()))
                .anyMatch(flaw -> flaw.contains("would come back"));
    }
}
