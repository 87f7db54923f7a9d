package tributary.sinks.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;

/// The bridge against Mosquitto, as Debian has it.
class MqttIT {
    @TempDir
    Path folder;

    private int port;
    private Server mosquitto;
    private Harness house;
    private Mqtt5BlockingClient listener;
    private final List<Mqtt5Publish> heard = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() throws Exception {
        port = Server.freePort();
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(
                config,
                "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                        + "persistence true\npersistence_location " + folder
                        + "/\nuser root\nacl_file "
                        + folder.resolve("acl") + "\n");
        Files.writeString(folder.resolve("acl"), "topic readwrite #\ntopic deny forbidden/#\n");
        mosquitto = new Server(
                List.of("/usr/sbin/mosquitto", "-c", config.toString()), folder.resolve("mosquitto.log"), port);
        mosquitto.start();
        house = new Harness(folder.resolve("house"), "127.0.0.1", new MqttType());
        listen();
    }

    private void listen() {
        listener = MqttClient.builder()
                .identifier("listener")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .useMqttVersion5()
                .buildBlocking();
        listener.toAsync().publishes(MqttGlobalPublishFilter.ALL, heard::add);
        listener.connectWith().cleanStart(false).sessionExpiryInterval(3600).send();
        listener.subscribeWith()
                .topicFilter("site/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
    }

    @AfterEach
    void close() {
        house.close();
        listener.toAsync().disconnect();
        mosquitto.close();
    }

    private void bridge(String more) {
        house.good(
                "site",
                "mqtt",
                "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"tls\":false,\"retry-first\":\"50ms\","
                        + "\"retry-most\":\"200ms\"" + more + "}",
                Map.of());
    }

    private List<String> payloads() {
        return heard.stream()
                .map(message -> new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void messagesArriveInOrderAtTheTopicOfTheTemplateAndSayWhereTheyCameFrom() {
        bridge(",\"topic\":\"site/${device()}/${kind}\"");
        house.say("site", "pump-1", "{\"kind\":\"a/+#$b\"}");
        Harness.until("heard", () -> heard.size() == 1);

        assertThat(heard.getFirst().getTopic().toString()).isEqualTo("site/pump-1/a____b");
        assertThat(heard.getFirst().getUserProperties().asList())
                .anyMatch(property -> property.getName().toString().equals("tributary-bridge")
                        && property.getValue().toString().startsWith("main/site/s"));
        assertThat(heard.getFirst().getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
    }

    @Test
    void brokerThatIsAwayForAWhileHasEverythingInOrderAfterwards() throws Exception {
        bridge(",\"topic\":\"site/${n}\",\"retain\":true");
        IntStream.range(0, 500).forEach(n -> house.say("site", "d", "{\"n\":" + n + "}"));
        Harness.until("some are heard", () -> heard.size() > 50);
        mosquitto.end();
        IntStream.range(500, 800).forEach(n -> house.say("site", "d", "{\"n\":" + n + "}"));
        Harness.until("it is seen", () -> house.status("site").state() == SinkStatus.State.RETRYING);
        assertThat(levels()).as("in order").isSorted();
        mosquitto.start();
        Harness.until("all are acknowledged", () -> house.done("site"));

        heard.clear();
        listen();
        Harness.until("all are there", () -> new TreeSet<>(levels()).size() == 800);
        assertThat(house.dead("site")).isEmpty();
    }

    private List<Integer> levels() {
        return new LinkedHashSet<>(heard)
                .stream()
                        .map(message ->
                                Integer.parseInt(message.getTopic().getLevels().get(1)))
                        .distinct()
                        .toList();
    }

    @Test
    void platformThatIsStoppedInTheMiddleLosesNothing() {
        bridge(",\"topic\":\"site/x\"");
        numbers(0, 1000).forEach(n -> house.say("site", "d", n));
        Harness.until("some are heard", () -> heard.size() > 20);
        house.stop();
        house.open();
        Harness.until("all are heard", () -> new LinkedHashSet<>(payloads()).size() == 1000);

        assertThat(List.copyOf(new LinkedHashSet<>(payloads()))).isEqualTo(numbers(0, 1000));
    }

    @Test
    void messageThatTheBrokerForbidsIsPutAsideAndTheNextGoesOn() {
        bridge(",\"topic\":\"${where}/x\"");
        house.say("site", "d", "{\"where\":\"forbidden\"}");
        house.say("site", "d", "{}");
        house.say("site", "d", "{\"where\":\"site\"}");
        Harness.until("heard", () -> heard.size() == 1);

        assertThat(house.dead("site")).hasSize(2);
        assertThat(house.dead("site").getFirst().letter().reason()).contains("NOT_AUTHORIZED");
    }

    @Test
    void testSaysWhatIsWrong() throws Exception {
        bridge(",\"topic\":\"site/x\"");
        assertThat(house.test("site").what()).isEqualTo("delivered");
        try (Harness strict = new Harness(folder.resolve("strict"), "", new MqttType())) {
            strict.good("a", "mqtt", "{\"host\":\"127.0.0.1\",\"topic\":\"x\"}", Map.of());
            assertThat(strict.test("a").what()).contains("sinks.private-addresses");
        }
        mosquitto.kill();
        assertThat(house.test("site").delivered()).isFalse();
        mosquitto.start();
        assertThat(house.mistakes("mqtt", "{\"hots\":\"x\",\"topic\":\"a/#\",\"qos\":3}", Map.of()))
                .anyMatch(flaw -> flaw.contains("did you mean host?"))
                .anyMatch(flaw -> flaw.contains("no '#'"))
                .anyMatch(flaw -> flaw.contains("qos must be"));
    }
}
