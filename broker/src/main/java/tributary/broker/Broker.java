package tributary.broker;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.broker.RetainedStore.Kept;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Devices;
import tributary.registry.Holders;
import tributary.registry.TenantLimits;

/// Who hears what: reads the log's tail on a thread of its own, so that only durable messages are heard, and
/// offers each to the sessions of its tenant that subscribed to its topic.
///
/// What sessions remember over a crash is in the journal, a log of its own; see the README for how the two meet.
public final class Broker implements AutoCloseable {
    static final String READER = "broker";

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration AFTER_FAULT = Duration.ofSeconds(1);
    private static final long CLOSE_NANOS_MAX = 10_000_000_000L;
    private static final int FETCH_THREADS = 2;

    /// Matches handed over before the first waiting client is woken.
    private static final int WAKE_AFTER = 256;

    private final Commons commons;
    private final Directory directory;
    private final Timers timers = new Timers();
    private final LongSupplier monotonic;
    private final LogReader reader;
    private final LogReader changes;
    private final Audiences audiences;
    private final Arrivals arrivals;
    private final Notes notes;
    private final Sweep sweep;
    private final LossReport losses;
    private final OwnFigures figures;
    private final AtomicLongArray readTo;
    private final AtomicReference<LastWords> lastWords = new AtomicReference<>((_, said) -> said.accept(false));
    private final Queue<Awaited> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> aside = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable Thread thread;
    private volatile boolean closed;

    /// The broker's thread only.
    private Set<Outlet> touched = new LinkedHashSet<>();
    private int handedOver;

    /// An action that waits until the log was read up to some positions.
    private record Awaited(long[] until, Runnable action) {}

    /// What the broker is given.
    ///
    /// @param log       of messages
    /// @param journal   a log of one partition, for sessions only
    /// @param devices   says which devices there are
    /// @param clock     for what people and other programs see
    /// @param monotonic nanoseconds that never go back, for what has to happen after some time
    /// @param limits    of tenants that have some of their own
    /// @param holders   says whose sessions are whose
    public record World(
            Log log,
            Log journal,
            Devices devices,
            InstantSource clock,
            LongSupplier monotonic,
            TenantLimits limits,
            Holders holders) {
        public World {
            Objects.requireNonNull(log, "log");
            Objects.requireNonNull(journal, "journal");
            Objects.requireNonNull(devices, "devices");
            Objects.requireNonNull(clock, "clock");
            Objects.requireNonNull(monotonic, "monotonic");
            Objects.requireNonNull(limits, "limits");
            Objects.requireNonNull(holders, "holders");
        }

        /// One in which no tenant has limits of its own, and no key is revoked.
        public World(Log log, Log journal, Devices devices, InstantSource clock, LongSupplier monotonic) {
            this(log, journal, devices, clock, monotonic, TenantLimits.NONE, Holders.NONE);
        }
    }

    private Broker(BrokerSettings settings, World world, Journal.Room room, Set<Flaw> flaws) {
        Log log = world.log();
        this.monotonic = world.monotonic();
        Commons.Tally tally = new Commons.Tally();
        this.directory = new Directory(tally);
        this.audiences = new Audiences(directory);
        RetainedStore retained = new RetainedStore(settings, world.limits());
        this.commons = new Commons(
                log,
                new Journal(world.journal(), aside::add, room),
                new Fetcher(log, retained, tally.fetched),
                retained,
                world.devices(),
                world.limits(),
                world.holders(),
                new Standing(world.devices()),
                new Ages(world.clock(), monotonic),
                settings,
                tally,
                Set.copyOf(flaws));
        this.readTo = new AtomicLongArray(log.partitions());
        this.reader = log.reader(READER);
        this.changes = world.journal().reader(READER);
        this.arrivals = new Arrivals(this, commons, directory);
        this.notes = new Notes(commons, directory, reader, changes);
        this.sweep = new Sweep(commons, directory);
        this.losses = new LossReport(commons, directory);
        world.holders().onRevoked(_ -> sweep.keyRevoked());
        this.figures = new OwnFigures(commons, directory, monotonic.getAsLong());
        restore(world.journal());
    }

    /// Opens the broker with what it remembers, and starts its threads.
    ///
    /// @throws PlatformException where the journal or the log cannot be read
    public static Broker start(BrokerSettings settings, World world) {
        Broker broker = new Broker(settings, world, Journal.Room.DEFAULT, Set.of());
        broker.commons.fetcher().start(FETCH_THREADS);
        broker.thread = Thread.ofPlatform().name("broker").start(broker::run);
        return broker;
    }

