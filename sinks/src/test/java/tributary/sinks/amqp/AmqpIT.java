package tributary.sinks.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLEngine;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;
import tributary.sinks.SinkTls;
import tributary.testkit.ArtemisServer;

/// Messages to a real broker, ActiveMQ Artemis in a process of its own, which dies and comes back.
class AmqpIT {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int QUIET_MILLIS = 1500;

    @TempDir
    static Path home;

    private static int port;
    private static Server artemis;

    @TempDir
    Path folder;

    private Harness house;

    /// What arrived.
    private record Heard(String id, String group, String device, String subject, String text) {}

    @BeforeAll
    static void start() throws Exception {
        port = Server.freePort();
        artemis = new Server(ArtemisServer.command(port, home.resolve("data")), home.resolve("artemis.log"), port);
        artemis.start();
    }

    @AfterAll
    static void end() {
        artemis.close();
    }

    @BeforeEach
    void open() {
        house = new Harness(folder, "127.0.0.1", new AmqpType());
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void sink(String address, String more) {
        house.good(
                "hub",
                "amqp",
                "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"tls\":false,\"retry-first\":\"50ms\","
                        + "\"retry-most\":\"200ms\",\"address\":\"" + address + "\"" + more + "}",
                Map.of());
    }

    /// Takes everything out of a queue: waits for as many different messages as are to be there, then a while for more.
    private static List<Heard> drain(String queue, int different) throws Exception {
        List<Heard> heard = new ArrayList<>();
        Set<Heard> seen = new HashSet<>();
        try (Client client = Client.create();
                Connection connection = client.connect("127.0.0.1", port);
                Receiver receiver = connection.openReceiver(queue)) {
            for (Delivery delivery = next(receiver, different > 0);
                    delivery != null;
                    delivery = next(receiver, seen.size() < different)) {
                Message<byte[]> message = delivery.message();
                Heard one = new Heard(
                        String.valueOf(message.messageId()),
                        message.groupId(),
                        String.valueOf(message.property("device")),
                        message.subject(),
                        new String(message.body()));
                heard.add(one);
                seen.add(one);
            }
        }
        return heard;
    }

    private static Delivery next(Receiver receiver, boolean wanted) throws Exception {
        return receiver.receive(wanted ? PATIENCE_MILLIS : QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void say(int from, int to) {
        IntStream.range(from, to).forEach(n -> house.say("hub", "pump-" + n % 20, Integer.toString(n)));
    }

    /// What arrived, once each; of each device in its order, the devices by turns as they were when rules said it.
    private static List<String> inOrder(List<Heard> heard) {
        Map<String, Deque<String>> devices = new HashMap<>();
        new LinkedHashSet<>(heard)
                .forEach(one -> devices.computeIfAbsent(one.device(), _ -> new ArrayDeque<>())
                        .add(one.text()));
        List<String> texts = new ArrayList<>();
        for (int n = 0;
                !devices.getOrDefault("pump-" + n % 20, new ArrayDeque<>()).isEmpty();
                n++) {
            texts.add(devices.get("pump-" + n % 20).poll());
        }
        return texts;
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void messageHasItsIdItsDeviceAsGroupAndTheSubjectOfTheTemplate() throws Exception {
        sink("events", ",\"subject\":\"site.${device()}\"");
        house.say("hub", "pump-1", "{\"temp\":21.5}");
        Harness.until("it is there", () -> house.done("hub"));

        assertThat(drain("events", 1))
                .containsExactly(new Heard("main/hub/3", "pump-1", "pump-1", "site.pump-1", "{\"temp\":21.5}"));
    }

    @Test
    void brokerThatIsKilledAndComesBackHasEverythingInOrder() throws Exception {
        sink("killed", "");
        say(0, 1500);
        Harness.until("some are there", () -> house.status("hub").delivered() > 200);
        artemis.kill();
        say(1500, 2000);
        Harness.until("it is seen", () -> house.status("hub").state() == SinkStatus.State.RETRYING);
        artemis.start();
        Harness.until("all are there", () -> house.done("hub"));

        List<Heard> heard = drain("killed", 2000);
        assertThat(inOrder(heard)).containsExactlyElementsOf(numbers(2000));
        assertThat(heard.size())
                .as("the batch under way alone may be there twice")
                .isLessThanOrEqualTo(2100);
        assertThat(house.dead("hub")).isEmpty();
    }

    @Test
    void platformThatIsStoppedInTheMiddleLosesNothing() throws Exception {
        sink("stopped", ",\"batch-count\":20");
        say(0, 1000);
        Harness.until("some are there", () -> house.status("hub").delivered() > 50);
        house.stop();
        house.open();
        Harness.until("all are there", () -> house.done("hub"));

        assertThat(inOrder(drain("stopped", 1000))).containsExactlyElementsOf(numbers(1000));
    }

    @Test
    void queueThatIsFullIsWaitedFor() throws Exception {
        sink("small", "");
        String kilobyte = "x".repeat(1000);
        IntStream.range(0, 60).forEach(n -> house.say("hub", "d", "\"" + n + kilobyte + "\""));
        Harness.until("it is full", () -> house.status("hub").state() == SinkStatus.State.RETRYING);
        LinkedHashSet<Heard> heard = new LinkedHashSet<>(drain("small", 60));

        assertThat(heard.stream().map(one -> one.text().replaceAll("[\"x]", "")))
                .containsExactlyElementsOf(numbers(60));
        Harness.until("all are there", () -> house.done("hub"));
        assertThat(house.dead("hub")).isEmpty();
    }

    @Test
    void certificateIsAskedForByNameThoughTheConnectionGoesToAnAddress() throws Exception {
        SSLEngine engine = NamedTls.of("hub.example", SinkTls.USUAL).createSSLEngine("192.0.2.1", 5671);

        assertThat(engine.getPeerHost()).isEqualTo("hub.example");
        assertThat(engine.getPeerPort()).isEqualTo(5671);
    }

    @Test
    void testSaysWhatIsWrong() {
        sink("tested", "");
        assertThat(house.test("hub").what()).isEqualTo("delivered");
        try (Harness strict = new Harness(folder.resolve("strict"), "", new AmqpType())) {
            strict.good("a", "amqp", "{\"host\":\"127.0.0.1\",\"address\":\"x\"}", Map.of());
            assertThat(strict.test("a").what()).contains("sinks.private-addresses");
        }
        assertThat(house.mistakes("amqp", "{\"hots\":\"x\",\"user\":\"u\",\"address\":\"\"}", Map.of()))
                .anyMatch(flaw -> flaw.contains("did you mean host?"))
                .anyMatch(flaw -> flaw.contains("address is missing"))
                .anyMatch(flaw -> flaw.contains("belong together"));
    }
}
