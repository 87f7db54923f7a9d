package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Disks.Refusal;
import tributary.model.DiskFile;
import tributary.model.Fault;

/// The only code that writes the records of a partition: takes all that waits, writes it, flushes once, tells all.
///
/// A machine that is stepped by one thread: [#step] commits, [#idle] marks, and what the last step left undone is in
/// the fields. After a failed write or flush the segment is given up: what it had flushed stays, and the same records
/// are written at the same positions into a new file. Records that may have reached the disk are never refused,
/// because nobody could promise that they will not show up; they stay here until a disk takes them. All others are
/// refused while it does not.
final class PartitionWriter {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);
    private static final long GROUP_BYTES_MAX = 8 << 20;
    private static final int BUFFER_BYTES = 1 << 20;

    private final LogWorld world;
    private final LogMeta meta;
    private final int partition;
    private final Shelf shelf;
    private final Commons commons;
    private final AppendQueue queue = new AppendQueue();
    private final Tail tail;
    private final long skipTo;

    /// Taken from the queue and not yet durable, in order; the first `touched` of them may be on disk somewhere.
    private final Deque<Chunk> held = new ArrayDeque<>();

    private int touched;

    private ByteBuffer buffer;
    private @Nullable Writing writing;
    private boolean markDue;

    /// Whether the next record is to begin a new segment. Set by any thread.
    private volatile boolean anewDue;

    private long maxMicros;

    /// The position after the last durable record: readers see nothing beyond. Written by the writer only.
    private volatile long end;

    /// Why appends are refused at once, or null while they are taken. Written by the writer only.
    private volatile @Nullable Refusal refusal;

    /// A segment that is being written.
    private static final class Writing {
        final Segment segment;
        final DiskFile file;

        /// Where records may not go any more.
        final long recordsEnd;

        /// Where the next group goes: all before it is flushed. 0 until the header is.
        long offset;

        Writing(Segment segment, DiskFile file) {
            this.segment = segment;
            this.file = file;
            this.recordsEnd = segment.header().allocated() - SegmentHeader.MARKER_BLOCK_BYTES;
        }
    }

    PartitionWriter(LogWorld world, LogMeta meta, int partition, Shelf shelf, Commons commons, Recovery.Found found) {
        this.world = world;
        this.meta = meta;
        this.partition = partition;
        this.shelf = shelf;
        this.commons = commons;
        this.tail = new Tail(world.settings().tailBytes() / meta.partitions());
        this.end = found.end();
        this.maxMicros = found.maxMicros();
        this.buffer = ByteBuffer.allocateDirect(
                        (int) Math.min(BUFFER_BYTES, world.settings().segmentBytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        this.skipTo = found.skipTo();
        for (Chunk chunk : found.held()) {
            held.add(chunk);
            commons.backlog().force(chunk.length());
        }
        touched = held.size();
    }

    AppendQueue queue() {
        return queue;
    }

    Tail tail() {
        return tail;
    }

    long end() {
        return end;
    }

    @Nullable
    Refusal refusal() {
        return refusal;
    }

    /// Has the next record begin a new segment.
    void beginAnew() {
        anewDue = true;
    }

    /// Commits all that waits; where the disk refused before, tries it again.
    void step() {
        boolean probing = refusal != null;
        if (!probing) {
            queue.take(held, GROUP_BYTES_MAX);
        }
        for (int failures = 0; ; ) {
            try {
                if (probing && held.isEmpty() && writing == null) {
                    begin(0, false, end);
                }
                while (!held.isEmpty()) {
                    commitGroup();
                    failures = 0;
                }
                if (skipTo > end) {
                    skip();
                }
                break;
            } catch (IOException e) {
                giveUpSegment(e);
                failures++;
                if (failures == 2) {
                    refuse(e);
                    return;
                }
            }
        }
        if (probing) {
            LOG.warn("partition {}: the disk takes messages again", partition);
            refusal = null;
        }
    }

    /// States on disk that all so far is durable, so that later damage to the newest group is known for damage. Called
    /// when nothing came for a while; costs one small write and flush after each burst.
    void idle() {
        Writing target = writing;
        if (!markDue || target == null) {
            return;
        }
        try {
            long word = end | RecordFormat.MARKER;
            buffer.clear();
            buffer.putInt(RecordFormat.HEADER_BYTES)
                    .putInt(RecordFormat.seal(target.segment.key(), word, RecordFormat.HEADER_BYTES))
                    .putLong(word);
            target.file.write(buffer.flip(), target.segment.header().markerOffset());
            flush(target.file);
            markDue = false;
        } catch (IOException e) {
            giveUpSegment(e);
        }
    }

    /// Ends for good. What could not be made durable is refused; of what may be on disk, nobody can say more.
    void close() {
        step();
        idle();
        Refusal why = refusal;
        Refusal told = why != null ? why : new Refusal(Fault.STOPPING, "the log has stopped");
        while (!held.isEmpty()) {
            refuse(held.removeFirst(), told);
        }
        refuseWaiting(told);
        endSegment();
        shelf.close();
    }

    /// Refuses everything from now on, because the writer itself is broken.
    void fail(String detail) {
        refusal = new Refusal(Fault.DISK_FAILED, detail);
        while (!held.isEmpty()) {
            refuse(held.removeFirst(), new Refusal(Fault.DISK_FAILED, detail));
        }
        refuseWaiting(new Refusal(Fault.DISK_FAILED, detail));
    }

    private void commitGroup() throws IOException {
        Chunk head = held.getFirst();
        Writing target = writing;
        // cleared first: whoever asks from here on sees a segment that is yet to begin
        boolean anew = anewDue;
        anewDue = false;
        if (target == null || anew && target.offset > 0 || target.recordsEnd - target.offset < head.length()) {
            target = touched == 0
                    ? begin(head.length(), false, end)
                    : begin(
                            held.stream()
                                    .limit(touched)
                                    .mapToLong(Chunk::length)
                                    .sum(),
                            true,
                            end);
        }
        buffer.clear();
        long offset = target.offset;
        if (offset == 0) {
            target.segment.header().put(buffer);
        }
        long position = end;
        long left = target.recordsEnd - offset - buffer.position();
        int chunks = 0;
        for (Chunk chunk : held) {
            if (chunk.length() > left) {
                break;
            }
            left -= chunk.length();
            chunk.place(position);
            target.segment.mark(position, offset + buffer.position(), maxMicros);
            offset = gather(target, chunk, offset, chunks == 0);
            position += chunk.count();
            maxMicros = Math.max(maxMicros, chunk.maxMicros());
            chunks++;
            touched = Math.max(touched, chunks);
        }
        offset = write(target, offset);
        if (world.has(Flaw.ACKNOWLEDGE_BEFORE_FLUSH)) {
            complete(target, chunks, offset);
            flush(target.file);
        } else {
            flush(target.file);
            complete(target, chunks, offset);
        }
    }

    /// Puts a chunk into the buffer, each record sealed for its place; writes the buffer out where it is full.
    private long gather(Writing target, Chunk chunk, long offset, boolean startsGroup) throws IOException {
        long at = offset;
        if (buffer.remaining() < chunk.length()) {
            at = write(target, offset);
            if (buffer.capacity() < chunk.length()) {
                buffer = ByteBuffer.allocateDirect(chunk.length()).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        int start = buffer.position();
        buffer.put(chunk.bytes(), 0, chunk.length());
        int[] offsets = chunk.offsets();
        for (int i = 0; i < chunk.count(); i++) {
            int record = start + offsets[i];
            long word = chunk.first() + i | (startsGroup && i == 0 ? RecordFormat.GROUP_START : 0);
            int check = buffer.getInt(record + RecordFormat.CHECK_AT)
                    ^ RecordFormat.seal(target.segment.key(), word, buffer.getInt(record));
            buffer.putInt(record + RecordFormat.CHECK_AT, check);
            buffer.putLong(record + RecordFormat.WORD_AT, word);
        }
        return at;
    }

    private long write(Writing target, long offset) throws IOException {
        int count = buffer.position();
        target.file.write(buffer.flip(), offset);
        buffer.clear();
        return offset + count;
    }

    private void flush(DiskFile file) throws IOException {
        Instant before = world.clock().instant();
        try {
            file.force();
        } catch (IOException e) {
            if (!world.has(Flaw.FLUSH_AGAIN)) {
                throw e;
            }
            file.force();
        }
        commons.counters()
                .flushed(ChronoUnit.MICROS.between(before, world.clock().instant()));
    }

    /// The group is durable: shows it to readers, tells its receipts.
    private void complete(Writing target, int chunks, long offset) {
        if (target.offset == 0) {
            shelf.add(target.segment);
        }
        target.offset = offset;
        markDue = true;
        List<Chunk> durable = new ArrayList<>(chunks);
        for (int i = 0; i < chunks; i++) {
            Chunk chunk = held.removeFirst();
            durable.add(chunk);
            tail.add(chunk);
        }
        touched = Math.max(0, touched - chunks);
        end = durable.getLast().end();
        // before the receipts: whoever has one finds the message with its next read
        commons.tide().rise();
        for (Chunk chunk : durable) {
            Receipt[] receipts = chunk.release();
            for (int i = 0; i < chunk.count(); i++) {
                Receipts.durable(receipts[i], partition, chunk.first() + i);
            }
            commons.counters().appended(chunk.count());
            commons.backlog().release(chunk.length());
        }
        // after them: on a busy machine each reader that wakes takes this thread's place, and clients wait for receipts
        commons.tide().wake();
    }

    /// Leaves positions out that lost records may have had, for good: a new segment says so.
    private void skip() throws IOException {
        Writing target = begin(0, true, skipTo);
        buffer.clear();
        target.segment.header().put(buffer);
        long offset = write(target, 0);
        flush(target.file);
        target.offset = offset;
        shelf.add(target.segment);
        end = skipTo;
        commons.tide().rise();
        commons.tide().wake();
    }

    /// @param must whether records that may be on disk already have to go there
    private Writing begin(long recordBytes, boolean must, long base) throws IOException {
        endSegment();
        long bytesLeast = SegmentHeader.BYTES + recordBytes + SegmentHeader.MARKER_BLOCK_BYTES;
        Shelf.Blank blank = shelf.take(bytesLeast, must);
        SegmentHeader header = new SegmentHeader(
                partition,
                meta.partitions(),
                meta.salt(),
                blank.sequence(),
                base,
                blank.bytes(),
                maxMicros,
                skipTo > base ? skipTo : 0);
        Writing begun = new Writing(new Segment(header, blank.path(), blank.bytes()), blank.file());
        writing = begun;
        return begun;
    }

    /// Ends the segment that is written: it holds what was flushed, and no more.
    private void endSegment() {
        Writing ended = writing;
        writing = null;
        markDue = false;
        if (ended == null) {
            return;
        }
        if (ended.offset == 0) {
            shelf.drop(
                    new Shelf.Blank(ended.segment.sequence(), ended.segment.path(), ended.file, ended.segment.bytes()));
            return;
        }
        ended.segment.seal(end);
        Disks.close(ended.file);
        shelf.cut(ended.segment, ended.offset);
    }

    private void giveUpSegment(IOException e) {
        LOG.warn("partition {}: writing failed at position {}, going on in a new segment", partition, end, e);
        endSegment();
    }

    private void refuse(IOException e) {
        LOG.error(
                "partition {}: {}",
                partition,
                Disks.refusal(e, world.disk().describe(LogMeta.folder(partition)))
                        .detail());
        Refusal why = Disks.told(e);
        refusal = why;
        touched = world.has(Flaw.REFUSE_WRITTEN) ? 0 : touched;
        List<Chunk> untouched = held.stream().skip(touched).toList();
        held.removeAll(untouched);
        untouched.forEach(chunk -> refuse(chunk, why));
        refuseWaiting(why);
        commons.backlog().relieve();
    }

    private void refuseWaiting(Refusal why) {
        Deque<Chunk> waiting = new ArrayDeque<>();
        queue.take(waiting, Long.MAX_VALUE);
        waiting.forEach(chunk -> refuse(chunk, why));
    }

    private void refuse(Chunk chunk, Refusal why) {
        chunk.refuse(why.fault(), why.detail());
        commons.counters().refused(chunk.count());
        commons.backlog().release(chunk.length());
    }
}
