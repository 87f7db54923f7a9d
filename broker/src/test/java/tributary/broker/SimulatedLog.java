package tributary.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.TenantId;

/// A log in memory that does each step of a real one when a simulation says so: a message is appended, then durable and
/// to be read, then its receipt is told. A crash may come between any two of these.
final class SimulatedLog implements Log {
    private final SplittableRandom random;
    private final List<Partition> partitions = new ArrayList<>();
    private final Map<String, long[]> committed = new HashMap<>();
    private final Deque<Runnable> untold = new ArrayDeque<>();
    private final int weight;
    private boolean full;
    private long appended;
    private long refused;

    private static final class Partition {
        final List<Message> records = new ArrayList<>();
        final Deque<Pending> pending = new ArrayDeque<>();
        long start;
        long bytes;

        void add(Message message) {
            records.add(message);
            bytes += message.payload().length;
        }

        void forgetBefore(long position) {
            for (; start < position; start++) {
                bytes -= records.get((int) start).payload().length;
            }
        }
    }

    private record Pending(Message message, Receipt receipt) {}

    /// @param weight how much of the disk a byte takes: a journal is written anew only when it is long
    SimulatedLog(SplittableRandom random, int partitions, int weight) {
        this.random = random;
        this.weight = weight;
        for (int p = 0; p < partitions; p++) {
            this.partitions.add(new Partition());
        }
    }

    /// Whether everything is refused, as on a full disk.
    void full(boolean is) {
        full = is;
    }

    /// Makes some of what was appended durable.
    void flush() {
        flush(random.nextInt(partitions.size()), random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(4));
    }

    private void flush(int partition, int most) {
        Partition of = partitions.get(partition);
        for (int i = 0; i < most && !of.pending.isEmpty(); i++) {
            Pending one = of.pending.remove();
            if (full) {
                refused++;
                untold.add(() -> one.receipt.refused(Fault.LOG_FULL, "the simulated disk is full"));
            } else {
                long position = of.records.size();
                of.add(one.message);
                appended++;
                untold.add(() -> one.receipt.durable(partition, position));
            }
        }
    }

    /// Tells some of the receipts, in order.
    void tell() {
        for (int i = 1 + random.nextInt(8); i > 0 && !untold.isEmpty(); i--) {
            untold.remove().run();
        }
    }

    /// Does all that is to be done.
    ///
    /// @return whether there was anything
    boolean settle() {
        boolean any = false;
        while (!idle()) {
            any = true;
            for (int p = 0; p < partitions.size(); p++) {
                flush(p, Integer.MAX_VALUE);
            }
            while (!untold.isEmpty()) {
                untold.remove().run();
            }
        }
        return any;
    }

    boolean idle() {
        return untold.isEmpty() && partitions.stream().allMatch(partition -> partition.pending.isEmpty());
    }

    /// The process dies: what was not durable is gone, or durable without anybody having been told.
    void crash() {
        untold.clear();
        for (int p = 0; p < partitions.size(); p++) {
            if (random.nextBoolean()) {
                flush(p, random.nextInt(1 + partitions.get(p).pending.size()));
            }
            partitions.get(p).pending.clear();
        }
        untold.clear();
    }

    List<Message> records(int partition) {
        return partitions.get(partition).records;
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public int partitionOf(TenantId tenant, @Nullable DeviceId device, String publisher) {
        return Math.floorMod(device == null ? publisher.hashCode() : device.hashCode(), partitions.size());
    }

    @Override
    public void append(Message message, Receipt receipt) {
        if (full) {
            refused++;
            receipt.refused(Fault.LOG_FULL, "the simulated disk is full");
            return;
        }
        int partition = partitionOf(message.tenant(), message.device(), message.publisher());
        partitions.get(partition).pending.add(new Pending(message, receipt));
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
        return new Reader(
                name,
                committed
                        .computeIfAbsent(name, _ -> new long[partitions.size()])
                        .clone());
    }

    @Override
    public LogReader reader() {
        long[] ends = new long[partitions.size()];
        for (int p = 0; p < ends.length; p++) {
            ends[p] = end(p);
        }
        return new Reader("", ends);
    }

    @Override
    public long end(int partition) {
        return partitions.get(partition).records.size();
    }

    @Override
    public long start(int partition) {
        return partitions.get(partition).start;
    }

    @Override
    public long positionAt(int partition, Instant time) {
        throw new UnsupportedOperationException("the broker looks for no time");
    }

    @Override
    public List<Damage> damage() {
        return List.of();
    }

    @Override
    public Set<String> readerNames() {
        return committed.keySet();
    }

    @Override
    public LogStats stats() {
        long bytes = partitions.stream().mapToLong(partition -> partition.bytes).sum();
        return new LogStats(appended, refused, bytes * weight, 0, 0, 0);
    }

    @Override
    public void close() {
        settle();
    }

    private final class Reader implements LogReader {
        private final String name;
        private final long[] positions;
        private int turn;

        Reader(String name, long[] positions) {
            this.name = name;
            this.positions = positions;
        }

        @Override
        public @Nullable Batch poll(Duration wait) {
            for (int i = 0; i < positions.length; i++) {
                turn = (turn + 1) % positions.length;
                Batch batch = next(turn);
                if (batch != null) {
                    return batch;
                }
            }
            return null;
        }

        @Override
        public @Nullable Batch next(int partition) {
            Partition of = partitions.get(partition);
            long first = Math.max(positions[partition], of.start);
            if (first >= of.records.size()) {
                return null;
            }
            long end = Math.min(of.records.size(), first + 1 + random.nextInt(12));
            positions[partition] = end;
            return new Stretch(partition, first, List.copyOf(of.records.subList((int) first, (int) end)));
        }

        @Override
        public long position(int partition) {
            return Math.max(positions[partition], start(partition));
        }

        @Override
        public void seek(int partition, long position) {
            positions[partition] = position;
        }

        /// What the only reader of the log is done with goes at once: nobody may need it again.
        @Override
        public void commit(int partition, long position) {
            committed.computeIfAbsent(name, _ -> new long[partitions.size()])[partition] = position;
            if (weight > 1) {
                partitions.get(partition).forgetBefore(position);
            }
        }

        @Override
        public void close() {}
    }

    private record Stretch(int partition, long first, List<Message> messages) implements Batch {
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
