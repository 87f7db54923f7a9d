package tributary.log;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The records of one partition that wait for its writer, in order. Many threads add, one takes.
///
/// The lock is held for copying one encoded record; encoding and checking are done before. [Backlog] bounds it.
final class AppendQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Deque<Chunk> full = new ArrayDeque<>();
    private @Nullable Chunk filling;
    private boolean writerWaits;
    private boolean closed;

    /// @return false where the log is stopping
    boolean add(byte[] record, int length, Receipt receipt) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            Chunk chunk = filling;
            if (chunk == null || !chunk.add(record, length, receipt)) {
                if (chunk != null) {
                    full.add(chunk);
                }
                chunk = new Chunk(full.isEmpty() ? length : Chunk.BYTES_MAX);
                chunk.add(record, length, receipt);
                filling = chunk;
            }
            if (writerWaits) {
                writerWaits = false;
                filled.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Moves chunks to `into` until it has `bytesMax` or nothing waits.
    void take(Deque<Chunk> into, long bytesMax) {
        lock.lock();
        try {
            long taken = 0;
            while (taken < bytesMax) {
                Chunk chunk = full.poll();
                if (chunk == null) {
                    chunk = filling;
                    filling = null;
                    if (chunk == null) {
                        return;
                    }
                }
                into.add(chunk);
                taken += chunk.length();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until something is there or the queue is closed.
    ///
    /// @return false where neither came in time
    boolean await(long nanosMax) throws InterruptedException {
        lock.lock();
        try {
            long left = nanosMax;
            while (filling == null && full.isEmpty() && !closed) {
                if (left <= 0) {
                    return false;
                }
                writerWaits = true;
                left = filled.awaitNanos(left);
            }
            return true;
        } finally {
            writerWaits = false;
            lock.unlock();
        }
    }

    /// Waits for the queue to be closed, whatever is in it.
    boolean awaitClosed(long nanosMax) throws InterruptedException {
        lock.lock();
        try {
            long left = nanosMax;
            while (!closed && left > 0) {
                left = filled.awaitNanos(left);
            }
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// Lets nothing in any more.
    void close() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }
}
