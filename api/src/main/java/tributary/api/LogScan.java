package tributary.api;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.Micros;

/// Reads a page of messages from the log, several partitions merged by time of arrival.
///
/// The page ends where enough is found or enough was read, so that a filter which matches nothing cannot keep a thread
/// busy for the length of the log; the caller goes on from there.
final class LogScan {
    private static final Pattern ID = Pattern.compile("(\\d{1,6})-(\\d{1,18})");

    /// Records that one page reads at most.
    static final int RECORDS_MAX = 200_000;

    /// Payload bytes after which a page is full, whatever its limit: a page is held in memory.
    static final int PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;

    /// @param found oldest first
    /// @param next  where the next page begins, or null where everything asked for was read
    record Page(List<Found> found, @Nullable Positions next) {}

    /// A message and where it stands.
    record Found(int partition, long position, Message message) {}

    private LogScan() {}

    /// @param id partition and position, `0-1234`
    /// @return the message there, whosever it is; empty where there is none, or none any more
    static Optional<Found> named(Log log, String id) {
        Matcher parts = ID.matcher(id);
        if (!parts.matches() || Integer.parseInt(parts.group(1)) >= log.partitions()) {
            return Optional.empty();
        }
        int partition = Integer.parseInt(parts.group(1));
        long position = Long.parseLong(parts.group(2));
        try (LogReader reader = log.reader()) {
            reader.seek(partition, position);
            Batch batch = reader.next(partition);
            return batch != null && batch.first() <= position && position < batch.end()
                    ? Optional.of(new Found(partition, position, batch.message((int) (position - batch.first()))))
                    : Optional.empty();
        }
    }

    static Page read(Log log, Selection selection, Positions from, Instant until, int limit) {
        long untilMicros = Micros.of(until);
        List<Cursor> cursors = new ArrayList<>();
        try {
            for (int partition : selection.partitions(log)) {
                long start = from.next().getOrDefault(partition, log.start(partition));
                cursors.add(new Cursor(log, partition, start));
            }
            return merge(cursors, selection, untilMicros, limit);
        } finally {
            cursors.forEach(Cursor::close);
        }
    }

    private static Page merge(List<Cursor> cursors, Selection selection, long untilMicros, int limit) {
        List<Found> found = new ArrayList<>();
        int read = 0;
        long payloadBytes = 0;
        while (true) {
            Cursor oldest = null;
            long oldestMicros = untilMicros;
            for (Cursor cursor : cursors) {
                Message message = cursor.peek();
                if (message != null && message.receivedMicros() < oldestMicros) {
                    oldest = cursor;
                    oldestMicros = message.receivedMicros();
                }
            }
            if (oldest == null) {
                return new Page(found, null);
            }
            if (found.size() == limit || read == RECORDS_MAX || payloadBytes > PAYLOAD_BYTES_MAX) {
                Map<Integer, Long> next = new TreeMap<>();
                cursors.forEach(cursor -> next.put(cursor.partition, cursor.position));
                return new Page(found, Positions.of(next));
            }
            Message message = oldest.take();
            read++;
            if (selection.includes(message)) {
                payloadBytes += message.payload().length;
                found.add(new Found(oldest.partition, oldest.position - 1, message));
            }
        }
    }

    /// Reads one partition up to the end that it had when the page began.
    private static final class Cursor implements AutoCloseable {
        private final int partition;
        private final long end;
        private final LogReader reader;
        private long position;
        private @Nullable Batch batch;
        private @Nullable Message message;

        Cursor(Log log, int partition, long start) {
            this.partition = partition;
            this.end = log.end(partition);
            this.reader = log.reader();
            this.position = Math.max(start, log.start(partition));
            reader.seek(partition, position);
        }

        /// @return the message at [#position], or null at the end
        @Nullable
        Message peek() {
            Message known = message;
            if (known != null || position >= end) {
                return known;
            }
            Batch lent = batch;
            while (lent == null || position >= lent.end()) {
                lent = reader.poll(Duration.ZERO);
                if (lent == null) {
                    position = end;
                    return null;
                }
                if (lent.partition() != partition) {
                    lent = null;
                } else if (lent.first() > position) {
                    position = lent.first();
                }
                if (position >= end) {
                    return null;
                }
            }
            batch = lent;
            Message read = lent.message((int) (position - lent.first()));
            message = read;
            return read;
        }

        Message take() {
            Message taken = peek();
            if (taken == null) {
                throw new IllegalStateException("take() after the end of partition " + partition);
            }
            message = null;
            position++;
            return taken;
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
