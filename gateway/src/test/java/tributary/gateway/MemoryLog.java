package tributary.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.TenantId;

/// A log in memory for tests of the doors: order and receipts as promised, on a thread of its own, and a "disk" that a
/// test can hold, fill and let go.
public final class MemoryLog implements Log {
    private final int partitions;
    private final Map<String, long[]> committed = new ConcurrentHashMap<>();
    private static final long HIGH_BYTES = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<List<Message>> durable = new ArrayList<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final List<Runnable> relief = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread writer;
    private boolean held;
    private boolean full;
    private long waitingBytes;

    private record Waiting(Message message, Receipt receipt) {}

    public MemoryLog() {
        this(2);
    }

    public MemoryLog(int partitions) {
        this.partitions = partitions;
        for (int i = 0; i < partitions; i++) {
            durable.add(new ArrayList<>());
        }
        writer = Thread.ofPlatform().name("memory-log").daemon().start(this::run);
    }

    /// From now on no flush succeeds: what is appended waits.
    public void hold() {
        locked(() -> held = true);
    }

    /// Flushes succeed again.
    public void release() {
        locked(() -> held = false);
    }

    /// From now on the disk is full, or not.
    public void full(boolean isFull) {
        locked(() -> full = isFull);
    }

    /// @return everything durable, partition by partition
    public List<Message> messages() {
        lock.lock();
        try {
            return durable.stream().flatMap(List::stream).toList();
        } finally {
            lock.unlock();
        }
    }

    /// @return how many appended messages wait for the disk
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (!closed.get()) {
            List<Runnable> after = new ArrayList<>();
            lock.lock();
            try {
                while ((waiting.isEmpty() || held) && !closed.get()) {
                    changed.awaitUninterruptibly();
                }
                while (!waiting.isEmpty()) {
                    Waiting next = waiting.poll();
                    if (full) {
                        after.add(() -> next.receipt.refused(Fault.LOG_FULL, "the disk is full; free some space"));
                        continue;
                    }
                    Message message = next.message;
                    int partition = partitionOf(message.tenant(), message.device(), message.publisher());
                    long position = durable.get(partition).size();
                    durable.get(partition).add(message);
                    after.add(() -> next.receipt.durable(partition, position));
                }
                waitingBytes = 0;
                after.addAll(relief);
                relief.clear();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            after.forEach(Runnable::run);
        }
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public int partitionOf(TenantId tenant, DeviceId device, String publisher) {
        return Math.floorMod(device == null ? publisher.hashCode() : device.hashCode(), partitions);
    }

    @Override
    public void append(Message message, Receipt receipt) {
        locked(() -> {
            waiting.add(new Waiting(message, receipt));
            waitingBytes += message.payload().length;
        });
    }

    @Override
    public boolean congested() {
        lock.lock();
        try {
            return waitingBytes > HIGH_BYTES;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void whenRelieved(Runnable action) {
        lock.lock();
        try {
            if (waitingBytes > HIGH_BYTES) {
                relief.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    @Override
    public LogReader reader(String name) {
        Tail reader = new Tail(name);
        long[] from = committed.getOrDefault(name, new long[partitions]);
        for (int i = 0; i < partitions; i++) {
            reader.seek(i, from[i]);
        }
        return reader;
    }

    @Override
    public LogReader reader() {
        return new Tail("");
    }

    @Override
    public long end(int partition) {
        lock.lock();
        try {
            return durable.get(partition).size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long start(int partition) {
        return 0;
    }

    @Override
    public long positionAt(int partition, Instant time) {
        throw new UnsupportedOperationException("the doors do not seek by time");
    }

    @Override
    public List<Damage> damage() {
        return List.of();
    }

    @Override
    public Set<String> readerNames() {
        return Set.of();
    }

    @Override
    public LogStats stats() {
        return new LogStats(messages().size(), 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        closed.set(true);
        locked(() -> held = false);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Tail implements LogReader {
        private final long[] at = new long[partitions];

        private final String name;

        Tail(String name) {
            this.name = name;
            for (int i = 0; i < partitions; i++) {
                at[i] = end(i);
            }
        }

        @Override
        public Batch poll(Duration wait) {
            long nanos = wait.toNanos();
            lock.lock();
            try {
                while (true) {
                    for (int i = 0; i < partitions; i++) {
                        if (at[i] < durable.get(i).size()) {
                            Batch batch = new Copy(
                                    i,
                                    at[i],
                                    List.copyOf(durable.get(i)
                                            .subList((int) at[i], durable.get(i).size())));
                            at[i] = batch.end();
                            return batch;
                        }
                    }
                    if (nanos <= 0) {
                        return null;
                    }
                    nanos = changed.awaitNanos(nanos);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Batch next(int partition) {
            lock.lock();
            try {
                List<Message> all = durable.get(partition);
                int from = (int) at[partition];
                if (from >= all.size()) {
                    return null;
                }
                at[partition] = all.size();
                return new Copy(partition, from, List.copyOf(all.subList(from, all.size())));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public long position(int partition) {
            return at[partition];
        }

        @Override
        public void seek(int partition, long position) {
            at[partition] = position;
        }

        @Override
        public void commit(int partition, long position) {
            committed.computeIfAbsent(name, _ -> new long[partitions])[partition] = position;
        }

        @Override
        public void close() {}
    }

    private record Copy(int partition, long first, List<Message> messages) implements Batch {
        @Override
        public int size() {
            return messages.size();
        }

        @Override
        public Message message(int index) {
            return messages.get(index);
        }
    }
}
