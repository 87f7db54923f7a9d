package tributary.lake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rows of a table beside the readings, in memory and not sealed yet; written by the lake's thread, read by everybody.
final class SideTail<R extends Snapshot.SideRow> {
    /// With more bytes a segment is sealed.
    static final long BYTES_MAX = 8L << 20;

    private final long[] firstPosition;
    private final List<R> rows = new ArrayList<>();
    private long firstMillis;
    private long bytes;

    SideTail(int partitions) {
        this.firstPosition = new long[partitions];
        Arrays.fill(firstPosition, -1);
    }

    synchronized void add(R row, long nowMillis) {
        if (rows.isEmpty()) {
            firstMillis = nowMillis;
        }
        if (firstPosition[row.partition()] < 0) {
            firstPosition[row.partition()] = row.position();
        }
        rows.add(row);
        bytes += row.bytes();
    }

    synchronized List<R> rows() {
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
