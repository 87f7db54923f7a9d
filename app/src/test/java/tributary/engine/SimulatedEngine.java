package tributary.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
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
import tributary.script.Scripts;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// The real log, engine and outbox on disks that die, for a chain that goes on to the sinks. Lies beside the engine
/// because nothing of this is for anybody else.
public final class SimulatedEngine {
    private static final LogSettings SETTINGS =
            new LogSettings(2, 1 << 20, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final LogSettings OUTBOX =
            new LogSettings(1, 4 << 20, 8 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final Scripts SCRIPTS = new Scripts();

    /// So small that it is crowded now and then.
    private static final long OUTBOX_BYTES = 6_000;

    public final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedDisk logDisk;
    private final SimulatedDisk outboxDisk;
    private final SimulatedDisk stateDisk;
    private final List<Definition> rules;
    private boolean changed = true;
    private SegmentLog log;
    private SegmentLog outbox;
    private Engine engine;

    /// @param statements of rules `r0`, `r1` and so on, each of which sends to the sink
    public SimulatedEngine(long seed, List<String> statements, String sink) throws IOException {
        logDisk = new SimulatedDisk(new SplittableRandom(seed + 1));
        outboxDisk = new SimulatedDisk(new SplittableRandom(seed + 2));
        stateDisk = new SimulatedDisk(new SplittableRandom(seed + 3));
        rules = statements.stream()
                .map(statement -> new Definition(
                        TenantId.MAIN,
                        "r" + statements.indexOf(statement),
                        1,
                        1,
                        statement,
                        "tributary",
                        "Z",
                        List.of(new Action(Action.Kind.SINK, sink)),
                        Definition.Mode.ON,
                        Map.of()))
                .toList();
        open();
    }

    /// Begins, or begins anew after a death.
    public void open() throws IOException {
        changed = true;
        log = SegmentLog.unmanned(SETTINGS, logDisk, clock, new SplittableRandom(1));
        outbox = SegmentLog.unmanned(OUTBOX, outboxDisk, clock, new SplittableRandom(1));
        Workforce workforce = new Workforce(
                rule -> new RuleFunctions(rule.tenant(), rule.functions(), SCRIPTS).beside(Lookups.none()),
                new HashMap<>());
        engine = new Engine(new Engine.World(
                log,
                outbox,
                this::roster,
                workforce,
                new Snapshot(stateDisk, "checkpoint"),
                clock,
                told -> settle(outbox, told),
                Set.of(),
                _ -> {},
                Runnable::run,
                () -> 0,
                new EngineSettings(Duration.ofMillis(900), 3, 1L << 30)));
    }

    private @Nullable List<Definition> roster() {
        boolean now = changed;
        changed = false;
        return now ? rules : null;
    }

    private static void settle(SegmentLog log, CountDownLatch told) {
        if (told.getCount() > 0) {
            flush(log);
        }
    }

    private static void flush(SegmentLog log) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.step(partition);
        }
    }

    /// Publishes, durably.
    public void publish(String topic, String payload) {
        log.append(
                new Message(
                        TenantId.MAIN,
                        null,
                        new Topic(topic),
                        payload.getBytes(StandardCharsets.UTF_8),
                        Micros.of(clock.instant()),
                        Message.Origin.MQTT,
                        topic,
                        1,
                        false,
                        MessageProperties.NONE),
                Receipt.NONE);
        flush(log);
    }

    /// @return whether it did anything
    public boolean turn() throws InterruptedException {
        return engine.turn();
    }

    public Outbox outbox() {
        return new LogOutbox(outbox, OUTBOX_BYTES);
    }

    /// The process dies at one of the next touches of one of the disks.
    public void dieSoon(SplittableRandom fate) {
        SimulatedDisk deadly = fate.nextInt(3) == 0 ? logDisk : fate.nextBoolean() ? outboxDisk : stateDisk;
        deadly.dieAfter(1 + fate.nextInt(12));
    }

    public void spare() {
        List.of(logDisk, outboxDisk, stateDisk).forEach(disk -> disk.dieAfter(Long.MAX_VALUE));
    }

    /// What was not forced is gone.
    public void cutPower() throws IOException {
        logDisk.cutPower();
        outboxDisk.cutPower();
        stateDisk.cutPower();
    }
}
