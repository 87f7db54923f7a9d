package tributary.sinks.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;
import tributary.testkit.TestAuthority;

/// Records in a real broker, Kafka's own in a process of its own, which dies and comes back.
class KafkaIT {
    private static final int PARTITIONS = 3;

    @TempDir
    static Path home;

    private static final String PASSWORD = "canary-kafka-password";

    private static TestAuthority authority;
    private static int port;

    /// Of TLS and users.
    private static int secure;

    /// Of users, in the clear.
    private static int named;

    private static Server kafka;
    private static int topics;

    @TempDir
    Path folder;

    private Harness house;
    private String topic;

    @BeforeAll
    static void start() throws Exception {
        port = Server.freePort();
        secure = Server.freePort();
        named = Server.freePort();
        authority = TestAuthority.root("Site", Instant.now());
        Path store = authority.server("localhost").store(home.resolve("store"));
        int controller = Server.freePort();
        Path config = home.resolve("server.properties");
        // Nothing goes for its age: the records carry a time of the past, and the broker looks every few minutes.
        Files.writeString(config, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=PLAINTEXT://0.0.0.0:%1$d,CONTROLLER://127.0.0.1:%2$d,\
                  SECURE://127.0.0.1:%4$d,NAMED://127.0.0.1:%8$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,SECURE://localhost:%4$d,NAMED://127.0.0.1:%8$d
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,\
                  SECURE:SASL_SSL,NAMED:SASL_PLAINTEXT
                listener.name.secure.ssl.keystore.type=PKCS12
                listener.name.secure.ssl.keystore.location=%5$s
                listener.name.secure.ssl.keystore.password=%6$s
                listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
                listener.name.secure.plain.sasl.jaas.config=\
                  org.apache.kafka.common.security.plain.PlainLoginModule required user_pump="%7$s";
                listener.name.named.sasl.enabled.mechanisms=PLAIN
                listener.name.named.plain.sasl.jaas.config=\
                  org.apache.kafka.common.security.plain.PlainLoginModule required user_pump="%7$s";
                listener.name.secure.scram-sha-512.sasl.jaas.config=\
                  org.apache.kafka.common.security.scram.ScramLoginModule required;
                controller.listener.names=CONTROLLER
                log.dirs=%3$s
                auto.create.topics.enable=false
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                message.max.bytes=100000
                log.retention.ms=-1
                """.formatted(
                port, controller, home.resolve("log"), secure, store, TestAuthority.STORE_PASSWORD, PASSWORD, named));
        List<String> format = command(
                "kafka.tools.StorageTool",
                "format",
                "-t",
                "4L6g3nShT-eMCtK--X86sw",
                "-c",
                config.toString(),
                "--add-scram",
                "SCRAM-SHA-512=[name=pump,password=" + PASSWORD + "]");
        Server.run(format);
        kafka = new Server(command("kafka.Kafka", config.toString()), home.resolve("kafka.log"), port);
        kafka.start();
    }

    private static List<String> command(String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return command;
    }

    @AfterAll
    static void end() {
        kafka.close();
    }

    @BeforeEach
    void open(TestInfo test) throws Exception {
        house = new Harness(folder, "127.0.0.1, ::1", new KafkaType());
        topic = test.getTestMethod().orElseThrow().getName() + "-" + topics++;
        topic(topic);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private static void topic(String name) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        settings.put("default.api.timeout.ms", "180000");
        try (Admin admin = Admin.create(settings)) {
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)
                            .configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime"))))
                    .all()
                    .get();
        }
    }

    private void sink(String more) {
        house.good(
                "stream",
                "kafka",
                "{\"brokers\":\"127.0.0.1:" + port
                        + "\",\"tls\":false,\"retry-first\":\"50ms\",\"retry-most\":\"200ms\"," + "\"topic\":\"" + topic
                        + "\"" + more + "}",
                Map.of());
    }

    private void secureSink(String host, TestAuthority trusted, String sasl, String password) {
        house.good(
                "stream",
                "kafka",
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "brokers",
                                host + ":" + secure,
                                "topic",
                                topic,
                                "sasl",
                                sasl,
                                "user",
                                "pump",
                                "ca",
                                trusted.pem(),
                                "retry-first",
                                "50ms",
                                "retry-most",
                                "200ms")),
                Map.of("password", password));
    }

    /// Everything in a topic, in the order of each partition.
    private static List<ConsumerRecord<String, String>> all(String topic) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        settings.put("default.api.timeout.ms", "180000");
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(number -> new TopicPartition(topic, number))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
        }
        return found;
    }

    private static Map<String, List<String>> byDevice(List<ConsumerRecord<String, String>> records) {
        Map<String, List<String>> devices = new LinkedHashMap<>();
        records.forEach(record ->
                devices.computeIfAbsent(record.key(), _ -> new ArrayList<>()).add(record.value()));
        return devices;
    }

    private void say(int from, int to) {
        IntStream.range(from, to).forEach(n -> house.say("stream", "pump-" + n % 7, Integer.toString(n)));
    }

    private static List<String> of(int device, int to) {
        return IntStream.range(0, to)
                .filter(n -> n % 7 == device)
                .mapToObj(Integer::toString)
                .toList();
    }

    @Test
    void recordsHaveTheDeviceAsKeyTheStreamsTimeAndWhereTheyCameFrom() {
        sink(",\"body\":\"envelope\",\"compression\":\"zstd\"");
        house.say("stream", "pump-1", "{\"temp\":21.5}");
        Harness.until("it is there", () -> house.done("stream"));
        ConsumerRecord<String, String> record = all(topic).getFirst();

        assertThat(record.key()).isEqualTo("pump-1");
        assertThat(record.timestamp()).isEqualTo(1_764_270_000_000L);
        assertThat(new String(record.headers().lastHeader("tributary-id").value(), StandardCharsets.UTF_8))
                .isEqualTo("main/stream/3");
        assertThat(Harness.json(record.value()).at("/payload/temp").asDouble()).isEqualTo(21.5);
        assertThat(Harness.json(record.value()).at("/rule").asString()).isEqualTo("hot");
    }

    @Test
    void brokerThatIsKilledAndComesBackHasEverythingInOrder() throws IOException {
        sink(",\"batch-count\":50");
        say(0, 2000);
        Harness.until("some are there", () -> house.status("stream").delivered() > 200);
        kafka.kill();
        say(2000, 3000);
        Harness.until("it is seen", () -> house.status("stream").state() == SinkStatus.State.RETRYING);
        kafka.start();
        Harness.until("all are there", () -> house.done("stream"));

        List<ConsumerRecord<String, String>> records = all(topic);
        Map<String, List<String>> devices = byDevice(records);
        assertThat(devices).hasSize(7);
        devices.forEach((device, values) -> assertThat(values.stream().distinct())
                .as(device)
                .containsExactlyElementsOf(of(Integer.parseInt(device.substring(5)), 3000)));
        assertThat(records.size())
                .as("the batch under way alone may be there twice")
                .isLessThanOrEqualTo(3050);
        assertThat(house.dead("stream")).isEmpty();
    }

    @Test
    void platformThatIsStoppedInTheMiddleLosesNothing() {
        sink(",\"batch-count\":50");
        say(0, 3000);
        Harness.until("some are there", () -> house.status("stream").delivered() > 200);
        house.stop();
        house.open();
        Harness.until("all are there", () -> house.done("stream"));

        byDevice(all(topic))
                .forEach((device, values) -> assertThat(values.stream().distinct())
                        .as(device)
                        .containsExactlyElementsOf(of(Integer.parseInt(device.substring(5)), 3000)));
    }

    @Test
    void recordThatIsTooLargeIsPutAsideAndThoseAroundItGo() {
        sink("");
        house.say("stream", "d", "\"a\"");
        house.say("stream", "d", "\"" + "x".repeat(200_000) + "\"");
        house.say("stream", "d", "\"b\"");
        Harness.until("it is put aside", () -> house.dead("stream").size() == 1);
        Harness.until("the others are there", () -> house.done("stream"));

        assertThat(house.dead("stream").getFirst().letter().reason()).contains("RecordTooLarge");
        assertThat(all(topic).stream().map(ConsumerRecord::value)).containsExactly("\"a\"", "\"b\"");
    }

    @Test
    void topicThatIsMissingIsWaitedForWhereTheDefinitionNamesItAndADeadLetterWhereThePayloadDoes() throws Exception {
        topic = "later";
        sink("");
        house.say("stream", "d", "1");
        Harness.until(
                "it waits",
                () -> house.status("stream").lastError().contains("no such topic")
                        || house.status("stream").lastError().contains("not present"));
        topic("later");
        Harness.until("it is there", () -> house.done("stream"));
        assertThat(all("later")).hasSize(1);

        house.good(
                "by-kind",
                "kafka",
                "{\"brokers\":\"127.0.0.1:" + port + "\",\"tls\":false,\"topic\":\"${kind}\",\"key\":\"${k}\"}",
                Map.of());
        house.say("by-kind", "d", "{\"kind\":\"never\"}");
        house.say("by-kind", "d", "{}");
        house.say("by-kind", "d", "{\"kind\":\"later\",\"k\":\"x\"}");
        Harness.until("two are put aside", () -> house.dead("by-kind").size() == 2);
        Harness.until("one is there", () -> all("later").size() == 2);
        assertThat(all("later").stream().map(ConsumerRecord::key)).contains("d", "x");
    }

    @Test
    void addressesOfThisMachineAreClosedAlsoWhereABrokerNamesThem() {
        try (Harness strict = new Harness(folder.resolve("strict"), "", new KafkaType())) {
            strict.good("a", "kafka", "{\"brokers\":\"127.0.0.1:9092\",\"topic\":\"x\"}", Map.of());
            assertThat(strict.test("a").what()).contains("sinks.private-addresses");
        }
        // the broker is asked at an address that is open, and names one that is not
        try (Harness strict = new Harness(folder.resolve("named"), "127.0.0.2", new KafkaType())) {
            strict.good(
                    "a",
                    "kafka",
                    "{\"brokers\":\"127.0.0.2:" + port + "\",\"tls\":false,\"topic\":\"" + topic + "\"}",
                    Map.of());
            strict.say("a", "d", "1");
            Harness.until("it is refused", () -> strict.status("a").lastError().contains("sinks.private-addresses"));
        }
        assertThat(all(topic)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void strangerThatAnnouncesTwoGigabytesGetsNoMemoryAndWhatComesAfterItGetsEverything(boolean user) throws Exception {
        try (Stranger stranger = new Stranger()) {
            house.good(
                    "stream",
                    "kafka",
                    "{\"brokers\":\"127.0.0.1:" + stranger.port() + "\",\"tls\":false,\"topic\":\"" + topic + "\""
                            + (user ? ",\"sasl\":\"plain\",\"user\":\"pump\"" : "")
                            + ",\"retry-first\":\"50ms\",\"retry-most\":\"200ms\"}",
                    user ? Map.of("password", PASSWORD) : Map.of());
            say(0, 7);
            Harness.until("it was answered twice", () -> stranger.answered() >= 2);
            Harness.until("it is seen", () -> house.status("stream").state() == SinkStatus.State.RETRYING);
            stranger.handOnTo(user ? named : port);
            Harness.until("all are there", () -> house.done("stream"));
        }
        assertThat(all(topic)).hasSize(7);
        assertThat(house.dead("stream")).isEmpty();
    }

    @Test
    void testSaysWhatIsWrong() {
        sink("");
        assertThat(house.test("stream").what()).isEqualTo("delivered");
        assertThat(house.mistakes(
                        "kafka",
                        "{\"brokers\":\"http://x, y:1\",\"topic\":\"a/b\",\"user\":\"u\",\"sasl\":\"gssapi\"}",
                        Map.of()))
                .anyMatch(flaw -> flaw.contains("host:port"))
                .anyMatch(flaw -> flaw.contains("letters, digits"))
                .anyMatch(flaw -> flaw.contains("belong together"))
                .anyMatch(flaw -> flaw.contains("scram-sha-512"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scram-sha-512", "plain"})
    void brokerOfAnAuthorityOfOurOwnKnowsTheUser(String sasl) {
        secureSink("localhost", authority, sasl, PASSWORD);
        say(0, 70);
        Harness.until("all are there", () -> house.done("stream"));

        Map<String, List<String>> devices = byDevice(all(topic));
        for (int device = 0; device < 7; device++) {
            assertThat(devices.get("pump-" + device)).isEqualTo(of(device, 70));
        }
    }

    @Test
    void otherAuthorityOtherNameAndOtherPasswordAreSaid() {
        secureSink("localhost", TestAuthority.root("Elsewhere", Instant.now()), "scram-sha-512", PASSWORD);
        assertThat(house.test("stream").what()).contains("not of an authority that is trusted");
        secureSink("127.0.0.1", authority, "scram-sha-512", PASSWORD);
        assertThat(house.test("stream").what()).contains("certificate is of another name");
        for (String sasl : List.of("scram-sha-512", "plain")) {
            secureSink("localhost", authority, sasl, "canary-wrong");
            assertThat(house.test("stream").what())
                    .contains("SaslAuthentication")
                    .doesNotContain("canary");
        }
        assertThat(house.dead("stream")).isEmpty();
    }
}
