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
/// All but the last segment end where the next one begins. Of the last, everything before its last sound group start
/// or marker had been flushed: what is unreadable there is damage. The group after it may or may not have been: its
/// records up to the first unsound byte are handed to the writer, which writes them anew before anybody sees them.
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
    private final List<Chunk> held = new ArrayList<>();
    private long nextSequence;
    private long skipTo;

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
    /// @param used         how many bytes of the last segment's file are needed for it
    /// @param held         the records from `end` on that have to be written anew
    /// @param skipTo       positions before it may have been given to records that are lost
    record Found(
            List<Segment> segments,
            long nextSequence,
            long end,
            long maxMicros,
            long used,
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
        for (int i = segments.size() - 2; i >= 0; i--) {
            segments.get(i).seal(segments.get(i + 1).base());
        }
        Scan last = new Scan(0, Long.MIN_VALUE, 0, 0);
        if (!segments.isEmpty()) {
            last = scan(segments.getLast());
            segments.getLast().seal(last.end);
        }
        dropEmpty();
        long written = last.end + held.stream().mapToLong(Chunk::count).sum();
        skipTo = Math.max(skipTo, last.lostMost == 0 ? 0 : written + last.lostMost);
        skipTo = Math.max(skipTo, committedMax);
        if (skipTo > written) {
            damage.add(new Log.Damage(
                    partition,
                    written,
                    skipTo,
                    "the end of the newest segment in %s is gone; at most so many records"
                            .formatted(world.disk().describe(folder))));
        }
        return new Found(List.copyOf(segments), nextSequence, last.end, last.maxMicros, last.used, held, skipTo);
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
        Segment segment = withoutHeader(path, sequence, bytes);
        if (segment != null) {
            segments.add(segment);
        }
    }

    /// Serves what can still be read where a header is damaged. A header that was never flushed, with nothing proven
    /// behind it, is no damage: nobody was told of those records.
    private @Nullable Segment withoutHeader(String path, long sequence, long bytes) throws IOException {
        long floor = segments.isEmpty() ? 0 : segments.getLast().base();
        SegmentHeader guess =
                new SegmentHeader(partition, meta.partitions(), meta.salt(), sequence, floor, bytes, Long.MIN_VALUE);
        try (SegmentCursor cursor = cursor(new Segment(guess, path, bytes))) {
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
            if (!proven) {
                return null;
            }
            damage.add(new Log.Damage(
                    partition,
                    base,
                    base,
                    "the first %d bytes of %s are damaged; its records from position %d on are read without them"
                            .formatted(SegmentHeader.BYTES, world.disk().describe(path), base)));
            return new Segment(
                    new SegmentHeader(partition, meta.partitions(), meta.salt(), sequence, base, bytes, Long.MIN_VALUE),
                    path,
                    bytes);
        }
    }

    /// Files of failed attempts, whose records the next segment has too, hold nothing.
    private void dropEmpty() {
        for (Segment segment : List.copyOf(segments)) {
            if (segment.base() >= segment.end()) {
                segments.remove(segment);
                if (segment.sequence() + 1 < nextSequence && held.isEmpty()) {
                    Disks.delete(world.disk(), segment.path());
                }
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
            long expected = segment.base();
            long maxMicros = segment.header().maxMicrosBefore();
            Segment.Mark proof = new Segment.Mark(expected, SegmentHeader.BYTES, maxMicros);
            List<Log.Damage> gaps = new ArrayList<>();
            cursor.moveTo(SegmentHeader.BYTES);
            while (true) {
                long offset = cursor.offset();
                long most = expected + segment.bytes();
                if (!cursor.look(expected, most) && !cursor.search(expected, most)) {
                    break;
                }
                if (cursor.offset() > offset) {
                    gaps.add(gap(segment, expected, cursor.position(), offset));
                }
                if (cursor.startsGroup()) {
                    proof = new Segment.Mark(cursor.position(), cursor.offset(), maxMicros);
                    gaps.forEach(damage::add);
                    gaps.clear();
                }
                expected = cursor.position();
                if (!cursor.marker()) {
                    segment.mark(expected, cursor.offset(), maxMicros);
                    maxMicros = Math.max(maxMicros, cursor.receivedMicros());
                    expected++;
                }
                cursor.next();
            }
            long end = hold(segment, cursor, proof);
            long missing = Math.max(0, segment.header().allocated() - segment.bytes());
            return new Scan(
                    end, proof.maxMicros(), proof.offset(), missing == 0 ? 0 : missing / RECORD_BYTES_LEAST + 1);
        }
    }

    /// Takes the records of the last group into memory.
    ///
    /// @return where the group begins
    private long hold(Segment segment, SegmentCursor cursor, Segment.Mark proof) throws IOException {
        long expected = proof.position();
        cursor.moveTo(proof.offset());
        boolean sound = cursor.look(expected, expected);
        while (sound) {
            if (!cursor.marker()) {
                byte[] record = Arrays.copyOfRange(cursor.bytes(), cursor.index(), cursor.index() + cursor.length());
                RecordFormat.putInt(record, RecordFormat.CHECK_AT, RecordFormat.bodyCheck(record, 0, record.length));
                if (held.isEmpty() || !held.getLast().add(record, record.length, Receipt.NONE)) {
                    Chunk chunk = new Chunk(record.length);
                    chunk.add(record, record.length, Receipt.NONE);
                    held.add(chunk);
                }
                expected++;
            }
            cursor.next();
            sound = cursor.look(expected, expected)
                    || world.has(Flaw.BELIEVE_BEHIND_TORN) && cursor.search(expected, RecordFormat.POSITION_MASK);
        }
        LOG.debug("partition {}: {} records after position {} are written anew", partition, expected, proof);
        if (world.has(Flaw.NO_REWRITE_AT_RECOVERY) || world.has(Flaw.FLUSH_AT_RECOVERY)) {
            if (world.has(Flaw.FLUSH_AT_RECOVERY)) {
                try (DiskFile file = world.disk().open(segment.path())) {
                    file.force();
                }
            }
            held.clear();
            return expected;
        }
        return proof.position();
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
