package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.engine.EngineSettings;
import tributary.engine.RuleEngine;
import tributary.engine.RuleReplay;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Alerts;
import tributary.registry.Device;
import tributary.registry.RegistrySettings;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.Action;
import tributary.registry.RuleStore.KeptRule;
import tributary.registry.SqlRegistry;

/// A rule again over what was, beside the rule at work.
class RuleReplayTest {
    private static final DeviceId PUMP = new DeviceId("pump-1");

    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.system();

    private final class World implements AutoCloseable {
        final SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("log"), clock);
        final SqlRegistry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder.resolve("data"), clock, new SecureRandom());
        final RuleEngine rules = RuleEngine.open(
                EngineSettings.DEFAULTS, new RuleEngine.World(log, registry, folder.resolve("rules"), clock));
        final RuleReplay replay = rules.replay();

        void say(int from, int to) {
            for (int n = from; n < to; n++) {
                say("{\"n\":" + n + "}");
            }
        }

        void say(String payload) {
            log.append(
                    new Message(
                            TenantId.MAIN,
                            PUMP,
                            new Topic("devices/pump-1/telemetry"),
                            payload.getBytes(StandardCharsets.UTF_8),
                            ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()),
                            Message.Origin.MQTT,
                            "test",
                            1,
                            false,
                            MessageProperties.NONE),
                    Receipt.NONE);
        }

        /// @return how often the rule said that of an alert
        long made(String what, String key) {
            return made().stream()
                    .filter(one -> one.contains("\"state\":\"" + what + "\"") && one.contains("\"k\":\"" + key + "\""))
                    .count();
        }

        KeptRule rule(String sql) {
            return registry.rules()
                    .save(
                            new RuleStore.RuleName(TenantId.MAIN, "r"),
                            new RuleStore.Text(
                                    sql,
                                    "tributary",
                                    "UTC",
                                    "",
                                    List.of(
                                            new Action(Action.Kind.TOPIC, "out/${kind}"),
                                            new Action(Action.Kind.SINK, "hook"))),
                            OptionalInt.empty(),
                            Optional.of(RuleStore.State.ON),
                            new RuleStore.Change("test", clock.instant()));
        }

        /// @return payloads of what the rule made, in order
        List<String> made() {
            List<String> made = new ArrayList<>();
            try (LogReader reader = log.reader()) {
                for (int partition = 0; partition < log.partitions(); partition++) {
                    reader.seek(partition, 0);
                    for (Batch batch = reader.next(partition); batch != null; batch = reader.next(partition)) {
                        for (int i = 0; i < batch.size(); i++) {
                            Message message = batch.message(i);
                            if (message.topic().value().startsWith("out/")) {
                                made.add(new String(message.payload(), StandardCharsets.UTF_8));
                            }
                        }
                    }
                }
            }
            return made;
        }

        @Override
        public void close() {
            rules.close();
            registry.close();
            log.close();
        }
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time: " + what).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static RuleReplay.Window window(Instant from, Instant to) {
        return new RuleReplay.Window(from, from, to, Duration.ofSeconds(60), 5);
    }

    private static List<String> added(List<String> all, List<String> before) {
        List<String> added = new ArrayList<>(all);
        before.forEach(added::remove);
        return added;
    }

    @Test
    void replayOfWhatWasLiveSaysTheSameAndMakesNothing() throws Exception {
        try (World world = new World()) {
            KeptRule rule = world.rule("SELECT 'five' AS kind, collect(n) AS seen FROM 'devices/+/telemetry'"
                    + " GROUP BY device_id(), COUNTWINDOW(5)");
            until("the rule runs", () -> world.rules.count() == 1);
            Instant from = clock.instant();
            world.say(0, 200);
            until("all is said", () -> world.made().size() == 40);
            RuleReplay.Window window = window(from, clock.instant());

            RuleReplay.Report report = world.replay.compare(rule, window);

            assertThat(report.complete()).as(report.why()).isTrue();
            assertThat(report.same()).isEqualTo(40);
            assertThat(report.toSinks()).isEqualTo(40);
            assertThat(report.missing() + report.extra() + report.failed()).isZero();
            assertThat(report.outputs()).hasSize(5);
            assertThat(report.outputs().getFirst().to()).containsExactly("out/five", "sink:hook");
            assertThat(world.replay.compare(rule, window).digest())
                    .as("equal input gives equal output")
                    .isEqualTo(report.digest());
            assertThat(world.replay.apply(rule, window, report.digest()))
                    .isInstanceOfSatisfying(
                            RuleReplay.Applied.Done.class,
                            done -> assertThat(done.made()).isZero());
            assertThat(world.made()).hasSize(40);
        }
    }

    @Test
    void whatAWrongRuleDidNotSayIsMadeOnceWhereverApplyingBroke() throws Exception {
        Instant from = clock.instant();
        Instant middle;
        Instant to;
        KeptRule right;
        String digest;
        List<String> before;
        try (World world = new World()) {
            world.registry.devices().add(new Device(TenantId.MAIN, PUMP, null, "pump", Map.of(), "{}", Instant.EPOCH));
            world.rule("SELECT 'high' AS kind, n FROM 'devices/+/telemetry' WHERE n >= 90");
            until("the rule runs", () -> world.rules.count() == 1);
            world.say(0, 50);
            Thread.sleep(5);
            middle = clock.instant();
            Thread.sleep(5);
            world.say(50, 100);
            until("all is said", () -> world.made().size() == 10);
            right = world.rule("SELECT 'high' AS kind, n FROM 'devices/+/telemetry' WHERE n >= 30 AND n < 95");
            to = clock.instant();
            before = world.made();

            RuleReplay.Report report = world.replay.compare(right, window(from, to));

            assertThat(report.same()).isEqualTo(5);
            assertThat(report.missing()).isEqualTo(60);
            assertThat(report.extra()).isEqualTo(5);
            assertThat(report.differences()).hasSize(65);
            digest = report.digest();
            assertThat(world.replay.apply(right, window(from, to), "another"))
                    .isInstanceOf(RuleReplay.Applied.Refused.class);
            assertThat(world.made()).isEqualTo(before);
            // a part is applied, as where it broke in the middle
            RuleReplay.Window part = window(from, middle);
            world.replay.apply(right, part, world.replay.compare(right, part).digest());
            assertThat(added(world.made(), before)).hasSize(20);
        }
        try (World world = new World()) {
            RuleReplay.Applied applied = world.replay.apply(right, window(from, to), digest);
            assertThat(applied)
                    .isInstanceOfSatisfying(
                            RuleReplay.Applied.Done.class,
                            done -> assertThat(done.made()).isEqualTo(40));
            assertThat(added(world.made(), before)).hasSize(60).doesNotHaveDuplicates();
            assertThat(world.replay.apply(right, window(from, to), digest))
                    .isInstanceOfSatisfying(
                            RuleReplay.Applied.Done.class,
                            done -> assertThat(done.made()).isZero());
            assertThat(world.made()).hasSize(70);
        }
    }

    @Test
    void warmUpGivesWindowsWhatTheyHadAndItsOwnOutputsDoNotCount() throws Exception {
        try (World world = new World()) {
            KeptRule rule = world.rule("SELECT 'sum' AS kind, sum(n) AS sum FROM 'devices/+/telemetry'"
                    + " GROUP BY device_id(), COUNTWINDOW(4)");
            until("the rule runs", () -> world.rules.count() == 1);
            Instant first = clock.instant();
            world.say(0, 6);
            Thread.sleep(5);
            Instant from = clock.instant();
            Thread.sleep(5);
            world.say(6, 12);
            until("all is said", () -> world.made().size() == 3);
            Instant to = clock.instant();

            assertThat(world.replay.compare(rule, window(from, to)).same()).isZero();
            RuleReplay.Report warm =
                    world.replay.compare(rule, new RuleReplay.Window(first, from, to, Duration.ofSeconds(60), 0));

            assertThat(warm.same()).isEqualTo(2);
            assertThat(warm.missing() + warm.extra()).isZero();
        }
    }

    @Test
    void alertOfWhichSomebodyKnewIsNotSaidAgain() throws Exception {
        try (World world = new World()) {
            KeptRule rule = world.rule("SELECT 'nag' AS kind, k, v FROM 'devices/+/telemetry' ALERT nag SEVERITY minor"
                    + " PER k WHEN v > 8 ESCALATE major AFTER 3s REPEAT EVERY 200ms");
            until("the rule runs", () -> world.rules.count() == 1);
            Instant from = clock.instant();
            world.say("{\"k\":\"a\",\"v\":9}");
            world.say("{\"k\":\"b\",\"v\":9}");
            Alerts.Key a = new Alerts.Key(TenantId.MAIN, "r", "nag", "\"a\"");
            until(
                    "somebody knows",
                    () -> world.made("repeated", "a") > 0
                            && world.registry
                                    .alerts()
                                    .acknowledge(a, "anna", clock.instant())
                                    .isPresent());
            until(
                    "the other one was said far more often",
                    () -> world.made("repeated", "b") > world.made("repeated", "a") + 5);
            for (String key : List.of("a", "b")) {
                world.say("{\"k\":\"" + key + "\",\"v\":1}");
                until("it is cleared", () -> world.made("cleared", key) == 1);
            }
            until(
                    "the history has all of it",
                    () -> world.registry
                                    .alerts()
                                    .list(TenantId.MAIN, Optional.of(Alerts.State.CLEARED), "r")
                                    .size()
                            == 2);
            Instant to = Instant.ofEpochMilli(clock.millis() + 1);

            RuleReplay.Report report = world.replay.compare(rule, window(from, to));

            assertThat(report.differences()).isEmpty();
            assertThat(report.same()).isEqualTo(world.made().size());
        }
    }
}
