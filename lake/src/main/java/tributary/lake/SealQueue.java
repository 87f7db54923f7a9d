package tributary.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.TenantId;

/// Frozen segments waiting for the [Sealer], and the thread that seals them one after the other.
///
/// A segment that cannot be sealed is tried again with growing pauses; those behind it wait, and the lake stops
/// reading the log when too many rows do.
final class SealQueue {
    private static final Logger LOG = LoggerFactory.getLogger(SealQueue.class);
    private static final int TASKS_MAX = 4_096;
    private static final long RETRY_MILLIS_MIN = 200;
    private static final long RETRY_MILLIS_MAX = 15_000;
    /// When the lake stops and a segment failed so often, it is left to the log.
    private static final int LAST_TRIES = 3;
    private static final long CARE_MILLIS = 600_000;

    private final Sealer sealer;
    private final InstantSource clock;
    private final Map<TenantId, TenantTail> tails;
    private final BlockingQueue<SealTask> tasks = new ArrayBlockingQueue<>(TASKS_MAX);
    private final CountDownLatch abandoned = new CountDownLatch(1);
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong rowsWaiting = new AtomicLong();
    private final AtomicLong bytesWaiting = new AtomicLong();
    private final Semaphore room = new Semaphore(0);
    private final Map<TenantId, Long> caredMillis = new HashMap<>();
    private final Thread thread;
    private volatile boolean finishing;
    private volatile @Nullable String trouble;

    /// @param tails of all tenants; the newest values of each are written down at the end
    SealQueue(Sealer sealer, InstantSource clock, Map<TenantId, TenantTail> tails) {
        this.sealer = sealer;
        this.tails = tails;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("lake-seal").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean full() {
        return tasks.remainingCapacity() == 0;
    }

    /// For the lake's thread, which looks at [#full] before.
    void add(SealTask task) {
        count(task, 1);
        tasks.add(task);
    }

    private void count(SealTask task, int sign) {
        switch (task) {
            case SealTask.Readings readings ->
                rowsWaiting.addAndGet(sign * readings.hot().rows());
            case SealTask.SideTable side ->
                bytesWaiting.addAndGet(sign * side.rows().bytes());
        }
    }

    /// @return bytes of side tables frozen and not committed yet
    long bytesWaiting() {
        return bytesWaiting.get();
    }

    /// @return readings frozen and not committed yet
    long rowsWaiting() {
        return rowsWaiting.get();
    }

    /// Waits until something was sealed, but not long.
    void awaitRoom(long waitMillis) throws InterruptedException {
        room.tryAcquire(waitMillis, TimeUnit.MILLISECONDS);
        room.drainPermits();
    }

    long commits() {
        return commits.get();
    }

    /// @return what keeps the sealer from working, for people, or null
    @Nullable
    String trouble() {
        return trouble;
    }

    /// Seals what waits, then ends. What cannot be sealed in `waitMillis` stays in the log.
    ///
    /// @return whether all was sealed
    boolean finish(long waitMillis) {
        finishing = true;
        try {
            thread.join(waitMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        boolean done = !thread.isAlive();
        if (!done) {
            abandon();
        }
        return done && abandoned.getCount() > 0;
    }

    /// Ends after the step that is under way, whatever waits.
    void abandon() {
        finishing = true;
        abandoned.countDown();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (abandoned.getCount() > 0) {
                SealTask task = tasks.poll(50, TimeUnit.MILLISECONDS);
                if (task != null) {
                    seal(task);
                } else if (finishing) {
                    checkpointAll();
                    return;
                } else {
                    careForTheQuiet();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sealer.close();
        }
    }

    private void seal(SealTask task) throws InterruptedException {
        int tries = 0;
        for (long waitMillis = RETRY_MILLIS_MIN; ; waitMillis = Math.min(2 * waitMillis, RETRY_MILLIS_MAX)) {
            if (sealed(task, waitMillis)) {
                break;
            }
            tries++;
            if (finishing && tries >= LAST_TRIES) {
                abandoned.countDown();
            }
            if (abandoned.await(finishing ? RETRY_MILLIS_MIN : waitMillis, TimeUnit.MILLISECONDS)) {
                return;
            }
            sealer.forget(task.tail().tenant());
        }
        care(task.tail());
    }

    /// @param waitMillis for people: when it is tried again
    private boolean sealed(SealTask task, long waitMillis) {
        try {
            sealer.seal(task);
            commits.incrementAndGet();
            count(task, -1);
            room.release();
            trouble = null;
            return true;
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            trouble = "rows of tenant %s cannot be written to files: %s"
                    .formatted(task.tail().tenant(), why(e));
            LOG.warn("{}; they stay in the log and in memory, trying again in {} ms", trouble, waitMillis, e);
            return false;
        }
    }

    /// Tries once to seal what waits first; only for a queue without a thread.
    ///
    /// @return whether anything waited
    boolean step() {
        SealTask task = tasks.peek();
        if (task == null) {
            return false;
        }
        if (sealed(task, 0)) {
            tasks.remove();
            care(task.tail());
        } else {
            sealer.forget(task.tail().tenant());
        }
        return true;
    }

    /// Ends a queue without a thread, whatever waits.
    void dismiss() {
        sealer.close();
    }

    private void care(TenantTail tail) {
        caredMillis.put(tail.tenant(), clock.millis());
        try {
            sealer.care(tail, clock);
        } catch (IOException | RuntimeException e) {
            LOG.warn("care of the tables of tenant {} failed, it is tried again later", tail.tenant(), e);
        }
    }

    /// Tenants that send nothing have old rows, too.
    private void careForTheQuiet() {
        long now = clock.millis();
        for (TenantTail tail : tails.values()) {
            if (now - caredMillis.computeIfAbsent(tail.tenant(), _ -> now) > CARE_MILLIS) {
                care(tail);
                return;
            }
        }
    }

    private void checkpointAll() {
        for (TenantTail tail : tails.values()) {
            try {
                sealer.checkpoint(tail, clock.millis());
            } catch (IOException | RuntimeException e) {
                LOG.warn("newest values of tenant {} are read from its history at the next start", tail.tenant(), e);
            }
        }
    }

    static String why(Throwable e) {
        Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
