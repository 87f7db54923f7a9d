package tributary.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.RuleStore.Action;
import tributary.rules.Lookups;
import tributary.script.ScriptLimits;
import tributary.script.Scripts;
import tributary.testkit.ProcessDied;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// One life of an engine, drawn from a seed: messages, silence, rules that change. Told so, the process dies now and
/// then at any touch of a disk, or loses its power between two steps, and starts again.
final class EngineSimulation {
    private static final int ACTIONS = 120;
    private static final LogSettings SETTINGS =
            new LogSettings(2, 1 << 20, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final LogSettings OUTBOX =
            new LogSettings(1, 4 << 20, 8 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final List<String> STATEMENTS = List.of(
            "SELECT v, topic(2) AS dev, hit_count() AS n, rand() AS chance FROM 'env/+' WHERE v > 3",
            "SELECT topic(2) AS dev, avg(v) AS mean, count(*) AS n, window_end() AS at FROM 'env/+'"
                    + " GROUP BY topic(2), TUMBLING(3s)",
            "SELECT topic(2) AS dev FROM 'env/+' ALERT silent PER topic(2) WHEN ABSENT 4s",
            "SELECT topic(2) AS dev, v FROM 'env/+' ALERT warm PER topic(2) WHEN v > 7 FOR 2s CLEAR WHEN v < 3",
            "SELECT collect(v) AS seen FROM 'env/#' GROUP BY COUNTWINDOW(4, 2)",
            "SELECT v, lag(v) OVER () AS before FROM 'out/r0'",
            "SELECT v FROM 'loop'",
            "SELECT scored(v, rand()) AS score, topic(2) AS dev FROM 'env/+'",
            "SELECT v FROM 'env/+' ALERT loud SEVERITY minor PER topic(2) WHEN v > 6 CLEAR WHEN v = 0"
                    + " ESCALATE major AFTER 7s REPEAT EVERY 3s");

    /// The rule whose alerts are acknowledged.
    private static final String LOUD = "r8";

    /// It looks at clock and chance, and runs away now and then.
    private static final Map<String, String> FUNCTIONS = Map.of(
            "scored",
            "function scored(v, r) { if (v === 9) for (;;); return v + r + Math.random() + Date.now() % 100; }");

    /// What a call may take is counted in statements alone: on a machine that is busy, a second is over in any of them.
    private static final Scripts SCRIPTS = new Scripts(new ScriptLimits(
            ScriptLimits.DEFAULTS.statements(), Duration.ofMinutes(10), ScriptLimits.DEFAULTS.bytes()));

    /// What a life came across.
    enum Sight {
        DEATH_IN_STEP,
        DEATH_IN_CHECKPOINT,
        /// Behind a checkpoint that is written, before log and outbox have heard of it, or of all of it.
        DEATH_BEFORE_TOLD,
        DEATH_IN_RECOVERY,
        POWER_CUT,
        REPLAYED,
        SAID_AGAIN_SPARED,
        LOOP_CUT
    }

    private final SplittableRandom random;
    private final @Nullable SplittableRandom deaths;

    /// When segments begin. Of its own, so that deaths come where they came without it.
    private final @Nullable SplittableRandom renewals;

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedDisk logDisk;
    private final SimulatedDisk outboxDisk;
    private final SimulatedDisk stateDisk;
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);
    private final Map<String, Definition> wanted = new TreeMap<>();
    private final Set<Known> known = new LinkedHashSet<>();
    private boolean changed = true;
    /// Whether it may die of a checkpoint just now.
    private boolean mortal;
    private SegmentLog log;
    private SegmentLog outbox;
    private Engine engine;
    private Republisher republisher;

    /// @param deathSeed draws the crashes; null for a life without any
    EngineSimulation(long seed, @Nullable Long deathSeed) {
        random = new SplittableRandom(seed);
        deaths = deathSeed == null ? null : new SplittableRandom(deathSeed);
        renewals = deathSeed == null ? null : new SplittableRandom(deathSeed + 1);
        logDisk = new SimulatedDisk(new SplittableRandom(seed + 1));
        outboxDisk = new SimulatedDisk(new SplittableRandom(seed + 2));
        stateDisk = new SimulatedDisk(new SplittableRandom(seed + 3));
    }

    Set<Sight> sights() {
        return sights;
    }

    /// Lives.
    ///
    /// @return what each rule said, in its order, as the outbox has it
    Map<String, List<String>> run() throws IOException, InterruptedException {
        open();
        for (int i = 0; i < ACTIONS; i++) {
            act();
        }
        clock.advance(Duration.ofSeconds(30));
        calm();
        return said();
    }

    private void act() throws IOException, InterruptedException {
        clock.advance(Duration.ofMillis(1 + random.nextInt(random.nextInt(10) == 0 ? 6_000 : 300)));
        switch (random.nextInt(10)) {
            case 0 -> {
                calm();
                // what a crash delayed until now put the engine's clock forward; this one is as late in every life
                clock.advance(Duration.ofMillis(Engine.GRACE_MILLIS));
                publish("tick", "{}");
                // a rule may see what came since the last durable step before it was changed, if a crash comes between
                do {
                    calm();
                } while (!written());
                change();
                calm();
            }
            case 1, 2 -> calm();
            case 3 -> {
                // what goes round is through before the next one begins: a crash delays it
                publish("loop", "{\"v\":" + random.nextInt(10) + "}");
                calm();
            }
            default -> publish("env/d" + random.nextInt(4), "{\"v\":" + random.nextInt(10) + "}");
        }
        if (random.nextInt(3) == 0) {
            turnOrDie();
        }
    }

    private void change() {
        if (random.nextInt(3) == 0) {
            acknowledge();
            return;
        }
        int number = random.nextInt(STATEMENTS.size());
        String name = "r" + number;
        Definition before = wanted.get(name);
        if (before != null && random.nextInt(4) == 0) {
            wanted.remove(name);
        } else {
            Definition.Mode mode = before == null || random.nextBoolean()
                    ? Definition.Mode.ON
                    : random.nextBoolean() ? Definition.Mode.PAUSED : Definition.Mode.SHADOW;
            long born = before == null ? random.nextLong(1 << 20) : before.bornMicros();
            wanted.put(name, definition(number, born, mode));
        }
        changed = true;
    }

    private static Definition definition(int number, long born, Definition.Mode mode) {
        String to = number == 6 ? "loop" : "out/${rule_id()}";
        return new Definition(
                TenantId.MAIN,
                "r" + number,
                born,
                1,
                STATEMENTS.get(number),
                "tributary",
                "Z",
                List.of(new Action(Action.Kind.TOPIC, to), new Action(Action.Kind.SINK_WITH_RAW, "s")),
                mode,
                number == 7 ? FUNCTIONS : Map.of());
    }

    private void publish(String topic, String payload) {
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

    private static void flush(SegmentLog log) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.step(partition);
        }
    }

