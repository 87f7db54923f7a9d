package tributary.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tributary.log.Log;
import tributary.log.SegmentLog;
import tributary.model.Disk;
import tributary.model.TenantId;
import tributary.registry.RuleStore.Action;
import tributary.rules.Lookups;
import tributary.script.Scripts;
import tributary.testkit.SimulatedClock;

/// The real engine and the real way of what rules say back into the log, without threads, over logs and a disk that a
/// simulation has. Lies beside the engine because nothing of this is for anybody else.
public final class SimulatedRules {
    private static final Scripts SCRIPTS = new Scripts();
    private static final EngineSettings SETTINGS = new EngineSettings(Duration.ofMillis(900), 3, 1L << 30);

    /// So often an append is tried while the disk refuses.
    private static final int TRIES_MAX = 20;

    private final World world;
    private final List<Definition> rules = new ArrayList<>();
    private final Outbox boxed;
    private final Republisher.Before before;
    private boolean changed;
    private int tries;
    private @Nullable RuntimeException failure;
    private @Nullable Engine engine;
    private @Nullable Republisher republisher;

    /// A rule.
    ///
    /// @param topic where its outputs go beside the sink, or ""
    public record Rule(String name, String statement, String topic) {}

    /// What rules live on.
    ///
    /// @param outbox   as rules write it
    /// @param records  the same without what is put before it
    /// @param boxBytes how large the outbox may be
    /// @param strange  whether who reads the outbox is not made known before it is written, a mistake
    /// @param stuck    somebody has to look after the disk
    public record World(
            SegmentLog log,
            Log outbox,
            SegmentLog records,
            Disk state,
            SimulatedClock clock,
            List<Rule> rules,
            String sink,
            long boxBytes,
            boolean strange,
            Runnable stuck) {}

    public SimulatedRules(World world) {
        this.world = world;
        for (Rule rule : world.rules()) {
            List<Action> actions = new ArrayList<>(List.of(new Action(Action.Kind.SINK, world.sink())));
            if (!rule.topic().isEmpty()) {
                actions.add(new Action(Action.Kind.TOPIC, rule.topic()));
            }
            rules.add(new Definition(
                    TenantId.MAIN,
                    rule.name(),
                    1,
                    1,
                    rule.statement(),
                    "tributary",
                    "Z",
                    actions,
                    Definition.Mode.ON,
                    Map.of()));
        }
        boxed = new LogOutbox(world.records(), world.boxBytes());
        if (!world.strange()) {
            RuleEngine.introduce(boxed);
        }
        before = Republisher.Before.of(world.log(), boxed);
    }

    /// What rules said, for sinks.
    public Outbox outbox() {
        return boxed;
    }

    /// One step of the engine. One that fails is opened anew for the next step, as its thread does.
    ///
    /// @return whether it did anything
    public boolean turn() throws InterruptedException {
        try {
            Engine at = engine == null ? engine() : engine;
            engine = at;
            return at.turn();
        } catch (RuntimeException e) {
            failure = e;
            Engine fallen = engine;
            engine = null;
            if (fallen != null) {
                fallen.close();
            }
            return true;
        }
    }

    /// One step of what makes messages of outputs.
    ///
    /// @return whether it did anything
    public boolean republish() throws InterruptedException {
        try {
            Republisher at = republisher == null ? republisher() : republisher;
            republisher = at;
            return at.turn(Duration.ZERO);
        } catch (RuntimeException e) {
            failure = e;
            Republisher fallen = republisher;
            republisher = null;
            if (fallen != null) {
                fallen.close();
            }
            return true;
        }
    }

    /// @return why it began again last, or null
    public @Nullable RuntimeException failure() {
        return failure;
    }

    /// Ends in good order.
    public void close() {
        if (engine != null) {
            engine.checkpoint();
            engine.close();
        }
        if (republisher != null) {
            republisher.finish();
            republisher.close();
        }
    }

    private Engine engine() {
        changed = true;
        Workforce workforce = new Workforce(
                rule -> new RuleFunctions(rule.tenant(), rule.functions(), SCRIPTS).beside(Lookups.none()),
                new HashMap<>());
        return new Engine(new Engine.World(
                world.log(),
                world.outbox(),
                this::roster,
                workforce,
                new Snapshot(world.state(), "checkpoint"),
                world.clock(),
                told -> settle(world.records(), told),
                Set.of(),
                _ -> {},
                Runnable::run,
                () -> 0,
                SETTINGS));
    }

    private Republisher republisher() {
        return new Republisher(new Republisher.World(
                world.log(),
                boxed,
                before,
                new Snapshot(world.state(), "republished"),
                (_, _) -> false,
                (_, _) -> true,
                _ -> false,
                new HashMap<>(),
                world.clock(),
                told -> settle(world.log(), told),
                3));
    }

    private @Nullable List<Definition> roster() {
        boolean now = changed;
        changed = false;
        return now ? rules : null;
    }

    private void settle(SegmentLog log, CountDownLatch told) {
        if (told.getCount() == 0) {
            return;
        }
        if (++tries > TRIES_MAX) {
            tries = 0;
            world.stuck().run();
        }
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.step(partition);
        }
    }
}
