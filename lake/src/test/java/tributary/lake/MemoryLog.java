package tributary.lake;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// A log without a disk that outlives the lakes of one test: what was appended is durable at once, and what a named
/// reader committed is what the next reader of that name begins at.
final class MemoryLog implements Log {
    private final List<List<Message>> partitions = new ArrayList<>();
    private final Map<String, long[]> committed = new HashMap<>();
    private final Set<String> open = new HashSet<>();
    private final int batchMax;
    private final long[] start;

    MemoryLog(int partitions, int batchMax) {
        this.start = new long[partitions];
        for (int i = 0; i < partitions; i++) {
            this.partitions.add(new ArrayList<>());
        }
        this.batchMax = batchMax;
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public int partitionOf(TenantId tenant, @Nullable DeviceId device, String publisher) {
        String key = tenant + "/" + (device == null ? publisher : device.value());
        return Math.floorMod(key.hashCode() * 31, partitions.size());
    }

    @Override
    public synchronized void append(Message message, Receipt receipt) {
        int partition = partitionOf(message.tenant(), message.device(), message.publisher());
        partitions.get(partition).add(message);
        receipt.durable(partition, partitions.get(partition).size() - 1);
        notifyAll();
    }

    @Override
    public boolean congested() {
        return false;
    }

    @Override
    public void whenRelieved(Runnable action) {
        action.run();
    }

    @Override
    public synchronized LogReader reader(String name) {
        if (!open.add(name)) {
            throw new IllegalStateException("one open reader a name: " + name);
        }
        return new Reader(name, committed.computeIfAbsent(name, _ -> new long[partitions.size()]));
    }

    @Override
    public LogReader reader() {
        return new Reader("", new long[partitions.size()]);
    }

    @Override
    public synchronized long end(int partition) {
        return partitions.get(partition).size();
    }

    @Override
    public synchronized long start(int partition) {
        return start[partition];
    }

    /// Retention has taken all that there is; readers do not notice.
    synchronized void forget() {
        for (int p = 0; p < start.length; p++) {
            start[p] = partitions.get(p).size();
        }
    }

    @Override
    public long positionAt(int partition, Instant time) {
        throw new UnsupportedOperationException("the lake does not ask");
    }

    @Override
    public List<Damage> damage() {
        return List.of();
    }

    @Override
    public synchronized Set<String> readerNames() {
        return Set.copyOf(committed.keySet());
    }

    @Override
    public LogStats stats() {
        return new LogStats(0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}

    synchronized long committed(String name, int partition) {
        return committed.get(name)[partition];
    }

    synchronized Message message(int partition, long position) {
        return partitions.get(partition).get((int) position);
    }

    private final class Reader implements LogReader {
        private final String name;
        private final long[] next;
        private int turn;

        Reader(String name, long[] from) {
            this.name = name;
            this.next = from.clone();
        }

        @Override
        public @Nullable Batch poll(Duration wait) {
            synchronized (MemoryLog.this) {
                Batch batch = ready();
                if (batch == null && !wait.isZero()) {
                    try {
                        MemoryLog.this.wait(wait.toMillis());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    batch = ready();
                }
                return batch;
            }
        }

        private @Nullable Batch ready() {
            for (int i = 0; i < next.length; i++) {
                int partition = turn++ % next.length;
                int size = (int) Math.min(batchMax, end(partition) - next[partition]);
                if (size > 0) {
                    long first = next[partition];
                    next[partition] += size;
                    return new Part(partition, first, size);
                }
            }
            return null;
        }

        @Override
        public @Nullable Batch next(int partition) {
            synchronized (MemoryLog.this) {
                long first = Math.max(next[partition], start[partition]);
                int size = (int) Math.min(batchMax, end(partition) - first);
                next[partition] = first + size;
                return size > 0 ? new Part(partition, first, size) : null;
            }
        }

        @Override
        public long position(int partition) {
            return next[partition];
        }

        @Override
        public void seek(int partition, long position) {
            next[partition] = position;
        }

        @Override
        public void commit(int partition, long position) {
            synchronized (MemoryLog.this) {
                committed.get(name)[partition] = position;
            }
        }

        @Override
        public void close() {
            synchronized (MemoryLog.this) {
                open.remove(name);
            }
        }
    }

    private final class Part implements Batch {
        private final int partition;
        private final long first;
        private final int size;

        Part(int partition, long first, int size) {
            this.partition = partition;
            this.first = first;
            this.size = size;
        }

        @Override
        public int partition() {
            return partition;
        }

        @Override
        public long first() {
            return first;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public Message message(int index) {
            return MemoryLog.this.message(partition, first + index);
        }
    }
}