    /// Lets everything come to rest.
    private void calm() throws IOException, InterruptedException {
        int quiet = 0;
        while (quiet < 2) {
            quiet = turnOrDie() ? 0 : quiet + 1;
        }
    }

    /// @return whether all is written down, or false where the process died of trying
    private boolean written() throws IOException {
        try {
            if (deaths != null && deaths.nextInt(8) == 0) {
                stateDisk.dieAfter(1 + deaths.nextInt(6));
            }
            mortal = true;
            engine.checkpoint();
            spareAll();
            return true;
        } catch (ProcessDied e) {
            mortal = false;
            sights.add(Sight.DEATH_IN_CHECKPOINT);
            restart();
            return false;
        }
    }

    private boolean turnOrDie() throws IOException, InterruptedException {
        SplittableRandom fate = deaths;
        if (fate == null) {
            return turn();
        }
        if (fate.nextInt(8) == 0) {
            SimulatedDisk deadly = fate.nextInt(3) == 0 ? logDisk : fate.nextBoolean() ? outboxDisk : stateDisk;
            deadly.dieAfter(1 + fate.nextInt(12));
        }
        try {
            mortal = true;
            boolean moved = turn();
            spareAll();
            if (fate.nextInt(12) == 0) {
                sights.add(Sight.POWER_CUT);
                restart();
                return true;
            }
            return moved;
        } catch (ProcessDied e) {
            mortal = false;
            sights.add(Sight.DEATH_IN_STEP);
            restart();
            return true;
        }
    }

    private void spareAll() {
        List.of(logDisk, outboxDisk, stateDisk).forEach(disk -> disk.dieAfter(Long.MAX_VALUE));
    }

    private boolean turn() throws InterruptedException {
        if (renewals != null && renewals.nextInt(1000) == 0) {
            // so that what was said before can be forgotten; it may die in the middle of it, and nothing is said for it
            outbox.beginSegments();
            engine.mark();
        }
        boolean moved = engine.turn();
        flush(log);
        return republisher.turn(Duration.ZERO) | moved;
    }

    private void restart() throws IOException {
        mortal = false;
        while (true) {
            logDisk.cutPower();
            outboxDisk.cutPower();
            stateDisk.cutPower();
            changed = true;
            try {
                if (deaths.nextInt(6) == 0) {
                    outboxDisk.dieAfter(1 + deaths.nextInt(20));
                }
                open();
                spareAll();
                return;
            } catch (ProcessDied e) {
                sights.add(Sight.DEATH_IN_RECOVERY);
            }
        }
    }

    private void open() throws IOException {
        log = SegmentLog.unmanned(SETTINGS, logDisk, clock, new SplittableRandom(1));
        outbox = SegmentLog.unmanned(OUTBOX, outboxDisk, clock, new SplittableRandom(1));
        Map<Definition.Key, RuleFigures> figures = new HashMap<>();
        Workforce workforce = new Workforce(
                rule -> new RuleFunctions(rule.tenant(), rule.functions(), SCRIPTS).beside(Lookups.none()), figures);
        EngineSettings settings = new EngineSettings(Duration.ofMillis(900), 3, 1L << 30);
        LogOutbox boxed = new LogOutbox(outbox, OUTBOX.sizeMax());
        Republisher.Before before = Republisher.Before.of(log, boxed);
        engine = new Engine(new Engine.World(
                log,
                outbox,
                roster(),
                workforce,
                new Snapshot(stateDisk, "checkpoint"),
                clock,
                told -> settle(outbox, told),
                Set.of(),
                _ -> {},
                this::tell,
                () -> 0,
                settings));
        if (engine.replayed() > 0) {
            sights.add(Sight.REPLAYED);
        }
        republisher = new Republisher(new Republisher.World(
                log,
                boxed,
                before,
                new Snapshot(stateDisk, "republished"),
                (_, _) -> false,
                (_, _) -> true,
                _ -> false,
                figures,
                clock,
                told -> settle(log, told),
                3));
        if (republisher.spared() > 0) {
            sights.add(Sight.SAID_AGAIN_SPARED);
        }
    }

