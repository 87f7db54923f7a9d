package tributary.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.engine.Definition.Key;
import tributary.log.FileDisk;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.Disk;
import tributary.model.TenantId;
import tributary.registry.Registry;
import tributary.rules.Lookups;
import tributary.script.Scripts;

/// Runs the rules of all tenants over the log, beside storage and ingest, which never wait for it.
///
/// Four threads: `rules` reads the log and fills the outbox, `rules-beside` tells both what may go, `rule-messages`
/// makes messages of what is in it, `rule-alerts` keeps the table of alerts. Each begins again from what it wrote down
/// when it fails. See
/// docs/decisions/0010-rules-go-in-steps.md.
public final class RuleEngine implements AutoCloseable {
    /// What publishers that are rules begin with.
    public static final String PUBLISHER = "rule:";

    private static final Logger LOG = LoggerFactory.getLogger(RuleEngine.class);
    private static final String RULES = "rules";
    private static final Duration NAP = Duration.ofMillis(100);
    private static final long AGAIN_MILLIS = 1_000;
    private static final long CLOSE_SECONDS_MAX = 10;
    private static final long MB = 1L << 20;

    /// Behind the clock rules are less than that, while no messages come.
    private static final long PASSED_MILLIS = 2_000;

    private static final Duration CATCH_UP = Duration.ofSeconds(10);

    /// What every reader of the outbox has done with goes soon.
    private static final Duration KEEP_RELEASED = Duration.ofSeconds(1);

    private final EngineSettings settings;
    private final World world;
    private final Disk disk;
    private final SegmentLog records;
    private final Scripts scripts = new Scripts();
    private final TableRows tables;
    private final Outbox outbox;
    private final Renewal renewal;
    private final Map<Key, RuleFigures> figures = new ConcurrentHashMap<>();
    private final Troubles troubles = new Troubles();
    private final Asides asides;
    private final CountDownLatch closing = new CountDownLatch(1);

