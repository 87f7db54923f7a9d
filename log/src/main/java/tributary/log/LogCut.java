package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tributary.model.Disk;
import tributary.model.DiskFile;

/// Makes a log end earlier than it does: a copy of one that nobody has open.
///
/// What stays looks as if power had gone at that moment: the file in which the end is has nothing behind it,
/// and the files after it are gone. Opening it is an ordinary recovery.
public final class LogCut {
    private static final String SEGMENT = "\\d{12}\\.seg";
    private static final int PARTITIONS_MAX = 64;

    private LogCut() {}

    /// A message: its partition and its position there.
    public record Place(int partition, long position) {}

    /// Leaves in each partition what stands before the first message that was received later than `micros`.
    ///
    /// @param last the last message that its partition keeps, whatever stands behind it; or null
    public static void after(Path log, long micros, @Nullable Place last) throws IOException {
        Disk disk = new FileDisk(log);
        for (int partition = 0; partition < PARTITIONS_MAX; partition++) {
            Limit limit = last != null && last.partition == partition
                    ? new Limit(Long.MAX_VALUE, last.position)
                    : new Limit(micros, Long.MAX_VALUE);
            cut(disk, LogMeta.folder(partition), limit);
        }
    }

    /// @param segment a file of one partition
    /// @return when that message was received, microseconds since 1970; empty where it is elsewhere
    public static OptionalLong received(Path segment, long position) throws IOException {
        Path folder = segment.toAbsolutePath().getParent();
        Disk disk = new FileDisk(folder == null ? segment : folder);
        String name = String.valueOf(segment.getFileName());
        SegmentHeader header = Recovery.readHeader(disk, name);
        if (header == null || header.base() > position) {
            return OptionalLong.empty();
        }
        try (SegmentCursor cursor = cursor(disk, name, header)) {
            cursor.moveTo(SegmentHeader.BYTES);
            for (long at = header.base(); sound(cursor, at, position); cursor.next()) {
                if (cursor.position() == position) {
                    return OptionalLong.of(cursor.receivedMicros());
                }
                at = cursor.position() + 1;
            }
        }
        return OptionalLong.empty();
    }

    private record Found(String path, SegmentHeader header) {}

    /// Messages that were received later go, and those behind a position.
    private record Limit(long micros, long position) {
        boolean keepsAllBefore(SegmentHeader next) {
            return next.maxMicrosBefore() <= micros && next.base() - 1 <= position;
        }

        boolean goes(SegmentCursor message) {
            return message.receivedMicros() > micros || message.position() > position;
        }
    }

    private static void cut(Disk disk, String folder, Limit limit) throws IOException {
        List<Found> segments = new ArrayList<>();
        for (String name : disk.list(folder)) {
            String path = folder + "/" + name;
            SegmentHeader header = name.matches(SEGMENT) ? Recovery.readHeader(disk, path) : null;
            if (header != null) {
                segments.add(new Found(path, header));
            }
        }
        for (int i = 0; i < segments.size(); i++) {
            SegmentHeader next = i + 1 < segments.size() ? segments.get(i + 1).header : null;
            long most = next == null ? RecordFormat.POSITION_MASK : next.base() - 1;
            boolean whole = next != null && limit.keepsAllBefore(next);
            if (!whole && ends(disk, segments.get(i), most, limit)) {
                for (Found later : segments.subList(i + 1, segments.size())) {
                    disk.delete(later.path);
                }
                disk.forceFolder(folder);
                return;
            }
        }
    }

    /// Ends a file where a message is that goes.
    ///
    /// @return whether there is one
    private static boolean ends(Disk disk, Found segment, long most, Limit limit) throws IOException {
        long offset = -1;
        try (SegmentCursor cursor = cursor(disk, segment.path, segment.header)) {
            cursor.moveTo(SegmentHeader.BYTES);
            long at = segment.header.base();
            while (offset < 0 && sound(cursor, at, most)) {
                at = cursor.position() + 1;
                if (limit.goes(cursor)) {
                    offset = cursor.offset();
                }
                cursor.next();
            }
        }
        if (offset < 0) {
            return false;
        }
        try (DiskFile file = disk.open(segment.path)) {
            file.truncate(offset);
            // as long as it was made, and nothing but zeros: no marker says that there was more
            file.write(ByteBuffer.allocate(1), segment.header.allocated() - 1);
            file.force();
        }
        return true;
    }

    private static boolean sound(SegmentCursor cursor, long least, long most) throws IOException {
        return cursor.look(least, most) || cursor.search(least, most);
    }

    private static SegmentCursor cursor(Disk disk, String path, SegmentHeader header) throws IOException {
        long key = RecordFormat.segmentKey(header.salt(), header.partition(), header.sequence());
        return new SegmentCursor(disk.open(path), key, true);
    }
}
