package tributary.script;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Looks at calls that are under way, and ends those that take too long or too much memory. One thread, which sleeps
/// while nothing runs.
final class Watch {
    private static final long LOOK_NANOS = 2_000_000;
    private static final long AWAKE_NANOS = 1_000_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final ScriptLimits limits;
    private final Set<Guard> running = ConcurrentHashMap.newKeySet();
    private final Thread thread =
            Thread.ofPlatform().daemon().name("function-watch").unstarted(this::look);
    private volatile boolean asleep;
    private volatile boolean closed;

    Watch(ScriptLimits limits) {
        this.limits = limits;
        thread.start();
    }

    /// One call. Identity is what tells them apart.
    static final class Guard {
        private final Box box;
        private final long threadId = Thread.currentThread().threadId();
        private final long beginNanos = System.nanoTime();
        private final long beginBytes = THREADS.getThreadAllocatedBytes(threadId);
        private volatile @Nullable String ended;

        Guard(Box box) {
            this.box = box;
        }

        /// @return why it was ended, or null
        @Nullable
        String ended() {
            return ended;
        }
    }

    Guard begin(Box box) {
        Guard guard = new Guard(box);
        running.add(guard);
        if (asleep) {
            LockSupport.unpark(thread);
        }
        return guard;
    }

    void end(Guard guard) {
        running.remove(guard);
    }

    private void look() {
        long busyNanos = System.nanoTime();
        while (!closed) {
            if (running.isEmpty() && System.nanoTime() - busyNanos > AWAKE_NANOS) {
                asleep = true;
                if (running.isEmpty()) {
                    LockSupport.park(this);
                }
                asleep = false;
                busyNanos = System.nanoTime();
            }
            for (Guard guard : running) {
                busyNanos = System.nanoTime();
                String why = excess(guard);
                if (why != null && guard.ended == null) {
                    guard.ended = why;
                    // waits until the call has ended, and others are looked at meanwhile
                    Thread.ofPlatform().daemon().name("function-end").start(guard.box::kill);
                }
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private @Nullable String excess(Guard guard) {
        if (System.nanoTime() - guard.beginNanos > limits.time().toNanos()) {
            return "it took longer than %d ms".formatted(limits.time().toMillis());
        }
        return THREADS.getThreadAllocatedBytes(guard.threadId) - guard.beginBytes > limits.bytes()
                ? "it took more than %d MB of memory".formatted(limits.bytes() >> 20)
                : null;
    }

    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