    /// For what rules need not wait for.
    private final ExecutorService beside = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("rules-beside").factory());

    private final Thread engineThread;
    private final Thread messageThread;
    private final Thread alertThread;
    private volatile long closeNanos;
    private final Republisher.Before before;
    private volatile @Nullable Republisher republishing;
    private volatile Pulse pulse = new Pulse(0, 0, 0, 0);

    /// Of each partition, what is before it rules have seen. Replaced as a whole by the engine's thread.
    private volatile long[] seen = {};

    /// The engine's own, read by its thread.
    private @Nullable Engine current;

    /// Messages that engines before the current one did not get to see.
    private long skippedBefore;

    /// What it lives on.
    ///
    /// @param folder a folder of its own
    /// @param losses hears of messages that rules will never see
    public record World(Log log, Registry registry, Path folder, InstantSource clock, Losses losses) {
        /// One in which nobody hears of losses.
        public World(Log log, Registry registry, Path folder, InstantSource clock) {
            this(log, registry, folder, clock, (_, _, _, _) -> {});
        }

        public World {
            Objects.requireNonNull(log, "log");
            Objects.requireNonNull(registry, "registry");
            Objects.requireNonNull(folder, "folder");
            Objects.requireNonNull(clock, "clock");
            Objects.requireNonNull(losses, "losses");
        }
    }

    /// How it is.
    ///
    /// @param lag         messages that are durable and not read yet
    /// @param clockMillis what time it is for rules; 0 before the first step
    /// @param restarts    how often it had to begin again from its checkpoint
    /// @param skipped     messages that the log let go of before rules saw them, since the start
    /// @param setAside    messages that rules go on without, because they failed at them again and again
    /// @param troubles    what is wrong now, by what it is wrong with; empty where all is well
    public record Status(
            long lag, long clockMillis, long restarts, long skipped, long setAside, Map<String, String> troubles) {}

    /// What the engine's thread says of itself.
    private record Pulse(long lag, long clockMillis, long restarts, long skipped) {}

    private RuleEngine(EngineSettings settings, World world) {
        this.settings = settings;
        this.world = world;
        this.records = SegmentLog.open(
                new LogSettings(1, 16 * MB, 32 * MB, 4 * MB, KEEP_RELEASED, settings.outboxMax()),
                world.folder().resolve("outbox"),
                world.clock());
        this.tables = new TableRows(world.registry().tables());
        this.disk = new FileDisk(world.folder());
        this.outbox = new LogOutbox(records, settings.outboxMax());
        introduce(outbox);
        this.before = Republisher.Before.of(world.log(), outbox);
        this.renewal = new Renewal(records, world.clock());
        this.engineThread = Thread.ofPlatform().name("rules").unstarted(this::runRules);
        this.asides = new Asides(world.losses());
        Errand.Surroundings around = new Errand.Surroundings(
                () -> closing.getCount() == 0 && !engineThread.isAlive(),
                NAP,
                () -> closing.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS),
                troubles);
        this.messageThread = Thread.ofPlatform()
                .name("rule-messages")
                .unstarted(new Errand("messages of rules", this::republisher, around));
        this.alertThread = Thread.ofPlatform()
                .name("rule-alerts")
                .unstarted(new Errand(
                        "alerts",
                        () -> new AlertKeeper(
                                world.registry().alerts(), world.registry().silences(), outbox, world.clock()),
                        around));
    }

    /// Makes those known that read the outbox, before a rule says anything: a reader that comes for the first time
    /// begins at the end, and what was said until then it would never see.
    static void introduce(Outbox outbox) {
        outbox.reader(Republisher.NAME).close();
        outbox.reader(AlertKeeper.NAME).close();
    }

    /// Opens the outbox, and begins to run rules. [#close] has to come before that of the log.
    public static RuleEngine open(EngineSettings settings, World world) {
        RuleEngine engine = new RuleEngine(settings, world);
        engine.engineThread.start();
        engine.messageThread.start();
        engine.alertThread.start();
        return engine;
    }

    /// @return what rules said
    public Outbox outbox() {
        return outbox;
    }

    /// Has all that rules said until now go as soon as everybody has read it.
    ///
    /// @return what [#isForgotten] takes
    public long forget() {
        return renewal.ask();
    }

    /// @return whether all is gone that rules said before [#forget] gave `end`
    public boolean isForgotten(long end) {
        return renewal.isDone(end);
    }

    /// @return what a rule did since the start, or empty where it does not run
    public Optional<RuleFigures.Shown> shown(TenantId tenant, String rule) {
        return Optional.ofNullable(figures.get(new Key(tenant, rule))).map(RuleFigures::show);
    }

    /// @return how it is
    public Status status() {
        Pulse now = pulse;
        return new Status(now.lag(), now.clockMillis(), now.restarts(), now.skipped(), asides.count(), troubles.now());
    }

    /// @return the position of `partition` before which rules have seen all there is
    public long seenUpTo(int partition) {
        long[] now = seen;
        return partition < now.length ? now[partition] : 0;
    }

    /// @return whether rules go on without the message, because the engine itself failed at it again and again
    public boolean isSetAside(int partition, long position) {
        return asides.spots().contains(new Stumble.Spot(partition, position));
    }

    /// @return how many rules run, all tenants together
    public int count() {
        return figures.size();
    }

    /// What all rules that run did together.
    public record Totals(long taken, long said, long failed) {}

    /// @return what all rules did
    public Totals totals() {
        long taken = 0;
        long said = 0;
        long failed = 0;
        for (RuleFigures of : figures.values()) {
            taken += of.taken();
            said += of.said();
            failed += of.failed();
        }
        return new Totals(taken, said, failed);
    }

    /// What a rule costs.
    ///
    /// @param nanos of a message, lately
    /// @param taken messages that it looked at since the start
    public record Cost(TenantId tenant, String rule, long nanos, long taken, long failed) {
        /// @return the time that it took in all, about
        public long totalNanos() {
            return nanos * taken;
        }
    }

    /// @return the rules that take the most time, the dearest first, all tenants together
    public List<Cost> dearest(int max) {
        return figures.entrySet().stream()
                .map(one -> new Cost(
                        one.getKey().tenant(),
                        one.getKey().name(),
                        one.getValue().nanos(),
                        one.getValue().taken(),
                        one.getValue().failed()))
                .sorted(Comparator.comparingLong(Cost::totalNanos).reversed())
                .limit(max)
                .toList();
    }

    private void runRules() {
        try (LogReader waiter = world.log().reader()) {
            while (closing.getCount() > 0) {
                try {
                    Engine engine = current == null ? engine() : current;
                    current = engine;
                    if (!engine.turn()) {
                        rest(engine, waiter);
                    }
                    renewal.turn(engine);
                    feel();
                    troubles.over(RULES);
                } catch (RuntimeException e) {
                    fallen(e);
                    closing.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
            if (current != null) {
                current.checkpoint();
            }
        } catch (InterruptedException e) {
            LOG.warn("rules were stopped in the middle of a step; they do it again when they start");
        } catch (RuntimeException e) {
            LOG.warn("rules could not write down where they are; they go on from their last checkpoint", e);
        } finally {
            close(current);
        }
    }

    /// Notes how the engine is.
    private void feel() {
        Engine engine = current;
        if (engine == null) {
            return;
        }
        Pulse before = pulse;
        long skipped = skippedBefore + engine.skipped();
        seen = engine.positions();
        pulse = new Pulse(engine.lag(), engine.clock(), before.restarts(), skipped);
        if (skipped > before.skipped()) {
            String why = "rules were so far behind that the log, at log.size-max, went on without them";
            LOG.error("{}: {} messages", why, skipped - before.skipped());
            figures.keySet().stream()
                    .map(Key::tenant)
                    .distinct()
                    .forEach(tenant -> world.losses().lost(tenant, "log-full", why, 1));
        }
    }

    private void fallen(RuntimeException e) {
        feel();
        if (e instanceof Stumble stumble) {
            asides.stumbled(stumble);
        }
        troubles.failed(RULES, e);
        Engine fallen = current;
        current = null;
        skippedBefore = pulse.skipped();
        pulse = new Pulse(pulse.lag(), pulse.clockMillis(), pulse.restarts() + 1, pulse.skipped());
        close(fallen);
    }

    private Engine engine() {
        Workforce workforce = new Workforce(this::lookups, figures);
        return new Engine(new Engine.World(
                world.log(),
                records,
                new StoreRoster(
                        world.registry().rules(),
                        world.registry().functions(),
                        world.registry().alertRoute(),
                        world.registry().alerts(),
                        scripts),
                workforce,
                new Snapshot(disk, "checkpoint"),
                world.clock(),
                this::settleStep,
                asides.spots(),
                this::standing,
                beside,
                System::nanoTime,
                settings));
    }

    private Lookups lookups(Definition of) {
        return new RuleFunctions(of.tenant(), of.functions(), scripts).beside(lookups(of.tenant()));
    }

    private Lookups lookups(TenantId tenant) {
        return new RegistryLookups(world.registry().devices(), tables, tenant);
    }

    /// @return the functions that the tenant has now
    public RuleFunctions functions(TenantId tenant) {
        return RuleFunctions.now(world.registry().functions(), tenant, scripts).over(lookups(tenant));
    }

    /// @return what runs functions
    public Scripts scripts() {
        return scripts;
    }

    private void standing(String why) {
        if (why.isEmpty()) {
            troubles.over(RULES);
        } else {
            troubles.say(RULES, "rules stand still, because what they say cannot be written down: " + why);
        }
    }

    private void settleStep(CountDownLatch told) throws InterruptedException {
        settle(told);
        feel();
    }

    private static void close(@Nullable Engine engine) {
        if (engine != null) {
            engine.close();
        }
    }

    /// Waits for messages, or for the time when something is due.
    private void rest(Engine engine, LogReader waiter) throws InterruptedException {
        long until = engine.due() - world.clock().millis() + Engine.GRACE_MILLIS;
        long nap = Math.clamp(until, 1, NAP.toMillis());
        if (engine.idle()) {
            closing.await(nap, TimeUnit.MILLISECONDS);
            return;
        }
        long[] positions = engine.positions();
        for (int partition = 0; partition < positions.length; partition++) {
            waiter.seek(partition, positions[partition]);
        }
        waiter.poll(Duration.ofMillis(nap));
    }

    private boolean silenced(Parcel parcel) {
        return parcel.alert() != null
                && world.registry()
                        .silences()
                        .covers(parcel.tenant(), parcel.device(), Instant.ofEpochMilli(parcel.atMillis()));
    }

    private Republisher republisher() {
        Republisher made = new Republisher(new Republisher.World(
                world.log(),
                outbox,
                before,
                new Snapshot(disk, "republished"),
                world.registry().devices()::exists,
                new SinkNames(world.registry().sinks())::has,
                this::silenced,
                figures,
                world.clock(),
                this::settle,
                settings.depthMax()));
        republishing = made;
        return made;
    }

    /// @return runs rules again over what was
    public RuleReplay replay() {
        return new RuleReplay(
                world,
                scripts,
                tables,
                new RuleMessages(world.registry().devices()::exists, world.clock(), settings.depthMax()),
                this::caughtUp);
    }

    /// Waits a while until what rules said before a moment is in the log.
    ///
    /// @return whether it is
    private boolean caughtUp(Instant moment) throws InterruptedException {
        long deadline = System.nanoTime() + CATCH_UP.toNanos();
        long[] arrived = new long[world.log().partitions()];
        Arrays.setAll(arrived, world.log()::end);
        long end = -1;
        while (System.nanoTime() < deadline) {
            if (end < 0 && passed(moment.toEpochMilli()) && seen(arrived)) {
                end = outbox.end();
            }
            Republisher now = republishing;
            if (end >= 0 && now != null && now.reached() >= end) {
                return true;
            }
            if (closing.await(NAP.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    /// @return whether what is due before a moment was said; while nothing is due the clock of rules stands still
    private boolean passed(long millis) {
        return pulse.clockMillis() >= millis || world.clock().millis() - millis >= PASSED_MILLIS;
    }

    private boolean seen(long[] positions) {
        for (int partition = 0; partition < positions.length; partition++) {
            if (seenUpTo(partition) < positions[partition]) {
                return false;
            }
        }
        return true;
    }

    private void settle(CountDownLatch told) throws InterruptedException {
        if (!told.await(NAP.toMillis(), TimeUnit.MILLISECONDS)
                && closing.getCount() == 0
                && System.nanoTime() - closeNanos > TimeUnit.SECONDS.toNanos(CLOSE_SECONDS_MAX)) {
            throw new InterruptedException();
        }
    }

    /// Ends the step that is under way, writes all down, and lets out what was said.
    @Override
    public void close() {
        closeNanos = System.nanoTime();
        closing.countDown();
        try {
            engineThread.join();
            messageThread.join();
            alertThread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        beside.close();
        scripts.close();
        records.close();
    }
}
