package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Disk;
import tributary.model.DiskFile;

/// Finds out what the segment files of one partition hold after a stop of any kind.
///
/// All but the last segment end where the next one begins. Of the last, everything before its last sound group
/// start, or before the position in its marker, had been flushed: what is unreadable there is damage. The group
/// after it may or may not have been: its records up to the first unsound byte are handed to the writer, which
/// writes them anew before anybody sees them.
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final Pattern NAME = Pattern.compile("\\d{12}\\.seg");

    /// The shortest record that a message can make; tells how many a cut-off stretch can have held at most.
    private static final int RECORD_BYTES_LEAST = 31;

    private final LogWorld world;
    private final LogMeta meta;
    private final int partition;
    private final DamageList damage;

    private final List<Segment> segments = new ArrayList<>();
    private final List<Segment> superseded = new ArrayList<>();
    private final List<Segment> headless = new ArrayList<>();
    private final List<Segment> headlessUnproven = new ArrayList<>();
    private List<Chunk> held = new ArrayList<>();
    private long nextSequence;
    private long skipTo;

    /// A file that was cut off within its header, the last such.
    private @Nullable Segment stump;

    Recovery(LogWorld world, LogMeta meta, int partition, DamageList damage) {
        this.world = world;
        this.meta = meta;
        this.partition = partition;
        this.damage = damage;
    }

    /// What was found.
    ///
    /// @param segments     those with records, all sealed, in order
    /// @param nextSequence above every file's
    /// @param end          the position after the last record that surely was flushed
    /// @param maxMicros    the latest stamp before `end`
    /// @param used         how many bytes of the last segment's file are needed for it; -1 where they all may be
    /// @param superseded   files whose records others have, or will have once what is held is durable; kept, they
    ///                     would count again when retention has deleted what replaced them
    /// @param held         the records from `end` on that have to be written anew
    /// @param skipTo       positions before it may have been given to records that are lost
    record Found(
            List<Segment> segments,
            long nextSequence,
            long end,
            long maxMicros,
            long used,
            List<Segment> superseded,
            List<Chunk> held,
            long skipTo) {}

    /// @param committedMax the highest position that a named reader has committed: so many records there were
    Found run(long committedMax) throws IOException {
        String folder = LogMeta.folder(partition);
        for (String name : world.disk().list(folder)) {
            if (NAME.matcher(name).matches()) {
                long sequence = Long.parseLong(name.substring(0, 12));
                nextSequence = Math.max(nextSequence, sequence + 1);
                inspect(folder + "/" + name, sequence);
            }
        }
        judgeHeadless();
        for (int i = segments.size() - 2; i >= 0; i--) {
            segments.get(i).seal(segments.get(i + 1).base());
        }
        Scan last = new Scan(0, Long.MIN_VALUE, 0, 0);
        if (!segments.isEmpty()) {
            last = scan(segments.getLast());
            segments.getLast().seal(last.end);
            skipTo = segments.getLast().header().skipTo();
        }
        boolean lastIsProven =
                segments.isEmpty() || last.end > segments.getLast().base();
        if (!lastIsProven && !world.has(Flaw.NO_LOOK_BEHIND)) {
            lookBehind(last.end);
        }
        dropEmpty();
        long written = last.end + count(held);
        skipTo = Math.max(skipTo, last.lostMost == 0 ? 0 : written + last.lostMost);
        if (stump != null && stump.sequence() + 1 == nextSequence) {
            skipTo = Math.max(skipTo, written + world.settings().segmentBytes() / RECORD_BYTES_LEAST);
        }
        skipTo = Math.max(skipTo, committedMax);
        if (skipTo > written) {
            damage.add(new Log.Damage(
                    partition,
                    written,
                    skipTo,
                    "the end of the newest segment in %s is gone; at most so many records"
                            .formatted(world.disk().describe(folder))));
        }
        return new Found(
                List.copyOf(segments),
                nextSequence,
                last.end,
                last.maxMicros,
                lastIsProven ? last.used : -1,
                superseded,
                held,
                skipTo);
    }

    /// @return the header of a segment file, or null where it is not sound
    static @Nullable SegmentHeader readHeader(Disk disk, String path) throws IOException {
        byte[] bytes = new byte[SegmentHeader.BYTES];
        try (DiskFile file = disk.open(path)) {
            ByteBuffer into = ByteBuffer.wrap(bytes);
            while (into.hasRemaining()) {
                if (file.read(into, into.position()) < 0) {
                    return null;
                }
            }
        }
        return SegmentHeader.read(bytes, disk.describe(path));
    }

    /// @return whether any byte of the file is not zero
    static boolean written(Disk disk, String path) throws IOException {
        byte[] window = new byte[64 * 1024];
        byte[] zeros = new byte[window.length];
        try (DiskFile file = disk.open(path)) {
            long offset = 0;
            while (true) {
                int read = file.read(ByteBuffer.wrap(window), offset);
                if (read < 0) {
                    return false;
                }
                if (!Arrays.equals(window, 0, read, zeros, 0, read)) {
                    return true;
                }
                offset += read;
            }
        }
    }

    private void inspect(String path, long sequence) throws IOException {
        long bytes;
        try (DiskFile file = world.disk().open(path)) {
            bytes = file.size();
        }
        SegmentHeader header = readHeader(world.disk(), path);
        if (header != null
                && header.salt() == meta.salt()
                && header.partition() == partition
                && header.sequence() == sequence) {
            segments.add(new Segment(header, path, bytes));
            return;
        }
        if (header == null && !written(world.disk(), path)) {
            Disks.delete(world.disk(), path);
            return;
        }
        if (bytes < SegmentHeader.BYTES) {
            // Files are made in full before they are used: this one was cut off. Should it be the last one, nothing
            // tells how many records it had.
            stump = new Segment(headerOf(sequence, RecordFormat.POSITION_MASK, bytes), path, bytes);
            superseded.add(stump);
            return;
        }
        Segment segment = withoutHeader(path, sequence, bytes);
        if (segment != null) {
            segments.add(segment);
        }
    }

    /// Takes a segment whose header is damaged by what its records say of themselves.
    ///
    /// @return null where it has none
    private @Nullable Segment withoutHeader(String path, long sequence, long bytes) throws IOException {
        long floor = segments.isEmpty() ? 0 : segments.getLast().base();
        Segment guess = new Segment(headerOf(sequence, floor, bytes), path, bytes);
        try (SegmentCursor cursor = cursor(guess)) {
            cursor.moveTo(SegmentHeader.BYTES);
            if (!cursor.look(floor, RecordFormat.POSITION_MASK) && !cursor.search(floor, RecordFormat.POSITION_MASK)) {
                return null;
            }
            long base = cursor.position();
            boolean more = true;
            boolean proven = false;
            while (more && !proven) {
                cursor.next();
                more = cursor.look(base, RecordFormat.POSITION_MASK) || cursor.search(base, RecordFormat.POSITION_MASK);
                proven = more && cursor.startsGroup();
            }
            Segment segment = new Segment(headerOf(sequence, base, bytes), path, bytes);
            (proven || marked(guess, cursor) > base ? headless : headlessUnproven).add(segment);
            return segment;
        }
    }

    private SegmentHeader headerOf(long sequence, long base, long bytes) {
        return new SegmentHeader(partition, meta.partitions(), meta.salt(), sequence, base, bytes, Long.MIN_VALUE, 0);
    }

    /// A header that was never flushed, with nothing proven behind it and no later segment, is no damage: nobody was
    /// told of those records. All others are served, and their headers reported.
    private void judgeHeadless() {
        for (Segment segment : headlessUnproven.reversed()) {
            int next = segments.indexOf(segment) + 1;
            if (next < segments.size() && segments.get(next).base() > segment.base()) {
                headless.add(segment);
            } else {
                segments.remove(segment);
                superseded.add(segment);
            }
        }
        for (Segment segment : headless) {
            damage.add(new Log.Damage(
                    partition,
                    segment.base(),
                    segment.base(),
                    "the first %d bytes of %s are damaged; its records from position %d on are read without them"
                            .formatted(SegmentHeader.BYTES, world.disk().describe(segment.path()), segment.base())));
        }
    }

    /// The first group of the last segment is not known to have been flushed. The group that it writes anew, at
    /// the end of a segment before, still counts where it is more complete: of a group that was told to be durable,
    /// one copy is whole.
    private void lookBehind(long position) throws IOException {
        for (int i = segments.size() - 2; i >= 0; i--) {
            Segment before = segments.get(i);
            List<Chunk> copy = copyOf(before, position);
            if (count(copy) > count(held)) {
                held = copy;
            }
            if (before.base() < position) {
                return;
            }
        }
    }

    private static long count(List<Chunk> chunks) {
        return chunks.stream().mapToLong(Chunk::count).sum();
    }

    private List<Chunk> copyOf(Segment segment, long position) throws IOException {
        try (SegmentCursor cursor = cursor(segment)) {
            long expected = segment.base();
            long most = position + segment.bytes();
            cursor.moveTo(SegmentHeader.BYTES);
            while (cursor.look(expected, most) || cursor.search(expected, most)) {
                if (cursor.position() >= position) {
                    return cursor.position() == position ? gather(cursor, position) : List.of();
                }
                expected = cursor.position() + 1;
                cursor.next();
            }
            return List.of();
        }
    }

    /// Files of attempts whose records are in a later segment, or will be once what is held has been written.
    private void dropEmpty() {
        for (Segment segment : List.copyOf(segments)) {
            if (segment.base() >= segment.end()) {
                segments.remove(segment);
                superseded.add(segment);
            }
        }
    }

    /// @param end       after the last record that surely was flushed
    /// @param maxMicros the latest stamp before it
    /// @param used      how many bytes of the file are needed for those before it
    /// @param lostMost  how many records may have been in the part of the file that is gone
    private record Scan(long end, long maxMicros, long used, long lostMost) {}

    private Scan scan(Segment segment) throws IOException {
        try (SegmentCursor cursor = cursor(segment)) {
            long marked = marked(segment, cursor);
            long expected = segment.base();
            long used = SegmentHeader.BYTES;
            long maxMicros = segment.header().maxMicrosBefore();
            Segment.Mark proof = new Segment.Mark(expected, SegmentHeader.BYTES, maxMicros);
            List<Log.Damage> gaps = new ArrayList<>();
            cursor.moveTo(SegmentHeader.BYTES);
            while (true) {
                long offset = cursor.offset();
                long most = expected + segment.bytes();
                if (!cursor.look(expected, most) && !cursor.search(expected, most)) {
                    gaps.add(gap(segment, expected, marked, offset));
                    break;
                }
                gaps.add(gap(segment, expected, cursor.position(), offset));
                if (cursor.startsGroup()) {
                    proof = new Segment.Mark(cursor.position(), cursor.offset(), maxMicros);
                    gaps.stream().filter(gap -> gap.first() < gap.end()).forEach(damage::add);
                    gaps.clear();
                }
                segment.mark(cursor.position(), cursor.offset(), maxMicros);
                maxMicros = Math.max(maxMicros, cursor.receivedMicros());
                expected = cursor.position() + 1;
                cursor.next();
                used = cursor.offset();
            }
            if (marked > proof.position()) {
                // What follows the marked position began a group that is not sound: nobody was told of it.
                proof = new Segment.Mark(marked, used, maxMicros);
                gaps.stream()
                        .map(gap -> new Log.Damage(partition, gap.first(), Math.min(gap.end(), marked), gap.detail()))
                        .filter(gap -> gap.first() < gap.end())
                        .forEach(damage::add);
            }
            long end = hold(segment, cursor, proof);
            long missing = Math.max(0, segment.header().allocated() - segment.bytes());
            return new Scan(
                    end, proof.maxMicros(), proof.offset(), missing == 0 ? 0 : missing / RECORD_BYTES_LEAST + 1);
        }
    }

    /// @return the position before which everything had been flushed, by the segment's marker; 0 where it has none
    private static long marked(Segment segment, SegmentCursor cursor) throws IOException {
        cursor.moveTo(segment.header().markerOffset());
        return cursor.lookForMarker() ? cursor.position() : 0;
    }

    /// Takes the records of the last group into memory.
    ///
    /// @return where the group begins
    private long hold(Segment segment, SegmentCursor cursor, Segment.Mark proof) throws IOException {
        cursor.moveTo(proof.offset());
        held = cursor.look(proof.position(), proof.position()) ? gather(cursor, proof.position()) : List.of();
        long records = count(held);
        LOG.debug(
                "partition {}: {} records from position {} on are written anew", partition, records, proof.position());
        if (world.has(Flaw.NO_REWRITE_AT_RECOVERY) || world.has(Flaw.FLUSH_AT_RECOVERY)) {
            if (world.has(Flaw.FLUSH_AT_RECOVERY)) {
                try (DiskFile file = world.disk().open(segment.path())) {
                    file.force();
                }
            }
            held = List.of();
            return proof.position() + records;
        }
        return proof.position();
    }

    /// @return the records from the cursor on, as far as they are sound and follow one another
    private List<Chunk> gather(SegmentCursor cursor, long position) throws IOException {
        List<Chunk> chunks = new ArrayList<>();
        long expected = position;
        boolean sound = true;
        while (sound) {
            byte[] record = Arrays.copyOfRange(cursor.bytes(), cursor.index(), cursor.index() + cursor.length());
            RecordFormat.putInt(record, RecordFormat.CHECK_AT, RecordFormat.bodyCheck(record, 0, record.length));
            if (chunks.isEmpty() || !chunks.getLast().add(record, record.length, Receipt.NONE)) {
                Chunk chunk = new Chunk(record.length);
                chunk.add(record, record.length, Receipt.NONE);
                chunks.add(chunk);
            }
            expected++;
            cursor.next();
            sound = cursor.look(expected, expected);
        }
        return chunks;
    }

    private Log.Damage gap(Segment segment, long first, long end, long offset) {
        return new Log.Damage(
                partition,
                first,
                end,
                "%s is damaged at byte %d".formatted(world.disk().describe(segment.path()), offset));
    }

    private SegmentCursor cursor(Segment segment) throws IOException {
        return new SegmentCursor(world.disk().open(segment.path()), segment.key(), !world.has(Flaw.NO_CHECK));
    }
}
