package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The way from the broker to the clients of one thread: deliveries of a whole batch cross in one hop.
///
/// Bounded: while more than a few megabytes wait for the thread, the broker waits, and the log holds the rest.
public final class Outlet {
    private static final long WAITING_BYTES_MAX = 8 << 20;

    /// What a delivery weighs beside its payload.
    private static final int OVERHEAD_BYTES = 64;

    private final Executor thread;
    private final Runnable afterBatch;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Queue<Crossing> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closed;

    /// What the broker collects for this outlet from the batch at hand; the broker's thread only.
    private List<Parcel> collected = new ArrayList<>();

    private long collectedBytes;

    private record Parcel(Delivery delivery, Target[] targets) {}

    private record Crossing(List<Parcel> parcels, long bytes) {}

    /// @param thread     runs tasks one after the other on the thread that owns the clients
    /// @param afterBatch runs there after each batch of deliveries: flushes what the clients wrote
    public Outlet(Executor thread, Runnable afterBatch) {
        this.thread = Objects.requireNonNull(thread, "thread");
        this.afterBatch = Objects.requireNonNull(afterBatch, "afterBatch");
    }

    /// On the broker's thread.
    void collect(Delivery delivery, Target[] targets) {
        collected.add(new Parcel(delivery, targets));
        collectedBytes += delivery.message().payload().length + (long) OVERHEAD_BYTES * targets.length;
    }

    /// On the broker's thread: sends what was collected over; waits where the other side is behind.
    void send() {
        if (collected.isEmpty()) {
            return;
        }
        Crossing crossing = new Crossing(collected, collectedBytes);
        collected = new ArrayList<>();
        collectedBytes = 0;
        lock.lock();
        try {
            while (waitingBytes > WAITING_BYTES_MAX && !closed) {
                room.awaitUninterruptibly();
            }
            if (closed) {
                return;
            }
            waiting.add(crossing);
            waitingBytes += crossing.bytes();
        } finally {
            lock.unlock();
        }
        try {
            thread.execute(this::receive);
        } catch (RejectedExecutionException e) {
            close(); // the thread has ended and its clients with it
        }
    }

    private void receive() {
        Crossing crossing;
        lock.lock();
        try {
            crossing = waiting.poll();
        } finally {
            lock.unlock();
        }
        if (crossing == null) {
            return;
        }
        for (Parcel parcel : crossing.parcels()) {
            Delivery delivery = parcel.delivery();
            for (Target target : parcel.targets()) {
                if (target.wants(delivery.message(), delivery.partition(), delivery.position())) {
                    target.session().deliver(delivery, target);
                }
            }
        }
        afterBatch.run();
        lock.lock();
        try {
            waitingBytes -= crossing.bytes();
            room.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Gives up what waits; the broker never waits for this outlet again.
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
