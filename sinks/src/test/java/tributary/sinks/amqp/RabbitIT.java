package tributary.sinks.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;
import tributary.testkit.TestAuthority;

/// Messages to RabbitMQ, as Debian has it, by its plugin for AMQP 1.0; it is killed and comes back.
class RabbitIT {
    private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int QUIET_MILLIS = 1500;

    @TempDir
    static Path home;

    private static int port;
    private static int tlsPort;
    private static TestAuthority authority;

    /// What Erlang finds its nodes by; without one of the test's own it would start one that stays.
    private static Server names;

    private static Server rabbit;

    @TempDir
    Path folder;

    private Harness house;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "rabbitmq-server installed");
        port = Server.freePort();
        tlsPort = Server.freePort();
        int namesPort = Server.freePort();
        names = new Server(
                List.of("/usr/bin/epmd", "-port", Integer.toString(namesPort), "-address", "127.0.0.1"),
                home.resolve("names.log"),
                namesPort);
        names.start();
        Files.writeString(home.resolve("plugins"), "[rabbitmq_amqp1_0].");
        Files.writeString(home.resolve("queues.json"), """
                {"vhosts": [{"name": "/"}],
                 "users": [{"name": "guest", "tags": "", "hashing_algorithm": "rabbit_password_hashing_sha256",
                            "password_hash": "AAAAAPEoQ8a3jY6DABRiJzkoKooQbXiBp2iGLke7d+FVKzJx"}],
                 "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
                 "queues": [{"name": "there", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}},
                            {"name": "fleeting", "vhost": "/", "durable": false, "auto_delete": false, "arguments": {}}]}
                """);
        authority = TestAuthority.root("Site", Instant.now());
        TestAuthority.Issued own = authority.server("localhost");
        Files.writeString(home.resolve("ca.pem"), authority.pem());
        Files.writeString(home.resolve("own.pem"), own.pem());
        Files.writeString(home.resolve("own.key"), own.keyPem());
        Files.writeString(home.resolve("rabbit.conf"), """
                listeners.tcp.1 = 127.0.0.1:%d
                listeners.ssl.1 = 127.0.0.1:%d
                ssl_options.cacertfile = %s/ca.pem
                ssl_options.certfile = %s/own.pem
                ssl_options.keyfile = %s/own.key
                ssl_options.verify = verify_peer
                ssl_options.fail_if_no_peer_cert = true
                load_definitions = %s/queues.json
                """.formatted(port, tlsPort, home, home, home, home));
        rabbit = new Server(
                List.of(
                        "/usr/bin/env",
                        "HOME=" + home,
                        "ERL_EPMD_PORT=" + namesPort,
                        "ERL_EPMD_ADDRESS=127.0.0.1",
                        "RABBITMQ_NODENAME=tributary-" + port + "@localhost",
                        "RABBITMQ_DIST_PORT=" + Server.freePort(),
                        "RABBITMQ_MNESIA_BASE=" + home.resolve("mnesia"),
                        "RABBITMQ_LOG_BASE=" + home.resolve("log"),
                        "RABBITMQ_PID_FILE=" + home.resolve("pid"),
                        "RABBITMQ_CONFIG_FILE=" + home.resolve("rabbit.conf"),
                        "RABBITMQ_ENABLED_PLUGINS_FILE=" + home.resolve("plugins"),
                        PROGRAM.toString()),
                home.resolve("rabbit.log"),
                port);
        rabbit.start();
    }

    @AfterAll
    static void end() {
        if (names != null) {
            if (rabbit != null) {
                rabbit.close();
            }
            names.close();
        }
    }

    @BeforeEach
    void open() {
        house = new Harness(folder, "127.0.0.1, ::1", new AmqpType());
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void sink(String address, String more, String password) {
        house.good(
                "hub",
                "amqp",
                "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"tls\":false,\"user\":\"guest\","
                        + "\"retry-first\":\"50ms\",\"retry-most\":\"200ms\",\"address\":\"" + address + "\"" + more
                        + "}",
                Map.of("password", password));
    }

    /// @param trusted whose certificate the broker is to have
    /// @param shown   what it is shown, or null for nothing
    private void tls(TestAuthority trusted, TestAuthority.@Nullable Issued shown) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "host", "localhost",
                "port", tlsPort,
                "address", "/queue/encrypted",
                "user", "guest",
                "ca", trusted.pem(),
                "retry-first", "50ms",
                "retry-most", "200ms"));
        Map<String, String> secrets = new HashMap<>(Map.of("password", "guest"));
        if (shown != null) {
            config.put("certificate", shown.pem());
            secrets.put("private-key", shown.keyPem());
        }
        house.good("hub", "amqp", JsonMapper.shared().writeValueAsString(config), secrets);
    }

    /// Takes everything out of a queue: waits for as many different messages as are to be there, then a while for more.
    private static List<String> drain(String queue, int different) throws Exception {
        List<String> heard = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        ConnectionOptions options = new ConnectionOptions().user("guest").password("guest");
        try (Client client = Client.create();
                Connection connection = client.connect("127.0.0.1", port, options);
                Receiver receiver = connection.openReceiver("/amq/queue/" + queue)) {
            for (Delivery delivery = next(receiver, different > 0);
                    delivery != null;
                    delivery = next(receiver, seen.size() < different)) {
                Message<byte[]> message = delivery.message();
                heard.add(new String(message.body()));
                seen.add(heard.getLast());
            }
        }
        return heard;
    }

    private static Delivery next(Receiver receiver, boolean wanted) throws Exception {
        return receiver.receive(wanted ? PATIENCE_MILLIS : QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    /// @return each at its first time, those of one device
    private static List<String> ofDevice(List<String> heard, int device) {
        return new LinkedHashSet<>(heard)
                .stream().filter(n -> Integer.parseInt(n) % 10 == device).toList();
    }

    /// RabbitMQ forgets a queue that was made a moment before it is killed, with all that it accepted for it, though
    /// it is durable: what its database had not decided is taken back. From a start on that knows it, it lasts.
    private void settle(String queue) throws Exception {
        do {
            house.say("hub", "pump-0", "0");
            Harness.until("the queue is there", () -> house.done("hub"));
            rabbit.end();
            rabbit.kill();
            rabbit.start();
        } while (!known(queue));
    }

    private static boolean known(String queue) throws IOException {
        try (Stream<Path> files = Files.walk(home.resolve("mnesia"))) {
            for (Path file : files.filter(file -> file.endsWith("rabbit_durable_queue.DCD"))
                    .toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(queue)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void brokerThatIsKilledAndComesBackHasEverythingInTheOrderOfEachDevice() throws Exception {
        sink("/queue/killed", "", "guest");
        settle("killed");
        IntStream.range(1, 1000).forEach(n -> house.say("hub", "pump-" + n % 10, Integer.toString(n)));
        Harness.until("some are there", () -> house.status("hub").delivered() > 100);
        rabbit.kill();
        IntStream.range(1000, 1500).forEach(n -> house.say("hub", "pump-" + n % 10, Integer.toString(n)));
        Harness.until("it is seen", () -> house.status("hub").state() == SinkStatus.State.RETRYING);
        rabbit.start();
        Harness.until("all are there", () -> house.done("hub"));

        List<String> heard = drain("killed", 1500);
        assertThat(new LinkedHashSet<>(heard)).containsExactlyInAnyOrderElementsOf(numbers(1500));
        for (int device = 0; device < 10; device++) {
            int own = device;
            assertThat(ofDevice(heard, device))
                    .isEqualTo(numbers(1500).stream()
                            .filter(n -> Integer.parseInt(n) % 10 == own)
                            .toList());
        }
        assertThat(heard.size())
                .as("the batch under way alone may be there twice")
                .isLessThanOrEqualTo(1600);
        assertThat(house.dead("hub")).isEmpty();
    }

    @Test
    void queueThatIsThereIsReachedByItsNameAndAsWhatItIs() throws Exception {
        sink("there", "", "guest");
        house.say("hub", "pump-1", "1");
        Harness.until("it is there", () -> house.done("hub"));
        sink("/amq/queue/there", "", "guest");
        house.say("hub", "pump-1", "2");
        Harness.until("it is there", () -> house.done("hub"));

        assertThat(drain("there", 2)).containsExactly("1", "2");
    }

    @Test
    void queueThatForgetsIsNotWrittenTo() {
        sink("/queue/fleeting", "", "guest");
        house.say("hub", "pump-1", "1");
        Harness.until("it is seen", () -> house.status("hub").state() == SinkStatus.State.RETRYING);

        assertThat(house.status("hub").lastError()).contains("durable").contains("fleeting");
        assertThat(house.dead("hub")).isEmpty();
    }

    @Test
    void brokerOfAnAuthorityOfOurOwnTakesThemFromWhoShowsACertificateOfIt() throws Exception {
        TestAuthority.Issued us = authority.issue("tributary");
        tls(authority, null);
        assertThat(house.test("hub").delivered()).as("nothing is shown").isFalse();
        tls(TestAuthority.root("Elsewhere", Instant.now()), us);
        assertThat(house.test("hub").what()).contains("not of an authority that is trusted");
        tls(authority, TestAuthority.root("Elsewhere", Instant.now()).issue("tributary"));
        assertThat(house.test("hub").delivered()).as("one of another authority").isFalse();
        house.say("hub", "pump-1", "0");
        Harness.until("it is seen", () -> house.status("hub").state() == SinkStatus.State.RETRYING);

        tls(authority, us);
        IntStream.range(1, 50).forEach(n -> house.say("hub", "pump-1", Integer.toString(n)));
        Harness.until("all are there", () -> house.done("hub"));

        assertThat(drain("encrypted", 50)).isEqualTo(numbers(50));
        assertThat(house.dead("hub")).isEmpty();
    }

    @Test
    void wrongPasswordIsWaitedForAndSaid() {
        sink("/queue/secret", "", "canary-wrong");
        house.say("hub", "pump-1", "1");
        Harness.until("it is seen", () -> house.status("hub").state() == SinkStatus.State.RETRYING);

        assertThat(house.dead("hub")).isEmpty();
        assertThat(house.status("hub").lastError()).contains("user").doesNotContain("canary");
        assertThat(house.status("hub").delivered()).isZero();
    }
}
