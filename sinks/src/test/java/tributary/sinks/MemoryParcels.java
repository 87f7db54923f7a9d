package tributary.sinks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// An outbox in memory; it outlives the sinks that crash around it. Positions have gaps, as they may.
public final class MemoryParcels implements SharedParcels {
    private static final int GAP = 3;

    private final List<Parcel> all = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private long released;

    /// What the outbox says of its room.
    volatile boolean crowded;

    volatile boolean full;

    /// What a rule says.
    public Parcel add(TenantId tenant, String sink, String device, String payload) {
        return add(tenant, sink, device, payload, null);
    }

    /// The same of an alert.
    public Parcel add(TenantId tenant, String sink, String device, String payload, Parcel.@Nullable Alert alert) {
        lock.lock();
        try {
            Parcel parcel = new Parcel(
                    (all.size() + 1L) * GAP,
                    tenant,
                    "hot",
                    2,
                    sink,
                    device,
                    1_764_270_000_000L + all.size(),
                    payload,
                    alert);
            all.add(parcel);
            more.signalAll();
            return parcel;
        } finally {
            lock.unlock();
        }
    }

    long released() {
        lock.lock();
        try {
            return released;
        } finally {
            lock.unlock();
        }
    }

    /// @return all that was ever said, released or not
    List<Parcel> everything() {
        lock.lock();
        try {
            return List.copyOf(all);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long start() {
        return released();
    }

    @Override
    public boolean crowded() {
        return crowded;
    }

    @Override
    public boolean full() {
        return full;
    }

    @Override
    public Page all(long from) {
        lock.lock();
        try {
            List<Parcel> kept = all.stream()
                    .filter(parcel -> parcel.position() >= Math.max(from, released))
                    .limit(100)
                    .toList();
            return new Page(
                    kept,
                    kept.isEmpty() ? Math.max(from, released) : kept.getLast().position() + 1);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long end() {
        lock.lock();
        try {
            return (all.size() + 1L) * GAP;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(long before) {
        lock.lock();
        try {
            released = Math.max(released, before);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Reader reader(TenantId tenant, String sink, long from) {
        return new Reader() {
            private long position = from;

            @Override
            public Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
                lock.lock();
                try {
                    if (position >= end() && !wait.isZero()) {
                        more.await(wait.toMillis(), TimeUnit.MILLISECONDS);
                    }
                    List<Parcel> found = new ArrayList<>();
                    long bytes = 0;
                    for (Parcel parcel : all.subList(index(), all.size())) {
                        boolean mine = parcel.position() >= released
                                && parcel.tenant().equals(tenant)
                                && parcel.sink().equals(sink);
                        boolean fits = found.isEmpty() || bytes + parcel.bytes() <= bytesMax;
                        if (mine && (!fits || found.size() == countMax)) {
                            break;
                        }
                        position = parcel.position() + 1;
                        if (mine) {
                            found.add(parcel);
                            bytes += parcel.bytes();
                        }
                    }
                    return new Page(found, position);
                } finally {
                    lock.unlock();
                }
            }

            private int index() {
                return (int) Math.min(all.size(), Math.max(0, (position + GAP - 1) / GAP - 1));
            }

            @Override
            public void seek(long next) {
                position = next;
            }

            @Override
            public void close() {}
        };
    }
}
