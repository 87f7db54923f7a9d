package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tributary.engine.EngineSettings;
import tributary.engine.RuleEngine;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Device;
import tributary.registry.RegistrySettings;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.Action;
import tributary.registry.SqlRegistry;
import tributary.sinks.Parcels;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;

/// A rule with the action `sink` reaches a receiver that really listens, from a message in the log on, restarts
/// included.
class RulesToSinksTest {
    private static final DeviceId PUMP = new DeviceId("pump-1");

    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.system();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> losses = new CopyOnWriteArrayList<>();
    private final AtomicInteger status = new AtomicInteger(200);

    /// Everything from the log to the sinks.
    private final class River implements AutoCloseable {
        final SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("log"), clock);
        final SqlRegistry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder.resolve("data"), clock, new SecureRandom());
        final RuleEngine rules = RuleEngine.open(
                new EngineSettings(Duration.ofSeconds(1), 8, 64L << 20),
                new RuleEngine.World(
                        log,
                        registry,
                        folder.resolve("rules"),
                        clock,
                        (tenant, cause, why, count) -> losses.add(tenant + " " + cause + " " + count + ": " + why)));
        final OutboxParcels parcels = new OutboxParcels(rules.outbox(), registry.silences());
        final Sinks sinks = Sinks.open(
                SinkSettings.read(new Settings(Map.of("sinks.private-addresses", "127.0.0.1"))),
                SinkTypes.ALL,
                new Sinks.World(registry, parcels, folder.resolve("sinks"), clock, new SecureRandom()));

        void say(int from, int to) {
            say(from, to, "");
        }

        /// @param more behind `n` in the payload
        void say(int from, int to, String more) {
            for (int n = from; n < to; n++) {
                while (log.congested()) {
                    LockSupport.parkNanos(1_000_000);
                }
                log.append(
                        new Message(
                                TenantId.MAIN,
                                PUMP,
                                new Topic("devices/pump-1/telemetry"),
                                ("{\"n\":" + n + more + "}").getBytes(StandardCharsets.UTF_8),
                                ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()),
                                Message.Origin.MQTT,
                                "test",
                                1,
                                false,
                                MessageProperties.NONE),
                        Receipt.NONE);
            }
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

    private HttpServer listen() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int answer = status.get(); // once: whoever sees what was heard may set another
            if (answer == 200) {
                heard.add(body);
            }
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time: " + what).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to)
                .filter(n -> n % 2 == 0)
                .mapToObj(n -> "{\"n\":" + n + ",\"twice\":" + 2 * n + "}")
                .toList();
    }

    @Test
    void whatARuleSaysIsDeliveredInOrderAcrossRestartsAndOutages() throws Exception {
        HttpServer server = listen();
        try {
            try (River river = new River()) {
                river.registry
                        .devices()
                        .add(new Device(TenantId.MAIN, PUMP, null, "pump", Map.of(), "{}", Instant.EPOCH));
                Sinks.Put put = river.sinks.put(
                        TenantId.MAIN,
                        "hook",
                        "webhook",
                        JsonMapper.builder()
                                .build()
                                .readTree("{\"url\":\"http://127.0.0.1:"
                                        + server.getAddress().getPort()
                                        + "/\",\"retry-first\":\"20ms\",\"retry-most\":\"50ms\"}"),
                        Map.of());
                assertThat(put).isInstanceOf(Sinks.Put.Saved.class);
                river.registry
                        .rules()
                        .save(
                                new RuleStore.RuleName(TenantId.MAIN, "even"),
                                new RuleStore.Text(
                                        "SELECT n, n * 2 AS twice FROM 'devices/+/telemetry' WHERE n % 2 = 0",
                                        "2016-03-23",
                                        ZoneId.of("UTC").getId(),
                                        "",
                                        List.of(new Action(Action.Kind.SINK, "hook"))),
                                OptionalInt.empty(),
                                Optional.of(RuleStore.State.ON),
                                new RuleStore.Change("test", clock.instant()));
                until("the rule runs", () -> river.rules.count() == 1);
                river.say(0, 100);
                until("the first are there", () -> heard.size() == 50);
                status.set(503);
                river.say(100, 200);
                until(
                        "the outage is seen",
                        () -> river.sinks.statuses().get("main/hook").failures() > 0);
            }
            status.set(200);
            try (River river = new River()) {
                river.say(200, 300);
                until("all are there", () -> heard.size() >= 150);
            }
            assertThat(heard).isEqualTo(numbers(0, 300));
        } finally {
            server.stop(0);
        }
    }

    private void rule(River river, String name, String sql, String sink) {
        save(river, name, sql, List.of(new Action(Action.Kind.SINK, sink)));
    }

    private void save(River river, String name, String sql, List<Action> actions) {
        river.registry
                .rules()
                .save(
                        new RuleStore.RuleName(TenantId.MAIN, name),
                        new RuleStore.Text(sql, "tributary", "UTC", "", actions),
                        OptionalInt.empty(),
                        Optional.of(RuleStore.State.ON),
                        new RuleStore.Change("test", clock.instant()));
    }

    private static void hook(River river, String name, int port, String more) {
        Sinks.Put put = river.sinks.put(
                TenantId.MAIN,
                name,
                "webhook",
                JsonMapper.builder()
                        .build()
                        .readTree(
                                "{\"url\":\"http://127.0.0.1:%d/%s\",\"retry-first\":\"20ms\",\"retry-most\":\"50ms\"%s}"
                                        .formatted(port, name, more)),
                Map.of());
        assertThat(put).isInstanceOf(Sinks.Put.Saved.class);
    }

    @Test
    void sinkThatStaysAwayStopsNobodyAndGetsWhatItsLimitKeptWhenItIsBack() throws Exception {
        HttpServer server = listen();
        int port = server.getAddress().getPort();
        int closed = port();
        String pad = ",\"pad\":\"" + "x".repeat(200_000) + "\"";
        try {
            try (River river = new River()) {
                hook(river, "gone", closed, ",\"waiting-max\":\"16MB\"");
                hook(river, "here", port, "");
                // the outputs of the first have 80 MB, and the outbox has room for 64 MB
                rule(river, "large", "SELECT n, pad FROM 'devices/+/telemetry'", "gone");
                rule(river, "small", "SELECT n FROM 'devices/+/telemetry'", "here");
                until("the rules run", () -> river.rules.count() == 2);
                river.say(0, 400, pad);
                until("the other hears all", () -> heard.size() >= 400);
                until(
                        "the oldest went",
                        () -> river.sinks.statuses().get("main/gone").lost() > 0);
                assertThat(river.rules.status().troubles()).isEmpty();
            }
            heard.clear();
            try (River river = new River()) {
                until(
                        "what was lost is known",
                        () -> river.sinks.statuses().get("main/gone").lost() > 0);
                river.say(400, 500, pad);
                until("the other hears what follows", () -> heard.size() >= 100);
                heard.clear();
                hook(river, "gone", port, ",\"waiting-max\":\"16MB\"");
                until("the last one is there", () -> heard.stream().anyMatch(body -> body.contains("\"n\":499,")));

                long lost = river.sinks.statuses().get("main/gone").lost();
                List<Integer> numbers = heard.stream()
                        .filter(body -> body.contains("pad"))
                        .map(body -> JsonMapper.builder()
                                .build()
                                .readTree(body)
                                .path("n")
                                .asInt())
                        .toList();
                assertThat(numbers).as("lost " + lost).isSorted();
                // never fewer are counted than went; one that was on its way when its file went is, and arrives
                assertThat(numbers.stream().distinct().count() + lost)
                        .as("lost %d, heard %s", lost, numbers)
                        .isBetween(500L, 560L);
                assertThat(numbers.size()).as("at least the limit was kept").isGreaterThan(75);
            }
        } finally {
            server.stop(0);
        }
    }

    @Test
    void everyAlertGoesToTheSinksOfTheRouteOnceWhateverItsRuleNames() throws Exception {
        HttpServer server = listen();
        try (River river = new River()) {
            hook(river, "phone", server.getAddress().getPort(), "");
            String alert = "SELECT n FROM 'devices/+/telemetry' ALERT %s WHEN n %% 10 = %d CLEAR WHEN n %% 10 <> %d";
            unsaid(river, "quiet", alert.formatted("quiet", 1, 1));
            rule(river, "loud", alert.formatted("loud", 2, 2), "phone");
            unsaid(river, "no_alert", "SELECT n AS alert FROM 'devices/+/telemetry'");
            until("the rules run", () -> river.rules.count() == 3);
            river.say(0, 10);
            until("what a rule names itself comes", () -> heard.size() == 2);

            river.registry.alertRoute().set(TenantId.MAIN, List.of("phone"));
            river.say(10, 20);
            until("the alerts of both come", () -> heard.size() >= 6);
            river.registry.alertRoute().set(TenantId.MAIN, List.of());
            river.say(20, 30);
            until("and of one only", () -> heard.size() >= 8);

            assertThat(heard).hasSize(8);
            assertThat(heard.stream().filter(body -> body.contains("quiet"))).hasSize(2);
        } finally {
            server.stop(0);
        }
    }

    /// A rule that names no place where to.
    private void unsaid(River river, String name, String sql) {
        save(river, name, sql, List.of());
    }

    @Test
    void sinkThatSleepsIsWokenByWhatIsForIt() throws Exception {
        try (River river = new River()) {
            rule(river, "all", "SELECT n FROM 'devices/+/telemetry'", "sleeper");
            until("the rule runs", () -> river.rules.count() == 1);
            AtomicInteger woken = new AtomicInteger();
            try (Parcels.Reader reader = river.parcels.reader(TenantId.MAIN, "sleeper", river.parcels.end())) {
                Thread sleeper = Thread.ofVirtual().start(() -> {
                    try {
                        woken.set(reader.next(Duration.ofHours(1), 10, 1 << 20)
                                .parcels()
                                .size());
                    } catch (InterruptedException e) {
                        woken.set(-1);
                    }
                });
                until("it sleeps", () -> sleeper.getState() == Thread.State.TIMED_WAITING);

                river.say(0, 1);

                until("it is awake long before its hour", () -> woken.get() != 0);
                assertThat(woken.get()).isEqualTo(1);
            }
        }
    }

    @Test
    void messageAtWhichTheEngineItselfFailsIsSetAsideAndRulesGoOn() throws Exception {
        HttpServer server = listen();
        try (River river = new River()) {
            hook(river, "here", server.getAddress().getPort(), "");
            rule(river, "all", "SELECT n FROM 'devices/+/telemetry'", "here");
            until("the rule runs", () -> river.rules.count() == 1);
            // no rule writes such a thing; a later version of this one may
            river.log.append(
                    new Message(
                            TenantId.MAIN,
                            PUMP,
                            new Topic("devices/pump-1/telemetry"),
                            "{\"n\":-1}".getBytes(StandardCharsets.UTF_8),
                            ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()),
                            Message.Origin.PLATFORM,
                            "rule:odd",
                            1,
                            false,
                            new MessageProperties(
                                    "application/json",
                                    "",
                                    new byte[0],
                                    -1,
                                    false,
                                    List.of(new MessageProperties.UserProperty("tributary-depth", "many")))),
                    Receipt.NONE);
            river.say(0, 3);

            until("rules go on", () -> heard.size() == 3);

            assertThat(river.rules.status().setAside()).isEqualTo(1);
            assertThat(river.rules.status().restarts()).isEqualTo(3);
            until("all is well again", () -> river.rules.status().troubles().isEmpty());
            assertThat(losses).singleElement().asString().contains("set-aside").contains("many");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void fullDiskUnderTheOutboxStopsRulesWithTheReasonAndNotIngestAndTheyGoOnByThemselves() throws Exception {
        Path rules = Files.createDirectory(folder.resolve("rules"));
        assumeTrue(shell("mount -t tmpfs -o size=64m tributary-test " + rules) == 0, "only root can mount");
        HttpServer server = listen();
        try (River river = new River()) {
            hook(river, "here", server.getAddress().getPort(), "");
            rule(river, "all", "SELECT n FROM 'devices/+/telemetry'", "here");
            until("the rule runs", () -> river.rules.count() == 1);
            shell("dd if=/dev/zero of=" + rules.resolve("filler") + " bs=64k count=2000 2>/dev/null");
            int said = 0;
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (river.rules.status().troubles().isEmpty()) {
                assertThat(System.nanoTime())
                        .as("the disk is full after %d messages", said)
                        .isLessThan(deadline);
                river.say(said, ++said);
                LockSupport.parkNanos(2_000_000);
            }
            assertThat(river.rules.status().troubles().toString()).containsPattern("[Nn]o (room|space)");
            long durable = river.log.stats().appended();
            river.say(said, said + 10);
            until("ingest goes on", () -> river.log.stats().appended() >= durable + 10);
            assertThat(river.log.stats().refused()).isZero();

            Files.delete(rules.resolve("filler"));

            int all = said + 10;
            until("all are heard", () -> heard.size() >= all);
            assertThat(heard).hasSize(all).doesNotHaveDuplicates();
            until("all is well again", () -> river.rules.status().troubles().isEmpty());
        } finally {
            server.stop(0);
            shell("umount -l " + rules);
        }
    }

    private static int shell(String command) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
    }

    /// @return a port that nobody listens at
    private static int port() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
