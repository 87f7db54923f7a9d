package tributary.api;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// A log in memory whose beginning can be forgotten, as retention does. Everything is under one lock.
final class MemoryLog implements Log {
    private static final int BATCH_MAX = 256;

    private final List<List<Message>> partitions = new ArrayList<>();
    private final long[] starts;
    private long appended;

    MemoryLog(int count) {
        for (int i = 0; i < count; i++) {
            partitions.add(new ArrayList<>());
        }
        starts = new long[count];
    }

    synchronized void forgetBefore(int partition, long position) {
        starts[partition] = position;
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public int partitionOf(TenantId tenant, @Nullable DeviceId device, String publisher) {
        return Math.floorMod(Objects.hash(tenant, device == null ? publisher : device), partitions.size());
    }

    @Override
    public void append(Message message, Receipt receipt) {
        int partition = partitionOf(message.tenant(), message.device(), message.publisher());
        long position;
        synchronized (this) {
            position = partitions.get(partition).size();
            partitions.get(partition).add(message);
            appended++;
            notifyAll();
        }
        receipt.durable(partition, position);
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
    public LogReader reader(String name) {
        return reader(); // nothing outlives this log, so a name keeps nothing
    }

    @Override
    public synchronized LogReader reader() {
        return new Reader();
    }

    @Override
    public synchronized long end(int partition) {
        return partitions.get(partition).size();
    }

    @Override
    public synchronized long start(int partition) {
        return starts[partition];
    }

    @Override
    public synchronized long positionAt(int partition, Instant time) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, time);
        List<Message> all = partitions.get(partition);
        for (long i = starts[partition]; i < all.size(); i++) {
            if (all.get((int) i).receivedMicros() >= micros) {
                return i;
            }
        }
        return all.size();
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
    public synchronized LogStats stats() {
        return new LogStats(appended, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}

    private final class Reader implements LogReader {
        private final long[] next = new long[partitions.size()];
        private int turn;

        Reader() {
            for (int i = 0; i < next.length; i++) {
                next[i] = end(i);
            }
        }

        @Override
        public @Nullable Batch poll(Duration wait) {
            long deadline = System.nanoTime() + wait.toNanos();
            synchronized (MemoryLog.this) {
                while (true) {
                    for (int i = 0; i < next.length; i++) {
                        Batch batch = batch((turn + i) % next.length);
                        if (batch != null) {
                            return batch;
                        }
                    }
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return null;
                    }
                    try {
                        MemoryLog.this.wait(left / 1_000_000 + 1);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return null;
                    }
                }
            }
        }

        @Override
        public @Nullable Batch next(int partition) {
            synchronized (MemoryLog.this) {
                return batch(partition);
            }
        }

        /// Under the lock.
        private @Nullable Batch batch(int partition) {
            next[partition] = Math.max(next[partition], starts[partition]);
            List<Message> all = partitions.get(partition);
            if (next[partition] >= all.size()) {
                return null;
            }
            int first = (int) next[partition];
            int end = Math.min(all.size(), first + BATCH_MAX);
            next[partition] = end;
            turn = partition + 1;
            return new Part(partition, first, List.copyOf(all.subList(first, end)));
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
            // positions end with the log
        }

        @Override
        public void close() {}
    }

    private record Part(int partition, long first, List<Message> messages) implements Batch {
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
