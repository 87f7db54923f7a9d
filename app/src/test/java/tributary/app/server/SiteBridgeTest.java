package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tributary.engine.EngineSettings;
import tributary.engine.RuleEngine;
import tributary.gateway.Attempt;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Attempts;
import tributary.gateway.Cause;
import tributary.gateway.Checkpoint;
import tributary.gateway.Intake;
import tributary.gateway.IntakeSettings;
import tributary.gateway.RecentAttempts;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.RegistrySettings;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.Action;
import tributary.registry.SqlRegistry;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;
import tributary.sinks.SourceStatus;

/// Mosquitto on a site, bridged both ways, with an hour of outage on either side: not a message is missing, the order
/// of each device holds, and nothing goes round.
class SiteBridgeTest {
    /// One message a second.
    private static final int HOUR = 3600;

    private static final int PUMPS = 4;

    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.system();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private Process mosquitto;
    private Mqtt5BlockingClient listener;
    private int port;

    /// Everything from the intake to the sinks.
    private final class River implements AutoCloseable {
        final SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("log"), clock);
        final SqlRegistry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder.resolve("data"), clock, new SecureRandom());
        final RuleEngine rules = RuleEngine.open(
                new EngineSettings(Duration.ofSeconds(1), 8, 64L << 20),
                new RuleEngine.World(log, registry, folder.resolve("rules"), clock, (_, _, _, _) -> {}));
        final OutboxParcels parcels = new OutboxParcels(rules.outbox(), registry.silences());
        final Attempts attempts = new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), clock);
        final Intake intake = new Checkpoint(IntakeSettings.DEFAULTS, registry.devices(), log, attempts, clock);
        final Sinks sinks = Sinks.open(
                SinkSettings.read(new Settings(Map.of("sinks.private-addresses", "127.0.0.1"))),
                SinkTypes.ALL,
                new Sinks.World(
                        registry,
                        parcels,
                        folder.resolve("sinks"),
                        clock,
                        new SecureRandom(),
                        (_, _, _) -> {},
                        new BridgeDoor(intake, attempts)));

        void furnish() {
            for (int i = 0; i < PUMPS; i++) {
                DeviceId pump = new DeviceId("pump-" + i);
                registry.devices().add(new Device(TenantId.MAIN, pump, null, "pump", Map.of(), "{}", Instant.EPOCH));
            }
            Sinks.Put put = sinks.put(
                    TenantId.MAIN,
                    "site",
                    "mqtt",
                    JsonMapper.builder().build().readTree("""
                                    {"host": "127.0.0.1", "port": %d, "tls": false, "retry-first": "50ms",
                                     "retry-most": "500ms", "topic": "plant/${device()}/command",
                                     "subscribe": "plant/#", "remote-prefix": "plant/", "local-prefix": "devices/"}
                                    """.formatted(port)),
                    Map.of());
            assertThat(put).isInstanceOf(Sinks.Put.Saved.class);
            registry.rules()
                    .save(
                            new RuleStore.RuleName(TenantId.MAIN, "answer"),
                            new RuleStore.Text(
                                    "SELECT n FROM 'devices/+/telemetry' WHERE n % 2 = 0",
                                    "tributary", "UTC", "", List.of(new Action(Action.Kind.SINK, "site"))),
                            OptionalInt.empty(),
                            Optional.of(RuleStore.State.ON),
                            new RuleStore.Change("test", clock.instant()));
        }

        SourceStatus incoming() {
            return sinks.find(TenantId.MAIN, "site").orElseThrow().source();
        }

        /// @return what is in the log, in the order of each device
        List<Message> stored() {
            List<Message> stored = new ArrayList<>();
            try (LogReader reader = ((Log) log).reader()) {
                for (int partition = 0; partition < log.partitions(); partition++) {
                    reader.seek(partition, 0);
                    for (Batch batch = reader.next(partition); batch != null; batch = reader.next(partition)) {
                        for (int i = 0; i < batch.size(); i++) {
                            stored.add(batch.message(i));
                        }
                    }
                }
            }
            return stored;
        }

        @Override
        public void close() {
            sinks.close();
            parcels.close();
            rules.close();
            registry.close();
            log.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/mosquitto")), "mosquitto installed");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                user root
                persistence true
                persistence_location %s/
                max_queued_messages 0
                """.formatted(port, folder));
        mosquitto();
        listener = client("operator");
        listener.toAsync()
                .publishes(
                        MqttGlobalPublishFilter.ALL,
                        message -> commands.add(message.getTopic().getLevels().get(1) + " " + text(message)));
        listener.connectWith().cleanStart(false).sessionExpiryInterval(HOUR).send();
        listener.subscribeWith()
                .topicFilter("plant/+/command")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
    }

    @AfterEach
    void end() {
        if (mosquitto != null) {
            mosquitto.destroyForcibly();
        }
    }

    private void mosquitto() throws Exception {
        mosquitto = new ProcessBuilder(
                        "/usr/sbin/mosquitto",
                        "-c",
                        folder.resolve("mosquitto.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("mosquitto.log").toFile()))
                .start();
        until("mosquitto listens", () -> {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Mqtt5BlockingClient client(String id) {
        return MqttClient.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(50, TimeUnit.MILLISECONDS)
                .maxDelay(500, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .useMqttVersion5()
                .buildBlocking();
    }

    private static String text(Mqtt5Publish message) {
        return new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8);
    }

    /// What the pumps of the site measure, until Mosquitto has it.
    private void measure(int from, int to) {
        Mqtt5BlockingClient site = client("site-" + from);
        site.connect();
        List<CompletableFuture<?>> told = new ArrayList<>();
        for (int n = from; n < to; n++) {
            told.add(site.toAsync()
                    .publishWith()
                    .topic("plant/pump-" + n % PUMPS + "/telemetry")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))
                    .send());
        }
        told.forEach(CompletableFuture::join);
        site.disconnect();
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time: " + what).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /// @return each at its first time, by pump
    private static List<List<String>> byPump(List<String> all) {
        LinkedHashSet<String> firsts = new LinkedHashSet<>(all);
        return IntStream.range(0, PUMPS)
                .mapToObj(pump -> firsts.stream()
                        .filter(one -> one.startsWith("pump-" + pump + " "))
                        .toList())
                .toList();
    }

    private static List<String> expected(int to, int step) {
        return IntStream.range(0, to)
                .filter(n -> n % step == 0)
                .mapToObj(n -> "pump-" + n % PUMPS + " {\"n\":" + n + "}")
                .toList();
    }

    @Test
    @Timeout(value = 12, unit = TimeUnit.MINUTES)
    void anHourOfOutageOnEitherSideLeavesNoGap() throws Exception {
        try (River river = new River()) {
            river.furnish();
            until("it listens", () -> river.incoming().state() == SourceStatus.State.LISTENING);
            until("the rule runs", () -> river.rules.count() == 1);
            measure(0, 200);
            until("they came", () -> river.incoming().taken() >= 200);
        }
        // we are away for an hour
        measure(200, 200 + HOUR);
        int all = 200 + 2 * HOUR;
        try (River river = new River()) {
            until("the hour came", () -> river.incoming().taken() >= HOUR);
            // then the site is, with all that waits in it
            measure(200 + HOUR, all);
            mosquitto.destroy();
            mosquitto.waitFor();
            until("it is seen", () -> river.incoming().state() == SourceStatus.State.AWAY);
            mosquitto();
            until("all came", () -> new LinkedHashSet<>(texts(river)).size() == all);
            until("all is answered", () -> new LinkedHashSet<>(commands).size() == all / 2);

            List<String> stored = texts(river);
            assertThat(byPump(stored)).isEqualTo(byPump(expected(all, 1)));
            assertThat(byPump(commands)).isEqualTo(byPump(expected(all, 2)));
            assertThat(river.stored().stream()
                            .filter(message -> message.topic().value().endsWith("/command")))
                    .as("what we said ourselves did not come back")
                    .isEmpty();
            assertThat(river.incoming().own()).isPositive();
        }
        listener.disconnect();
    }

    private static List<String> texts(River river) {
        return river.stored().stream()
                .map(message -> message.device() + " " + new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void topicOutsideTheRemotePrefixIsInTheAttemptsLogOfTheTenant() throws Exception {
        try (River river = new River()) {
            river.furnish();
            until("it listens", () -> river.incoming().state() == SourceStatus.State.LISTENING);
            Mqtt5BlockingClient site = client("site");
            site.connect();
            // 'plant/#' is all below 'plant', and 'plant' itself
            site.publishWith().topic("plant").qos(MqttQos.AT_LEAST_ONCE).send();
            site.disconnect();
            Attempts.Wanted own = new Attempts.Wanted(TenantId.MAIN, false, null, Set.of(), 0);
            until(
                    "it is noted",
                    () -> !river.attempts.before(own, Long.MAX_VALUE, 10).isEmpty());

            Attempt noted = river.attempts.before(own, Long.MAX_VALUE, 10).getFirst();
            assertThat(noted.cause()).isEqualTo(Cause.PUBLISH_NOT_ALLOWED);
            assertThat(noted.subject()).isEqualTo("sink:site");
            assertThat(noted.sentence()).contains("'plant' of the other broker is not below 'plant/'", "'plant/+/#'");
            Attempts.Wanted others = new Attempts.Wanted(new TenantId("other"), true, null, Set.of(), 0);
            assertThat(river.attempts.before(others, Long.MAX_VALUE, 10)).isEmpty();
        }
        listener.disconnect();
    }

    @Test
    void messageOfADeviceThatDoesNotExistIsInTheAttemptsLogAndTheNextGoesOn() throws Exception {
        try (River river = new River()) {
            river.furnish();
            until("it listens", () -> river.incoming().state() == SourceStatus.State.LISTENING);
            Mqtt5BlockingClient site = client("site");
            site.connect();
            for (String topic : List.of("plant/stranger/telemetry", "plant/pump-1/telemetry")) {
                site.publishWith()
                        .topic(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload("{\"n\":1}".getBytes(StandardCharsets.UTF_8))
                        .send();
            }
            until("the good one came", () -> river.incoming().taken() == 1);
            site.disconnect();

            assertThat(river.incoming().refused()).isEqualTo(1);
            assertThat(river.attempts.before(
                            new Attempts.Wanted(TenantId.MAIN, false, null, Set.of(), 0), Long.MAX_VALUE, 10))
                    .singleElement()
                    .satisfies(attempt -> {
                        assertThat(attempt.cause()).isEqualTo(Cause.UNKNOWN_DEVICE);
                        assertThat(attempt.toString()).contains("sink:site");
                    });
        }
        listener.disconnect();
    }
}
