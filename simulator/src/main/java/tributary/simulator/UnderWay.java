package tributary.simulator;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// The messages of one output that have no answer yet, and how the others ended. For any thread.
final class UnderWay {
    private static final long DRAIN_SECONDS = 60;

    private final int max;
    private final Semaphore room;
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /// @param max messages without an answer at one time
    UnderWay(int max) {
        this.max = max;
        this.room = new Semaphore(max);
    }

    /// One more is to be sent; waits while too many have no answer.
    void begin() throws InterruptedException {
        room.acquire();
    }

    /// @return whether one more could begin at once
    boolean tryBegin() {
        return room.tryAcquire();
    }

    /// So many that had begun were taken over for good.
    void acknowledge(int count) {
        acknowledged.add(count);
        room.release(count);
    }

    /// So many that had begun were refused, or lost with their connection.
    void fail(int count) {
        failed.add(count);
        room.release(count);
    }

    /// One cannot be sent at all: it fails without having begun.
    void failUnsent() {
        failed.increment();
    }

    /// Waits until everything that began has ended, at most a minute.
    ///
    /// @return whether it has
    boolean drain() throws InterruptedException {
        boolean all = room.tryAcquire(max, DRAIN_SECONDS, TimeUnit.SECONDS);
        if (all) {
            room.release(max);
        }
        return all;
    }

    long acknowledged() {
        return acknowledged.sum();
    }

    long failed() {
        return failed.sum();
    }
}
