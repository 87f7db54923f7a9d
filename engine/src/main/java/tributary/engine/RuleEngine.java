package tributary.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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

/// Runs the rules of all tenants over the log, beside storage and ingest, which never wait for it.
///
/// Three threads: `rules` reads the log and fills the outbox, `rule-messages` makes messages of what is in it,
/// `rule-alerts` keeps the table of alerts. Each begins again from what it wrote down when it fails. See
/// docs/decisions/0010-rules-go-in-steps.md.
public final class RuleEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuleEngine.class);
    private static final Duration NAP = Duration.ofMillis(100);
    private static final long AGAIN_MILLIS = 1_000;
    private static final long CLOSE_SECONDS_MAX = 10;
    private static final long MB = 1L << 20;

    private final EngineSettings settings;
    private final World world;
    private final Disk disk;
    private final SegmentLog records;
    private final Outbox outbox;
    private final Map<Key, RuleFigures> figures = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread engineThread;
    private final Thread messageThread;
    private final Thread alertThread;
    private volatile long closeNanos;
    private volatile Status status = new Status(0, 0, 0);

    /// What it lives on.
    ///
    /// @param folder a folder of its own
    public record World(Log log, Registry registry, Path folder, InstantSource clock) {
        public World {
            Objects.requireNonNull(log, "log");
            Objects.requireNonNull(registry, "registry");
            Objects.requireNonNull(folder, "folder");
            Objects.requireNonNull(clock, "clock");
        }
    }

    /// How it is.
    ///
    /// @param lag         messages that are durable and not read yet
    /// @param clockMillis what time it is for rules; 0 before the first step
    /// @param restarts    how often it had to begin again from its checkpoint
    public record Status(long lag, long clockMillis, long restarts) {}

    private RuleEngine(EngineSettings settings, World world) {
        this.settings = settings;
        this.world = world;
        this.records = SegmentLog.open(
                new LogSettings(1, 16 * MB, 32 * MB, 4 * MB, Duration.ofMinutes(1), settings.outboxMax()),
                world.folder().resolve("outbox"),
                world.clock());
        this.disk = new FileDisk(world.folder());
        this.outbox = new LogOutbox(records);
        this.engineThread = Thread.ofPlatform().name("rules").unstarted(this::runRules);
        this.messageThread = Thread.ofPlatform().name("rule-messages").unstarted(this::runMessages);
        this.alertThread = Thread.ofPlatform().name("rule-alerts").unstarted(this::runAlerts);
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

    /// @return what a rule did since the start, or empty where it does not run
    public Optional<RuleFigures.Shown> shown(TenantId tenant, String rule) {
        return Optional.ofNullable(figures.get(new Key(tenant, rule))).map(RuleFigures::show);
    }

    /// @return how it is
    public Status status() {
        return status;
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

    private void runRules() {
        Engine engine = null;
        try (LogReader waiter = world.log().reader()) {
            while (closing.getCount() > 0) {
                try {
                    engine = engine == null ? engine() : engine;
                    if (!engine.turn()) {
                        rest(engine, waiter);
                    }
                    status = new Status(engine.lag(), engine.clock(), status.restarts());
                } catch (RuntimeException e) {
                    LOG.error("rules stopped; they go on from their checkpoint", e);
                    close(engine);
                    engine = null;
                    status = new Status(status.lag(), status.clockMillis(), status.restarts() + 1);
                    closing.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
            if (engine != null) {
                engine.checkpoint();
            }
        } catch (InterruptedException e) {
            LOG.warn("rules were stopped in the middle of a step; they do it again when they start");
        } catch (RuntimeException e) {
            LOG.warn("rules could not write down where they are; they go on from their last checkpoint", e);
        } finally {
            close(engine);
        }
    }

    private Engine engine() {
        Workforce workforce =
                new Workforce(tenant -> new RegistryLookups(world.registry().devices(), tenant), figures);
        return new Engine(new Engine.World(
                world.log(),
                records,
                new StoreRoster(world.registry().rules()),
                workforce,
                new Snapshot(disk, "checkpoint"),
                world.clock(),
                this::settle,
                settings));
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

    private void runMessages() {
        Republisher republisher = null;
        try {
            while (true) {
                boolean last = closing.getCount() == 0 && !engineThread.isAlive();
                try {
                    republisher = republisher == null ? republisher() : republisher;
                    boolean moved = republisher.turn(last ? Duration.ZERO : NAP);
                    if (last && !moved) {
                        republisher.save();
                        return;
                    }
                } catch (RuntimeException e) {
                    LOG.error("what rules say waits; it goes on from where it was", e);
                    if (last) {
                        return;
                    }
                    if (republisher != null) {
                        republisher.close();
                        republisher = null;
                    }
                    closing.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            LOG.warn("what rules said last goes out when they start again");
        } finally {
            if (republisher != null) {
                republisher.close();
            }
        }
    }

    private void runAlerts() {
        AlertKeeper keeper = null;
        try {
            while (true) {
                boolean last = closing.getCount() == 0 && !engineThread.isAlive();
                try {
                    keeper =
                            keeper == null ? new AlertKeeper(world.registry().alerts(), outbox, world.clock()) : keeper;
                    boolean moved = keeper.turn(last ? Duration.ZERO : NAP);
                    if (last && !moved) {
                        return;
                    }
                } catch (RuntimeException e) {
                    LOG.error("alerts wait; they go on from where they were", e);
                    if (keeper != null) {
                        keeper.close();
                        keeper = null;
                    }
                    if (last) {
                        return;
                    }
                    closing.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            LOG.warn("the table of alerts goes on when the server starts again");
        } finally {
            if (keeper != null) {
                keeper.close();
            }
        }
    }

    private Republisher republisher() {
        return new Republisher(new Republisher.World(
                world.log(),
                outbox,
                new Snapshot(disk, "republished"),
                world.registry().devices()::exists,
                figures,
                world.clock(),
                this::settle,
                settings.depthMax()));
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
        records.close();
    }
}
