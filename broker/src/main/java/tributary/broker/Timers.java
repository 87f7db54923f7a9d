package tributary.broker;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;

/// What is to happen later, by the monotonic clock. Added to from any thread; run by the broker's.
final class Timers {
    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    private record Due(long at, Runnable action) {}

    /// @param at nanoseconds of the monotonic clock, counted from the broker's start
    void add(long at, Runnable action) {
        lock.lock();
        try {
            queue.add(new Due(at, action));
        } finally {
            lock.unlock();
        }
    }

    /// Runs what is due.
    void run(long now) {
        while (true) {
            Due due;
            lock.lock();
            try {
                due = queue.peek();
                if (due == null || due.at() > now) {
                    return;
                }
                queue.remove();
            } finally {
                lock.unlock();
            }
            due.action().run();
        }
    }
}
