package tributary.log;

import java.io.IOException;
import java.util.List;
import tributary.log.Segment.Mark;

/// Finds the first record of a partition that was received at some time or later.
///
/// Stamps come from several doors and may step back a little, so a search by halves would be wrong: segment headers
/// and marks hold the latest stamp before them, which only grows, and the last stretch is walked.
record TimeSearch(Partition partition) {
    long first(long micros) throws IOException {
        long end = partition.end();
        List<Segment> segments = partition.shelf().segments();
        int from = 0;
        for (int i = 1; i < segments.size() && surelyBefore(segments.get(i), micros); i++) {
            from = i;
        }
        for (Segment segment : segments.subList(from, segments.size())) {
            long found = first(segment, micros, Math.min(end, segment.end()));
            if (found >= 0) {
                return found;
            }
        }
        return end;
    }

    /// A segment whose header is damaged does not say what came before it.
    private static boolean surelyBefore(Segment segment, long micros) {
        long latest = segment.header().maxMicrosBefore();
        return latest != Long.MIN_VALUE && latest < micros;
    }

    private long first(Segment segment, long micros, long limit) throws IOException {
        try (SegmentCursor cursor = partition.cursor(segment)) {
            Mark mark = segment.markBefore(micros);
            long expected = mark.position();
            long maxMicros = mark.maxMicros();
            cursor.moveTo(mark.offset());
            while (expected < limit && (cursor.look(expected, limit - 1) || cursor.search(expected, limit - 1))) {
                expected = cursor.position();
                if (cursor.receivedMicros() >= micros) {
                    return expected;
                }
                segment.mark(expected, cursor.offset(), maxMicros);
                maxMicros = Math.max(maxMicros, cursor.receivedMicros());
                expected++;
                cursor.next();
            }
            return -1;
        }
    }
}
