package tributary.log;

import java.util.Arrays;

/// One file of a partition: the records from [#base] to [#end].
final class Segment {
    /// The end of a segment that is still written.
    static final long OPEN = Long.MAX_VALUE;

    private static final int MARK_EVERY_BYTES = 64 * 1024;

    private final SegmentHeader header;
    private final String path;
    private final long key;

    /// The first position that is not in this file. Written by the partition's writer, read by readers.
    private volatile long end = OPEN;

    /// Size of the file on disk, for the sum that `log.size-max` bounds.
    private volatile long bytes;

    /// Where some of its records begin, so that a reader need not walk from the start: position, offset, and the
    /// latest stamp before it, three numbers a mark. Grows as the file is written or walked. Guarded by `this`.
    private long[] marks = new long[24];

    private int markCount;

    Segment(SegmentHeader header, String path, long bytes) {
        this.header = header;
        this.path = path;
        this.bytes = bytes;
        this.key = RecordFormat.segmentKey(header.salt(), header.partition(), header.sequence());
    }

    SegmentHeader header() {
        return header;
    }

    String path() {
        return path;
    }

    long sequence() {
        return header.sequence();
    }

    long base() {
        return header.base();
    }

    /// @return what its records are sealed with, see [RecordFormat#seal]
    long key() {
        return key;
    }

    long end() {
        return end;
    }

    void seal(long position) {
        end = position;
    }

    long bytes() {
        return bytes;
    }

    void resize(long size) {
        bytes = size;
    }

    /// A place in the file.
    ///
    /// @param maxMicros the latest stamp before it
    record Mark(long position, long offset, long maxMicros) {}

    /// Remembers where the record at `position` begins, where the last mark is far enough before it.
    synchronized void mark(long position, long offset, long maxMicros) {
        int last = markCount * 3 - 3;
        if (last >= 0 && (position <= marks[last] || offset - marks[last + 1] < MARK_EVERY_BYTES)) {
            return;
        }
        if (marks.length < markCount * 3 + 3) {
            marks = Arrays.copyOf(marks, marks.length * 2);
        }
        marks[markCount * 3] = position;
        marks[markCount * 3 + 1] = offset;
        marks[markCount * 3 + 2] = maxMicros;
        markCount++;
    }

    /// @return the last known place at or before `position`
    synchronized Mark markAt(long position) {
        Mark best = first();
        for (int i = markCount - 1; i >= 0; i--) {
            if (marks[i * 3] <= position) {
                return new Mark(marks[i * 3], marks[i * 3 + 1], marks[i * 3 + 2]);
            }
        }
        return best;
    }

    /// @return the last known place before which every stamp is earlier than `micros`
    synchronized Mark markBefore(long micros) {
        for (int i = markCount - 1; i >= 0; i--) {
            if (marks[i * 3 + 2] < micros) {
                return new Mark(marks[i * 3], marks[i * 3 + 1], marks[i * 3 + 2]);
            }
        }
        return first();
    }

    private Mark first() {
        return new Mark(header.base(), SegmentHeader.BYTES, header.maxMicrosBefore());
    }
}
