package tributary.app.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tributary.engine.Outbox;
import tributary.engine.OutboxReader;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination;
import tributary.model.TenantId;
import tributary.sinks.Parcel;
import tributary.sinks.SharedParcels;

/// What rules said, as the sinks read it.
///
/// All sinks share one named reader of the outbox, which keeps what the slowest of them has not delivered. They take
/// turns at it; those at the end of the outbox want the same stretch, which is read once.
final class OutboxParcels implements SharedParcels, AutoCloseable {
    private static final String NAME = "sinks";
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);
    private static final int STRETCHES_MAX = 16;

    /// Parts of the outbox's room.
    private static final double CROWDED = 0.5;

    private static final double FULL = 0.9;

    private final Outbox outbox;
    private final OutboxReader reader;
    private final ReentrantLock reading = new ReentrantLock();

    /// What was read last. Guarded by `reading`.
    private Stretch last = new Stretch(0, 0, List.of());

    private long released;

    /// @param from    where it begins
    /// @param next    where the next one begins
    /// @param parcels those for sinks, of all tenants
    private record Stretch(long from, long next, List<Parcel> parcels) {}

    OutboxParcels(Outbox outbox) {
        this.outbox = outbox;
        this.reader = outbox.reader(NAME);
        this.released = reader.position();
    }

    @Override
    public long start() {
        reading.lock();
        try {
            return released;
        } finally {
            reading.unlock();
        }
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

    @Override
    public void release(long before) {
        reading.lock();
        try {
            if (before > released) {
                reader.commit(before);
                released = before;
            }
        } finally {
            reading.unlock();
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
                        .filter(said -> said.destination() instanceof Destination.ToSink)
                        .map(said -> new Parcel(
                                said.position(),
                                said.tenant(),
                                said.rule(),
                                said.version(),
                                ((Destination.ToSink) said.destination()).sink(),
                                said.device(),
                                said.atMillis(),
                                text(said.payload()),
                                alert(said.alert())))
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
        reader.close();
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
            Page page = take(countMax, bytesMax);
            while (page.parcels().isEmpty() && System.nanoTime() < deadline) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (position >= end()) {
                    LockSupport.parkNanos(LOOK_EVERY.toNanos());
                }
                page = take(countMax, bytesMax);
            }
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

    private static Parcel.@Nullable Alert alert(@Nullable AlertChange change) {
        return change == null
                ? null
                : new Parcel.Alert(
                        change.name(), change.key(), change.state(), change.severity(), change.raisedMillis());
    }
}
