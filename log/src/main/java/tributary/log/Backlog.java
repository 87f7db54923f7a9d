package tributary.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// The bytes that wait for the disk, over all partitions, with the marks that slow the doors down.
final class Backlog {
    private final long hardMax;
    private final long highMark;
    private final long lowMark;
    private final AtomicLong bytes = new AtomicLong();
    private final Object lock = new Object();

    /// Who wants to hear of relief; guarded by `lock`. `anyWaiting` spares the lock on the way of every group.
    private List<Runnable> waiting = new ArrayList<>();

    private volatile boolean anyWaiting;

    Backlog(long queueBytes) {
        hardMax = queueBytes;
        highMark = queueBytes / 2;
        lowMark = queueBytes / 4;
    }

    /// @return false where so many more would pass the limit
    boolean admit(int count) {
        if (bytes.addAndGet(count) > hardMax) {
            bytes.addAndGet(-count);
            return false;
        }
        return true;
    }

    /// Counts bytes that are here already, whatever the limit.
    void force(long count) {
        bytes.addAndGet(count);
    }

    void release(long count) {
        if (bytes.addAndGet(-count) < lowMark && anyWaiting) {
            relieve();
        }
    }

    long bytes() {
        return bytes.get();
    }

    boolean high() {
        return bytes.get() > highMark;
    }

    void whenRelieved(Runnable action) {
        synchronized (lock) {
            waiting.add(action);
            anyWaiting = true;
        }
        // Asked again after it can be found: relief between the caller's look and now is not missed.
        if (bytes.get() < lowMark) {
            relieve();
        }
    }

    /// Runs what waits for relief, whatever the marks say.
    void relieve() {
        List<Runnable> due;
        synchronized (lock) {
            due = waiting;
            waiting = new ArrayList<>();
            anyWaiting = false;
        }
        due.forEach(Receipts::run);
    }
}
