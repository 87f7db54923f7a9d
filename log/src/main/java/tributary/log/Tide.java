package tributary.log;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Tells readers that records became durable: [#rise] before anybody hears of it, so that whoever looks finds them,
/// and [#wake] after. Costs the writers nothing while nobody sleeps.
final class Tide {
    private final AtomicLong level = new AtomicLong();
    private final AtomicInteger sleepers = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition risen = lock.newCondition();

    long level() {
        return level.get();
    }

    /// From now on a reader that looks does not go to sleep.
    void rise() {
        level.incrementAndGet();
    }

    /// Wakes those who slept when it rose.
    void wake() {
        if (sleepers.get() > 0) {
            lock.lock();
            try {
                risen.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Sleeps until the level is not `seen` any more.
    ///
    /// @return how many nanoseconds of `nanosMax` are left
    long await(long seen, long nanosMax) throws InterruptedException {
        sleepers.incrementAndGet();
        lock.lock();
        try {
            long left = nanosMax;
            while (level.get() == seen && left > 0) {
                left = risen.awaitNanos(left);
            }
            return left;
        } finally {
            lock.unlock();
            sleepers.decrementAndGet();
        }
    }
}
