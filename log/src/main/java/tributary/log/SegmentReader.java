package tributary.log;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Reads partitions in turn: from memory where the tail still has the records, else from the segment files.
final class SegmentReader implements LogReader {
    private static final int BATCH_RECORDS_MAX = 4096;

    private final List<Partition> partitions;
    private final Commons commons;
    private final LogWorld world;
    private final @Nullable Name name;
    private final long[] positions;
    private final @Nullable OpenFile[] files;
    private final RecordBatch batch = new RecordBatch(new MessageDecoder());
    private int[] offsets = new int[BATCH_RECORDS_MAX];
    private int turn;
    private volatile boolean closed;

    /// A name and where its positions are kept.
    record Name(String name, ReaderPositions kept) {}

    /// The file of a partition that was read last, and the position of the record that its cursor is at.
    private static final class OpenFile {
        final Segment segment;
        final SegmentCursor cursor;
        long position;
        long maxMicros;

        OpenFile(Segment segment, SegmentCursor cursor) {
            this.segment = segment;
            this.cursor = cursor;
        }
    }

    SegmentReader(LogWorld world, List<Partition> partitions, Commons commons, @Nullable Name name, long[] begin) {
        this.world = world;
        this.partitions = partitions;
        this.commons = commons;
        this.name = name;
        this.positions = begin;
        this.files = new OpenFile[partitions.size()];
    }

    @Override
    public @Nullable Batch poll(Duration wait) {
        long left = wait.toNanos();
        while (true) {
            long level = commons.tide().level();
            for (int i = 0; i < partitions.size(); i++) {
                int partition = turn;
                turn = (turn + 1) % partitions.size();
                Batch found = read(partition);
                if (found != null) {
                    return found;
                }
            }
            if (left <= 0 || closed) {
                return null;
            }
            try {
                left = commons.tide().await(level, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
    }

    @Override
    public @Nullable Batch next(int partition) {
        return read(partition);
    }

    @Override
    public long position(int partition) {
        return positions[partition];
    }

    @Override
    public void seek(int partition, long position) {
        if (position < 0) {
            throw new IllegalArgumentException("a position is 0 or more, was " + position);
        }
        positions[partition] = Math.max(position, partitions.get(partition).start());
    }

    @Override
    public void commit(int partition, long position) {
        Name named = name;
        if (named == null) {
            throw new IllegalStateException("a reader without a name has no position to keep");
        }
        // A reader may stand beyond the end for a while: where a full disk keeps back what recovery has to write anew.
        if (position < 0 || position > Math.max(partitions.get(partition).end(), positions[partition])) {
            throw new IllegalArgumentException(
                    "position %d of partition %d is not one that was read".formatted(position, partition));
        }
        named.kept().commit(named.name(), partition, position);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (int i = 0; i < files.length; i++) {
                closeFile(i);
            }
            Name named = name;
            if (named != null) {
                named.kept().release(named.name());
            }
        }
    }

    private @Nullable Batch read(int number) {
        Partition partition = partitions.get(number);
        while (true) {
            long end = partition.end();
            if (positions[number] >= end) {
                return null;
            }
            long position = positions[number];
            Chunk chunk = partition.writer().tail().find(position);
            if (chunk != null) {
                int skipped = (int) (position - chunk.first());
                positions[number] = chunk.end();
                closeFile(number);
                return batch.lend(number, position, chunk.bytes(), chunk.offsets(), skipped)
                        .sized(chunk.count() - skipped);
            }
            try {
                Segment segment = partition.shelf().find(position);
                if (segment == null) {
                    positions[number] = end;
                    return null;
                }
                positions[number] = Math.max(position, segment.base());
                OpenFile file = file(number, segment);
                if (readFile(number, file, Math.min(end, segment.end()))) {
                    return batch;
                }
            } catch (NoSuchFileException e) {
                // Retention deleted it between the look and the opening: what is kept begins later now.
                if (positions[number] >= partition.start()) {
                    throw Disks.failure(e, "reading");
                }
            } catch (IOException e) {
                closeFile(number);
                throw new PlatformException(
                        Fault.DISK_FAILED,
                        "reading partition %d at position %d failed: %s. Look at the disk."
                                .formatted(number, positions[number], e.getMessage()),
                        e);
            }
        }
    }

    private OpenFile file(int number, Segment segment) throws IOException {
        OpenFile file = files[number];
        if (file == null || file.segment != segment) {
            closeFile(number);
            file = new OpenFile(segment, partitions.get(number).cursor(segment));
            files[number] = file;
            file.position = -1;
        }
        if (file.position != positions[number]) {
            Segment.Mark mark = segment.markAt(positions[number]);
            file.position = mark.position();
            file.maxMicros = mark.maxMicros();
            file.cursor.moveTo(mark.offset());
        } else {
            file.cursor.moveTo(file.cursor.offset());
        }
        return file;
    }

    /// Gathers records of one window into the batch; false where there is none before `limit`, the position being
    /// moved behind what is damaged.
    private boolean readFile(int number, OpenFile file, long limit) throws IOException {
        SegmentCursor cursor = file.cursor;
        int count = 0;
        while (file.position < limit && (count == 0 || count < BATCH_RECORDS_MAX && cursor.near())) {
            long offset = cursor.offset();
            if (!cursor.look(file.position, file.position)) {
                if (count > 0) {
                    break;
                }
                boolean found = !world.has(Flaw.STOP_AT_DAMAGE) && cursor.search(file.position, limit - 1);
                long next = found ? cursor.position() : limit;
                if (next > file.position) {
                    damaged(number, file, next, offset);
                }
                file.position = next;
                positions[number] = Math.max(positions[number], next);
                continue;
            }
            file.segment.mark(file.position, cursor.offset(), file.maxMicros);
            file.maxMicros = Math.max(file.maxMicros, cursor.receivedMicros());
            if (file.position >= positions[number]) {
                offsets[count++] = cursor.index();
            }
            file.position++;
            cursor.next();
        }
        if (count == 0) {
            return false;
        }
        batch.lend(number, file.position - count, cursor.bytes(), offsets, 0).sized(count);
        positions[number] = file.position;
        return true;
    }

    private void damaged(int number, OpenFile file, long next, long offset) {
        commons.damage()
                .add(new Log.Damage(
                        number,
                        file.position,
                        next,
                        "%s is damaged at byte %d".formatted(world.disk().describe(file.segment.path()), offset)));
    }

    private void closeFile(int number) {
        OpenFile file = files[number];
        files[number] = null;
        if (file != null) {
            try {
                file.cursor.close();
            } catch (IOException e) {
                throw Disks.failure(e, "closing a segment");
            }
        }
    }

    @Override
    public String toString() {
        return "SegmentReader[%s at %s]".formatted(name == null ? "nameless" : name.name(), Arrays.toString(positions));
    }
}