    /// What log and outbox are told of a checkpoint, behind it: the process may die before that, or in the middle of
    /// it.
    private void tell(Runnable positions) {
        SplittableRandom fate = deaths;
        if (fate == null || !mortal || fate.nextInt(4) > 0) {
            positions.run();
            return;
        }
        SimulatedDisk deadly = fate.nextInt(3) > 0 ? logDisk : outboxDisk;
        deadly.dieAfter(1 + fate.nextInt(4));
        positions.run();
        if (deadly.hasDied()) {
            sights.add(Sight.DEATH_BEFORE_TOLD);
        }
    }

    private static void settle(SegmentLog log, CountDownLatch told) {
        if (told.getCount() > 0) {
            flush(log);
        }
    }

    private Engine.Roster roster() {
        return new Engine.Roster() {
            @Override
            public @Nullable List<Definition> changed() {
                boolean now = changed;
                changed = false;
                return now ? List.copyOf(wanted.values()) : null;
            }

            @Override
            public List<Known> known() {
                return List.copyOf(known);
            }
        };
    }

    /// Somebody says to know of all that was raised, also of what ended since.
    private void acknowledge() {
        try (OutboxReader reader = new LogOutbox(outbox, OUTBOX.sizeMax()).reader("clerk")) {
            reader.seek(0);
            for (List<Parcel> parcels = reader.poll(Duration.ZERO);
                    !parcels.isEmpty();
                    parcels = reader.poll(Duration.ZERO)) {
                for (Parcel parcel : parcels) {
                    Parcel.AlertChange alert = parcel.alert();
                    if (parcel.rule().equals(LOUD) && alert != null) {
                        known.add(new Known(
                                clock.millis(),
                                new Step.Change.Acknowledged(
                                        new Definition.Key(TenantId.MAIN, LOUD),
                                        alert.name(),
                                        alert.key(),
                                        alert.raisedMillis())));
                    }
                }
            }
        }
    }

    private Map<String, List<String>> said() {
        Map<String, List<String>> said = new TreeMap<>();
        try (OutboxReader reader = new LogOutbox(outbox, OUTBOX.sizeMax()).reader("judge")) {
            reader.seek(0);
            for (List<Parcel> parcels = reader.poll(Duration.ZERO);
                    !parcels.isEmpty();
                    parcels = reader.poll(Duration.ZERO)) {
                for (Parcel parcel : parcels) {
                    said.computeIfAbsent(parcel.rule(), _ -> new ArrayList<>())
                            .add("%d %s %s %s"
                                    .formatted(
                                            timed(parcel.rule()) ? parcel.atMillis() : 0,
                                            parcel.destination(),
                                            new String(parcel.payload(), StandardCharsets.UTF_8),
                                            parcel.alert()));
                }
            }
        }
        return said;
    }

    /// What rules made reaches other rules when it is republished, which a crash delays.
    private static boolean timed(String rule) {
        return !rule.equals("r5") && !rule.equals("r6");
    }

    /// @return what each rule said, in its order, as subscribers find it in the log
    /// @throws AssertionError where a parcel is there twice
    Map<String, List<String>> heard() {
        Map<String, List<String>> heard = new TreeMap<>();
        Set<String> outputs = new HashSet<>();
        try (LogReader reader = ((Log) log).reader()) {
            for (int partition = 0; partition < log.partitions(); partition++) {
                reader.seek(partition, 0);
                for (Batch batch = reader.next(partition); batch != null; batch = reader.next(partition)) {
                    for (int i = 0; i < batch.size(); i++) {
                        hear(batch.message(i), outputs, heard);
                    }
                }
            }
        }
        return heard;
    }

    private void hear(Message message, Set<String> outputs, Map<String, List<String>> heard) {
        if (message.origin() != Message.Origin.PLATFORM) {
            return;
        }
        for (UserProperty property : message.properties().user()) {
            if (property.name().equals(Republisher.OUTPUT) && !outputs.add(property.value())) {
                throw new AssertionError("parcel " + property.value() + " is in the log twice");
            }
            if (property.name().equals(RuleMessages.DEPTH) && property.value().equals("3")) {
                sights.add(Sight.LOOP_CUT);
            }
        }
        heard.computeIfAbsent(message.publisher(), _ -> new ArrayList<>())
                .add(message.topic() + " " + new String(message.payload(), StandardCharsets.UTF_8));
    }
}
