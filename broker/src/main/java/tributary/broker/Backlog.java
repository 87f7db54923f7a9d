package tributary.broker;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// The messages that wait for a client, as places in the log: two or three bytes each, in the order in which they were
/// offered.
///
/// An entry is the step from the position before it in the same partition, mixed with the partition, and the size of
/// the payload, both as varints. A chunk begins with the positions from which its steps count, so that it can be read
/// alone. For one thread at a time.
final class Backlog {
    private static final int CHUNK_BYTES_MAX = 4096;
    private static final int ENTRY_BYTES_MAX = 15;

    private final int partitions;
    private final Deque<Chunk> chunks = new ArrayDeque<>(1);
    private long[] newest;
    private int count;
    private long payloadBytes;
    private int memoryBytes;

    /// One message.
    ///
    /// @param bytes of its payload
    record Entry(int partition, long position, int bytes) {}

    private static final class Chunk {
        final long[] before;
        byte[] bytes;
        int end;

        /// What was taken from it, and the positions up to there.
        int taken;

        Chunk(long[] before, int capacity) {
            this.before = before;
            this.bytes = new byte[capacity];
        }
    }

    Backlog(int partitions) {
        this.partitions = partitions;
        this.newest = new long[partitions];
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    long payloadBytes() {
        return payloadBytes;
    }

    /// @return what this takes of the heap, roughly
    int memoryBytes() {
        return memoryBytes;
    }

    /// Adds a message behind all others; positions of a partition only grow.
    void add(int partition, long position, int bytes) {
        long step = position - newest[partition];
        if (step < 0) {
            throw new IllegalArgumentException(
                    "position %d of partition %d is before %d".formatted(position, partition, newest[partition]));
        }
        Chunk last = chunks.peekLast();
        if (last == null || last.end + ENTRY_BYTES_MAX > CHUNK_BYTES_MAX) {
            last = new Chunk(newest.clone(), last == null ? 32 : 512);
            chunks.add(last);
            memoryBytes += last.bytes.length + 8 * partitions + 64;
        }
        if (last.end + ENTRY_BYTES_MAX > last.bytes.length) {
            int capacity = Math.min(CHUNK_BYTES_MAX, last.bytes.length * 2);
            memoryBytes += capacity - last.bytes.length;
            last.bytes = Arrays.copyOf(last.bytes, capacity);
        }
        last.end = Varints.put(last.bytes, last.end, step * partitions + partition);
        last.end = Varints.put(last.bytes, last.end, bytes);
        newest[partition] = position;
        count++;
        payloadBytes += bytes;
    }

    /// Takes the oldest.
    Entry poll() {
        Chunk first = chunks.element();
        Walk walk = new Walk(first);
        Entry entry = walk.next();
        first.taken = walk.at;
        System.arraycopy(walk.positions, 0, first.before, 0, partitions);
        count--;
        payloadBytes -= entry.bytes();
        if (first.taken == first.end) {
            chunks.remove();
            memoryBytes -= first.bytes.length + 8 * partitions + 64;
        }
        return entry;
    }

    /// Reads entries from the oldest on and takes none.
    Cursor cursor() {
        return new Cursor();
    }

    /// Goes over what waits; not to be used after a change.
    final class Cursor {
        private final Iterator<Chunk> rest = chunks.iterator();
        private Walk walk = new Walk(new Chunk(new long[0], 0));

        boolean hasNext() {
            return walk.at < walk.chunk.end || rest.hasNext();
        }

        Entry next() {
            if (walk.at == walk.chunk.end) {
                walk = new Walk(rest.next());
            }
            return walk.next();
        }
    }

    private final class Walk {
        final Chunk chunk;
        final long[] positions;
        int at;

        Walk(Chunk chunk) {
            this.chunk = chunk;
            this.positions = chunk.before.clone();
            this.at = chunk.taken;
        }

        Entry next() {
            if (at == chunk.end) {
                throw new NoSuchElementException("nothing waits");
            }
            long mixed = Varints.get(chunk.bytes, at);
            at = Varints.end(chunk.bytes, at);
            int bytes = (int) Varints.get(chunk.bytes, at);
            at = Varints.end(chunk.bytes, at);
            int partition = (int) (mixed % partitions);
            positions[partition] += mixed / partitions;
            return new Entry(partition, positions[partition], bytes);
        }
    }
}
