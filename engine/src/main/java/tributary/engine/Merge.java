package tributary.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Micros;

/// The partitions of the log as one stream: the message that arrived first is next, of equal ones that of the lower
/// partition. The order is decided by the stretches of the partitions alone, so it is the same each time. For one
/// thread.
final class Merge implements AutoCloseable {
    private final Log log;
    private final List<Cursor> cursors = new ArrayList<>();

    /// A partition's reader and the batch that it is in.
    private static final class Cursor {
        private final int partition;
        private final LogReader reader;
        private @Nullable Batch batch;
        private int index;
        private long position;
        private long end;
        private long headMicros;
        private long skipped;

        Cursor(int partition, LogReader reader) {
            this.partition = partition;
            this.reader = reader;
        }

        /// @return the batch whose next message is within the stretch, or null
        @Nullable
        Batch head() {
            Batch at = batch;
            while (position < end) {
                if (at != null && index < at.size()) {
                    headMicros = at.receivedMicros(index);
                    return at;
                }
                at = reader.next(partition);
                batch = at;
                index = 0;
                if (at == null || at.first() >= end) {
                    // what was there until the end of the stretch is gone
                    skipped += end - position;
                    position = end;
                    if (at != null) {
                        reader.seek(partition, end);
                        batch = null;
                    }
                    return null;
                }
                skipped += Math.max(0, at.first() - position);
                position = at.first();
            }
            return null;
        }
    }

    /// Takes messages.
    interface Taker {
        /// @return whether to go on
        boolean take(Batch batch, int index, long arrivalMicros);
    }

    Merge(Log log) {
        this.log = log;
        for (int partition = 0; partition < log.partitions(); partition++) {
            cursors.add(new Cursor(partition, log.reader()));
        }
    }

    /// @return when the oldest message arrived that is kept of a partition which may have had older ones since `from`;
    ///         null where nothing of that time is gone
    static @Nullable Instant begins(Log log, Instant from) {
        Instant begins = null;
        try (LogReader reader = log.reader()) {
            for (int partition = 0; partition < log.partitions(); partition++) {
                long start = log.start(partition);
                if (start > 0 && log.positionAt(partition, from) <= start) {
                    reader.seek(partition, start);
                    Batch oldest = reader.next(partition);
                    Instant at = oldest == null ? null : Micros.instant(oldest.receivedMicros(0));
                    begins = at == null || begins != null && at.isBefore(begins) ? begins : at;
                }
            }
        }
        return begins;
    }

    /// Goes on at these positions, one a partition.
    void seek(long[] positions) {
        for (Cursor cursor : cursors) {
            cursor.reader.seek(cursor.partition, positions[cursor.partition]);
            cursor.batch = null;
            cursor.index = 0;
            cursor.position = positions[cursor.partition];
        }
    }

    /// @return the position of each partition behind the last message taken
    long[] positions() {
        return cursors.stream().mapToLong(cursor -> cursor.position).toArray();
    }

    /// @return the position of each partition behind the last message that can be read now
    long[] ends() {
        return cursors.stream().mapToLong(cursor -> log.end(cursor.partition)).toArray();
    }

    /// @return how many positions were passed over, because what was there is gone
    long skipped() {
        return cursors.stream().mapToLong(cursor -> cursor.skipped).sum();
    }

    /// Takes messages up to `ends` in their order, or until the taker has enough.
    ///
    /// @return whether all were taken
    boolean take(long[] ends, Taker taker) {
        for (Cursor cursor : cursors) {
            cursor.end = Math.max(ends[cursor.partition], cursor.position);
        }
        while (true) {
            Cursor first = null;
            Batch batch = null;
            for (Cursor cursor : cursors) {
                Batch head = cursor.head();
                if (head != null && (first == null || cursor.headMicros < first.headMicros)) {
                    first = cursor;
                    batch = head;
                }
            }
            if (first == null || batch == null) {
                return true;
            }
            int index = first.index++;
            first.position = batch.first() + first.index;
            if (!taker.take(batch, index, first.headMicros)) {
                return false;
            }
        }
    }

    @Override
    public void close() {
        cursors.forEach(cursor -> cursor.reader.close());
    }
}
