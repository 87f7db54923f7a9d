package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.RuleStore.Action;
import tributary.rules.Lookups;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// What rules of a tenant remember together is bounded, and the largest of them says so.
class RememberedTest {
    private static final LogSettings SETTINGS =
            new LogSettings(1, 1 << 20, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final long STATE_MAX = 40_000;
    private static final TenantId OTHER = new TenantId("other");

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedDisk logDisk = new SimulatedDisk(new SplittableRandom(1));
    private final SimulatedDisk outboxDisk = new SimulatedDisk(new SplittableRandom(2));
    private final SimulatedDisk stateDisk = new SimulatedDisk(new SplittableRandom(3));
    private final Map<Definition.Key, RuleFigures> figures = new HashMap<>();
    private SegmentLog log;
    private SegmentLog outbox;
    private Engine engine;

    private static Definition rule(TenantId tenant, String name, String sql) {
        Action sink = new Action(Action.Kind.SINK, "s");
        return new Definition(tenant, name, 1, 1, sql, "tributary", "Z", List.of(sink), Definition.Mode.ON);
    }

    private void open(long stateMax, long stateMaxAll) throws IOException, InterruptedException {
        List<Definition> rules = List.of(
                rule(TenantId.MAIN, "window", "SELECT k, collect(v) AS vs FROM 'big' GROUP BY k, TUMBLING(1h)"),
                rule(TenantId.MAIN, "alert", "SELECT v FROM 'small' ALERT hot PER k WHEN v > 8"),
                rule(OTHER, "window", "SELECT k, collect(v) AS vs FROM 'big' GROUP BY k, TUMBLING(1h)"));
        boolean[] asked = {false};
        log = SegmentLog.unmanned(SETTINGS, logDisk, clock, new SplittableRandom(1));
        outbox = SegmentLog.unmanned(SETTINGS, outboxDisk, clock, new SplittableRandom(1));
        engine = new Engine(new Engine.World(
                log,
                outbox,
                () -> {
                    @Nullable List<Definition> found = asked[0] ? null : rules;
                    asked[0] = true;
                    return found;
                },
                new Workforce(_ -> Lookups.none(), figures),
                new Snapshot(stateDisk, "checkpoint"),
                clock,
                _ -> outbox.step(0),
                Set.of(),
                _ -> {},
                Runnable::run,
                () -> 0,
                new EngineSettings(Duration.ofSeconds(1), 3, 1L << 30, stateMax, stateMaxAll)));
        passes(2);
    }

    /// The engine looks every second, and writes down what rules remember.
    private void passes(int seconds) throws InterruptedException {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            engine.turn();
            engine.turn();
        }
    }

    private void publish(TenantId tenant, String topic, String payload) {
        clock.advance(Duration.ofMillis(1));
        log.append(
                new Message(
                        tenant,
                        null,
                        new Topic(topic),
                        payload.getBytes(StandardCharsets.UTF_8),
                        Micros.of(clock.instant()),
                        Message.Origin.MQTT,
                        "p",
                        1,
                        false,
                        MessageProperties.NONE),
                Receipt.NONE);
        log.step(0);
    }

    /// Sixty keys of a kilobyte each.
    private void fill(TenantId tenant) throws InterruptedException {
        for (int n = 0; n < 60; n++) {
            publish(tenant, "big", "{\"k\":" + n + ",\"v\":\"" + "x".repeat(1000) + "\"}");
        }
        passes(3);
    }

    private long failed(TenantId tenant, String name) {
        return figures.get(new Definition.Key(tenant, name)).failed();
    }

    private List<String> alerts() {
        List<String> said = new ArrayList<>();
        try (OutboxReader reader = new LogOutbox(outbox, 1 << 30).reader("judge")) {
            reader.seek(0);
            for (List<Parcel> found = reader.poll(Duration.ZERO);
                    !found.isEmpty();
                    found = reader.poll(Duration.ZERO)) {
                for (Parcel parcel : found) {
                    Parcel.AlertChange alert = parcel.alert();
                    if (alert != null && parcel.destination() instanceof Parcel.Destination.ToSink) {
                        said.add(alert.state() + alert.key());
                    }
                }
            }
        }
        return said;
    }

    @Test
    void largestTakesInNothingNewUntilItsWindowsAreOverAndOthersGoOn() throws Exception {
        open(STATE_MAX, 1L << 30);
        fill(TenantId.MAIN);
        assertThat(failed(TenantId.MAIN, "window")).isZero();

        publish(TenantId.MAIN, "big", "{\"k\":1,\"v\":\"y\"}");
        publish(TenantId.MAIN, "small", "{\"k\":\"a\",\"v\":9}");
        publish(OTHER, "big", "{\"k\":1,\"v\":\"y\"}");
        passes(2);

        RuleFigures.Shown shown =
                figures.get(new Definition.Key(TenantId.MAIN, "window")).show();
        assertThat(shown.failed()).isEqualTo(1);
        assertThat(shown.failures().getFirst().what())
                .startsWith("GROUP BY: the rules of the tenant remember ")
                .contains("this is one of the largest");
        assertThat(alerts()).containsExactly("raised\"a\"");
        assertThat(failed(OTHER, "window")).isZero();

        clock.advance(Duration.ofHours(1));
        passes(3);
        publish(TenantId.MAIN, "big", "{\"k\":1,\"v\":\"z\"}");
        passes(2);
        assertThat(failed(TenantId.MAIN, "window")).as("the hour is over").isEqualTo(1);
    }

    @Test
    void whatWasFullIsFullAfterACrash() throws Exception {
        open(STATE_MAX, 1L << 30);
        fill(TenantId.MAIN);
        logDisk.cutPower();
        outboxDisk.cutPower();
        stateDisk.cutPower();
        figures.clear();
        open(STATE_MAX, 1L << 30);

        publish(TenantId.MAIN, "big", "{\"k\":1,\"v\":\"y\"}");
        passes(2);

        assertThat(failed(TenantId.MAIN, "window")).isEqualTo(1);
    }

    @Test
    void allRulesOfTheServerAreBoundedToo() throws Exception {
        open(1L << 30, STATE_MAX);
        fill(OTHER);

        publish(TenantId.MAIN, "small", "{\"k\":\"a\",\"v\":9}");
        publish(OTHER, "big", "{\"k\":1,\"v\":\"y\"}");
        passes(2);

        assertThat(alerts()).containsExactly("raised\"a\"");
        assertThat(figures.get(new Definition.Key(OTHER, "window")).show().failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.what()).contains("all rules of the server remember"));
    }
}