    /// Opens the broker without threads: whoever opened it calls [#step] and [#fetchStep].
    ///
    /// @param room  what the journal holds
    /// @param flaws faults planted by a test
    static Broker openUnmanned(BrokerSettings settings, World world, Journal.Room room, Set<Flaw> flaws) {
        return new Broker(settings, world, room, flaws);
    }

    /// Says who publishes wills; until then they wait.
    public void speakThrough(LastWords words) {
        lastWords.set(words);
    }

    /// Tells from now on what limits cost sessions.
    public void tellLosses(Losses to) {
        losses.to(to);
    }

    private void restore(Log journal) {
        JournalReplay replay = new JournalReplay(
                readTo.length(), commons.retained(), commons.standing().erased());
        replay.read(journal, changes);
        arrivals.goOn(replay.highest());
        long[] ends = ends();
        long[] begin = new long[ends.length];
        Arrays.setAll(begin, reader::position);
        long[] from = replay.readFrom(begin, ends);
        Restart restart = new Restart(commons, directory, replay);
        replay.sessions().values().forEach(remembered -> restart.session(this, remembered));
        for (int p = 0; p < ends.length; p++) {
            reader.seek(p, from[p]);
        }
        if (!commons.has(Flaw.OFFER_FROM_END)) {
            restart.read(reader, ends, audiences::of);
        }
        for (int p = 0; p < ends.length; p++) {
            reader.seek(p, ends[p]);
            readTo.set(p, ends[p]);
        }
        restart.resume();
        notes.begin(nanos(), ends);
    }

    /// Opens a session for a client that connected, or gives it the one that it had. A client that has it is
    /// told; one of another subject keeps it.
    ///
    /// @param then hears the answer: at once where nothing has to be remembered, else on the client's thread
    public void connect(Arrival arrival, Consumer<Welcome> then) {
        arrivals.connect(arrival, then);
    }

    /// @return what the owner of a tenant sees of the broker, and may do there
    public TenantView of(TenantId tenant) {
        return new TenantView(tenant, this, directory, commons);
    }

    /// Has the files of the journal go that it has until now: what was erased is still in them.
    ///
    /// @return what [#isForgotten] takes
    public long forget() {
        return notes.forget();
    }

    /// @return whether the files are gone that the journal had when [#forget] gave `end`
    public boolean isForgotten(long end) {
        return notes.isForgotten(end);
    }

    /// @return figures for metrics
    public BrokerCounts counts() {
        int connected = 0;
        long waits = 0;
        for (Session session : directory.sessions()) {
            SessionView view = session.view();
            connected += view.connected() ? 1 : 0;
            waits += view.waiting();
        }
        Commons.Tally tally = commons.tally();
        return new BrokerCounts(
                directory.sessionCount(),
                connected,
                directory.subscriptionCount(),
                waits,
                commons.retained().count(),
                commons.retained().bytes(),
                tally.matched.sum(),
                tally.deliveries.sum(),
                tally.dropped.sum(),
                tally.expired.sum(),
                tally.fetched.sum(),
                tally.wills.sum());
    }

    /// @return by tenant, messages that became durable since the start
    public Map<TenantId, Long> received() {
        return commons.tally().received();
    }

    public BrokerSettings settings() {
        return commons.settings();
    }

    Directory directory() {
        return directory;
    }

    LastWords lastWords() {
        return lastWords.get();
    }

    Journal journal() {
        return commons.journal();
    }

    long nanos() {
        return monotonic.getAsLong();
    }

    /// Runs `action` on the broker's thread after some time.
    void after(Duration wait, Runnable action) {
        timers.add(nanos() + wait.toNanos(), action);
    }

    long end(int partition) {
        return commons.log().end(partition);
    }

    long[] ends() {
        long[] ends = new long[readTo.length()];
        for (int p = 0; p < ends.length; p++) {
            ends[p] = commons.log().end(p);
        }
        return ends;
    }

    /// @return whether the message at that place was offered to whoever listens
    boolean hasRead(int partition, long position) {
        return position < readTo.get(partition);
    }

    /// Runs `action` when the broker has read everything before these positions; at once where it has.
    void whenRead(long[] until, Runnable action) {
        if (reached(until)) {
            action.run();
        } else {
            waiting.add(new Awaited(until, action));
        }
    }

