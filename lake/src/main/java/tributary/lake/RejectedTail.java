package tributary.lake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rejected parts in memory, not sealed yet; written by the lake's thread, read by everybody.
final class RejectedTail {
    /// With more bytes of payloads a segment is sealed.
    static final long BYTES_MAX = 8L << 20;

    private final long[] firstPosition;
    private final List<Snapshot.Rejected> rows = new ArrayList<>();
    private long firstMillis;
    private long bytes;

    RejectedTail(int partitions) {
        this.firstPosition = new long[partitions];
        Arrays.fill(firstPosition, -1);
    }

    synchronized void add(Snapshot.Rejected row, long nowMillis) {
        if (rows.isEmpty()) {
            firstMillis = nowMillis;
        }
        if (firstPosition[row.partition()] < 0) {
            firstPosition[row.partition()] = row.position();
        }
        rows.add(row);
        bytes += row.payload().length + 200;
    }

    synchronized List<Snapshot.Rejected> rows() {
        return List.copyOf(rows);
    }

    synchronized int count() {
        return rows.size();
    }

    synchronized boolean full() {
        return bytes > BYTES_MAX;
    }

    synchronized long firstPosition(int partition) {
        return firstPosition[partition];
    }

    synchronized long firstMillis() {
        return firstMillis;
    }
}
