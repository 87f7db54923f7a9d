package tributary.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The way from the broker to the clients of one thread: all that a batch of messages touched are woken in one hop.
///
/// Bounded: while more than a few megabytes were offered that the thread has not looked at yet, the broker waits, and
/// the log holds the rest.
public final class Outlet {
    private static final long UNSEEN_BYTES_MAX = 8 << 20;

    private final Executor thread;
    private final Runnable afterBatch;
    private final long waitingBytesMax;

    /// Offered to clients of this thread since it last looked.
    private final AtomicLong unseenBytes = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private volatile boolean closed;

    /// Whom the batch at hand touched; the broker's thread only.
    private List<Attachment> touched = new ArrayList<>();

    /// @param thread     runs tasks one after the other on the thread that owns the clients
    /// @param afterBatch runs there after each batch: flushes what the clients wrote
    /// @param waitingBytesMax of messages that may wait in memory for one client; beyond it QoS 0 is dropped,
    ///                        and QoS 1 and 2 wait in the log
    public Outlet(Executor thread, Runnable afterBatch, long waitingBytesMax) {
        this.thread = Objects.requireNonNull(thread, "thread");
        this.afterBatch = Objects.requireNonNull(afterBatch, "afterBatch");
        this.waitingBytesMax = waitingBytesMax;
    }

    long waitingBytesMax() {
        return waitingBytesMax;
    }

    /// On the broker's thread: something was offered to the client.
    ///
    /// @return whether it is the first of this batch that this outlet gets
    boolean touch(Attachment attachment, int bytes) {
        unseenBytes.addAndGet(bytes);
        if (attachment.signal()) {
            touched.add(attachment);
            return touched.size() == 1;
        }
        return false;
    }

    /// On the broker's thread: wakes whom the batch touched; waits where the other side is behind.
    void send() {
        List<Attachment> batch = touched;
        if (!batch.isEmpty()) {
            touched = new ArrayList<>();
            run(() -> {
                unseenBytes.set(0);
                for (Attachment attachment : batch) {
                    attachment.wake();
                }
                afterBatch.run();
                if (lock.tryLock()) {
                    try {
                        room.signal();
                    } finally {
                        lock.unlock();
                    }
                }
            });
        }
        if (unseenBytes.get() > UNSEEN_BYTES_MAX) {
            await();
        }
    }

    private void await() {
        lock.lock();
        try {
            while (unseenBytes.get() > UNSEEN_BYTES_MAX && !closed) {
                long _ = room.awaitNanos(1_000_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Wakes one client. On any thread.
    void wake(Attachment attachment) {
        if (attachment.signal()) {
            run(() -> {
                attachment.wake();
                afterBatch.run();
            });
        }
    }

    /// Runs a task on the clients' thread, and flushes what it wrote. On any thread.
    void execute(Runnable task) {
        run(() -> {
            task.run();
            afterBatch.run();
        });
    }

    private void run(Runnable task) {
        if (closed) {
            return;
        }
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            close(); // the thread has ended and its clients with it
        }
    }

    /// The broker never waits for this outlet again.
    public void close() {
        closed = true;
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