    private boolean reached(long[] until) {
        for (int p = 0; p < until.length; p++) {
            if (readTo.get(p) < until[p]) {
                return false;
            }
        }
        return true;
    }

    /// @return what a new subscription is shown at once
    RetainedWalk walk(TenantId tenant, TopicFilter filter, long[] before, Match match) {
        return OwnFigures.concerns(filter)
                ? figures.walk(tenant, filter, match, nanos())
                : commons.retained().walk(tenant, filter, before, match);
    }

    /// On the broker's thread: a client has something new to look at.
    void touch(Attachment attachment, int bytes) {
        commons.tally().deliveries.increment();
        if (attachment.outlet().touch(attachment, bytes)) {
            touched.add(attachment.outlet());
        }
        handedOver++;
    }

    private void run() {
        while (!closed) {
            try {
                step(POLL);
            } catch (PlatformException e) {
                LOG.error("subscribers hear nothing until the log can be read again: {}", e.detail(), e);
                pause();
            } catch (RuntimeException e) {
                LOG.error("the broker made a mistake; please report it", e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            boolean _ = closing.await(AFTER_FAULT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Does one round of everything that the broker's thread does.
    ///
    /// @param wait how long for messages at most
    /// @return whether there were messages
    boolean step(Duration wait) {
        Batch batch = reader.poll(waiting.isEmpty() && aside.isEmpty() ? wait : Duration.ZERO);
        if (batch != null) {
            distribute(batch);
            readTo.set(batch.partition(), batch.end());
        }
        waiting.removeIf(one -> {
            boolean due = reached(one.until());
            if (due) {
                one.action().run();
            }
            return due;
        });
        for (Runnable action = aside.poll(); action != null; action = aside.poll()) {
            action.run();
        }
        long now = nanos();
        timers.run(now);
        sweep.turn(now);
        losses.turn(now);
        figures.turn(now, audiences::of);
        wakeTouched();
        notes.turn(now, positions());
        return batch != null;
    }

    /// Reads back once what waits for a session.
    ///
    /// @return whether there was anything to read
    boolean fetchStep() {
        return commons.fetcher().step();
    }

    private long[] positions() {
        long[] positions = new long[readTo.length()];
        for (int p = 0; p < positions.length; p++) {
            positions[p] = readTo.get(p);
        }
        return positions;
    }

    private void distribute(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            boolean marked = batch.marked(i);
            TenantId tenant = batch.tenant(i);
            figures.received(tenant);
            Audience audience = directory.tree(tenant) == null ? Audience.NOBODY : audiences.of(tenant, batch.topic(i));
            if (audience.matches().length == 0 && !marked) {
                continue;
            }
            Message message = batch.message(i);
            long position = batch.first() + i;
            if (message.retain()) {
                keep(new Kept(message, batch.partition(), position));
            }
            if (audience.matches().length > 0) {
                commons.tally().matched.increment();
                Delivery delivery = new Delivery(message, batch.partition(), position);
                for (Match match : audience.matches()) {
                    match.hearer().offer(delivery, match);
                }
                if (handedOver >= WAKE_AFTER) {
                    wakeTouched();
                }
            }
        }
        wakeTouched();
    }

    private void wakeTouched() {
        handedOver = 0;
        if (!touched.isEmpty()) {
            Set<Outlet> batch = touched;
            touched = new LinkedHashSet<>();
            batch.forEach(Outlet::send);
        }
    }

    private void keep(Kept kept) {
        if (commons.retained().put(kept) && !commons.has(Flaw.FORGET_RETAINED)) {
            commons.journal().note(Notes.change(kept));
        }
    }

    /// Notes how everything stands and ends the threads. Sessions stay.
    @Override
    public void close() {
        stop();
        noteAll();
        abandon();
    }

    /// Ends the threads as a kill would: nothing more is noted.
    void abandon() {
        stop();
        reader.close();
        changes.close();
    }

    private void stop() {
        closed = true;
        closing.countDown();
        try {
            Thread running = thread;
            if (running != null) {
                running.join();
            }
            commons.fetcher().close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void noteAll() {
        long until = nanos() + CLOSE_NANOS_MAX;
        for (boolean last = false; nanos() < until; last = true) {
            while (!notes.settled(positions()) && nanos() < until) {
                LockSupport.parkNanos(100_000);
            }
            if (last) {
                return;
            }
            notes.note(nanos(), positions(), Notes.Extent.CHANGED);
        }
        LOG.warn("how the sessions stand could not be noted in time; the next start reads more of the log");
    }
}
