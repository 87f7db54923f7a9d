package tributary.app.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.engine.Outbox;
import tributary.engine.OutboxReader;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination;
import tributary.engine.Parcel.Source;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Silences;
import tributary.sinks.Parcel;
import tributary.sinks.Raw;
import tributary.sinks.SharedParcels;

/// What rules said, as the sinks read it.
///
/// A named reader of the outbox keeps what the slowest of all sinks has not delivered. They share one that
/// reads, and take turns at it; those at the end of the outbox want the same stretch, which is read once. A
/// thread of its own wakes a sink that sleeps when something for it is there.
final class OutboxParcels implements SharedParcels, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxParcels.class);
    private static final String NAME = "sinks";
    private static final Duration WATCH = Duration.ofSeconds(1);
    private static final int STRETCHES_MAX = 16;

    /// Parts of the outbox's room.
    private static final double CROWDED = 0.5;

    private static final double FULL = 0.9;

    private final Outbox outbox;
    private final Silences silences;

    /// Keeps what is not delivered. Of the thread that looks after the sinks.
    private final OutboxReader place;

    /// Guarded by `reading`.
    private final OutboxReader reader;

    private final ReentrantLock reading = new ReentrantLock();

    /// What was read last. Guarded by `reading`.
    private Stretch last = new Stretch(0, 0, List.of());

    /// Before it, nothing is kept for sinks. Written by the thread that looks after them.
    private volatile long released;

    /// Sinks that wait for something to deliver.
    private final Map<Sleeper, Thread> sleepers = new ConcurrentHashMap<>();

    private final OutboxReader watched;
    private final Thread watch;
    private volatile boolean closing;

    private record Sleeper(TenantId tenant, String sink) {}

    /// @param from    where it begins
    /// @param next    where the next one begins
    /// @param parcels those for sinks, of all tenants
    private record Stretch(long from, long next, List<Parcel> parcels) {}

    /// @param silences when alerts go nowhere
    OutboxParcels(Outbox outbox, Silences silences) {
        this(outbox, silences, true);
    }

    /// @param waking whether a thread wakes sinks that sleep; without it they look by themselves
    OutboxParcels(Outbox outbox, Silences silences, boolean waking) {
        this.outbox = outbox;
        this.silences = silences;
        this.place = outbox.reader(NAME);
        this.reader = outbox.reader();
        this.released = place.position();
        this.watched = outbox.reader();
        this.watch = Thread.ofVirtual().name("sinks-watch").unstarted(this::watch);
        if (waking) {
            watch.start();
        }
    }

    /// What it cannot read now a sink finds by itself when it has slept enough.
    private void watch() {
        String trouble = "";
        while (!closing) {
            try {
                watched.poll(WATCH).forEach(said -> {
                    if (said.destination() instanceof Destination.ToSink(String sink, boolean _)) {
                        wake(new Sleeper(said.tenant(), sink));
                    }
                });
                trouble = "";
            } catch (PlatformException e) {
                if (!e.detail().equals(trouble)) {
                    trouble = e.detail();
                    LOG.warn("sinks are not woken when something comes, and look by themselves: {}", trouble);
                }
                LockSupport.parkNanos(WATCH.toNanos());
            }
        }
    }

    private void wake(Sleeper sleeper) {
        Thread asleep = sleepers.remove(sleeper);
        if (asleep != null) {
            LockSupport.unpark(asleep);
        }
    }

    @Override
    public long start() {
        return released;
    }

    @Override
    public Page all(long from) {
        Stretch stretch = stretch(from);
        List<Parcel> rest = stretch.parcels().stream()
                .filter(parcel -> parcel.position() >= from)
                .toList();
        return new Page(rest, Math.max(from, stretch.next()));
    }

    @Override
    public boolean crowded() {
        return outbox.bytes() > CROWDED * outbox.bytesMax();
    }

    @Override
    public boolean full() {
        return outbox.bytes() > FULL * outbox.bytesMax();
    }

    @Override
    public long end() {
        return outbox.end();
    }

    /// By one thread. The sinks read on while it is written down, which takes flushes of the disk.
    @Override
    public void release(long before) {
        if (before > released) {
            place.commit(before);
            released = before;
        }
    }

    private Stretch stretch(long from) {
        reading.lock();
        try {
            if (from < last.from() || from >= last.next()) {
                if (reader.position() != from) {
                    reader.seek(from);
                }
                List<Parcel> parcels = reader.poll(Duration.ZERO).stream()
                        .filter(said -> said.destination() instanceof Destination.ToSink
                                && (said.alert() == null
                                        || !silences.covers(
                                                said.tenant(), said.device(), Instant.ofEpochMilli(said.atMillis()))))
                        .map(said -> new Parcel(
                                said.position(),
                                said.tenant(),
                                said.rule(),
                                said.version(),
                                ((Destination.ToSink) said.destination()).sink(),
                                said.device(),
                                said.atMillis(),
                                text(said.payload()),
                                alert(said.alert()),
                                raw(said.source())))
                        .toList();
                last = new Stretch(from, reader.position(), parcels);
            }
            return last;
        } finally {
            reading.unlock();
        }
    }

    @Override
    public Reader reader(TenantId tenant, String sink, long from) {
        return new OneSink(tenant, sink, from);
    }

    @Override
    public void close() {
        closing = true;
        watch.interrupt();
        try {
            // one that was never started is over
            if (watch.getState() != Thread.State.NEW) {
                watch.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watched.close();
        reader.close();
        place.close();
    }

    /// Takes what is one sink's out of the common stretches.
    private final class OneSink implements Reader {
        private final TenantId tenant;
        private final String sink;
        private long position;

        OneSink(TenantId tenant, String sink, long from) {
            this.tenant = tenant;
            this.sink = sink;
            this.position = from;
        }

        @Override
        public Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
            long deadline = System.nanoTime() + wait.toNanos();
            Sleeper self = new Sleeper(tenant, sink);
            Page page = take(countMax, bytesMax);
            while (page.parcels().isEmpty() && System.nanoTime() < deadline) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                // before the look, so that what comes behind it wakes this thread
                sleepers.put(self, Thread.currentThread());
                page = take(countMax, bytesMax);
                if (page.parcels().isEmpty() && position >= end()) {
                    LockSupport.parkNanos(deadline - System.nanoTime());
                    page = take(countMax, bytesMax);
                }
            }
            sleepers.remove(self);
            return page;
        }

        private Page take(int countMax, long bytesMax) {
            List<Parcel> found = new ArrayList<>();
            long bytes = 0;
            for (int i = 0; i < STRETCHES_MAX && position < end(); i++) {
                Stretch stretch = stretch(position);
                for (Parcel said : stretch.parcels()) {
                    if (said.position() < position || !mine(said)) {
                        continue;
                    }
                    boolean fits = found.isEmpty() || bytes + said.bytes() <= bytesMax;
                    if (found.size() == countMax || !fits) {
                        position = said.position();
                        return new Page(found, position);
                    }
                    found.add(said);
                    bytes += said.bytes();
                }
                if (stretch.next() <= position) {
                    break;
                }
                position = stretch.next();
            }
            return new Page(found, position);
        }

        private boolean mine(Parcel said) {
            return said.sink().equals(sink) && said.tenant().equals(tenant);
        }

        @Override
        public void seek(long to) {
            position = to;
        }

        @Override
        public void close() {
            // the reader is everybody's
        }
    }

    /// @return JSON as it is; bytes that are no text as `{"base64": "..."}`
    private static String text(byte[] payload) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            return "{\"base64\":\"" + Base64.getEncoder().encodeToString(payload) + "\"}";
        }
    }

    private static @Nullable Raw raw(@Nullable Source source) {
        return source == null ? null : new Raw(source.id(), source.topic(), source.atMillis(), source.payload());
    }

    private static Parcel.@Nullable Alert alert(@Nullable AlertChange change) {
        return change == null
                ? null
                : new Parcel.Alert(
                        change.name(), change.key(), change.state(), change.severity(), change.raisedMillis());
    }
}
