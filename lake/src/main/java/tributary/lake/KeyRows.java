package tributary.lake;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Metrics;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBWritableVector;

/// The keys of late rows of one day, for an Iceberg equality-delete file: other engines pass over rows of older files
/// that have one of these keys, as our own readers do by the late rule.
final class KeyRows implements FileRows {
    private static final List<Column> COLUMNS = List.of(
            Column.plain("device", 1, DuckDBColumnType.VARCHAR),
            Column.plain("sensor", 2, DuckDBColumnType.VARCHAR),
            Column.time("ts", 3));

    private final HotTail tail;
    private final SegmentOrder order;
    private final int[] rows;
    private long minTs = Long.MAX_VALUE;
    private long maxTs = Long.MIN_VALUE;

    KeyRows(HotTail tail, SegmentOrder order, int[] rows) {
        this.tail = tail;
        this.order = order;
        this.rows = rows;
    }

    @Override
    public List<Column> columns() {
        return COLUMNS;
    }

    @Override
    public int rows() {
        return rows.length;
    }

    @Override
    public void fill(DuckDBWritableVector[] vectors, int from, int count) throws SQLException {
        byte[][] devices = new byte[count][];
        byte[][] sensors = new byte[count][];
        for (int i = 0; i < count; i++) {
            int row = rows[from + i];
            int place = tail.place(row);
            long ts = tail.ts(row);
            devices[i] = order.device(place);
            sensors[i] = order.sensor(place);
            vectors[2].setLong(i, ts);
            minTs = Math.min(minTs, ts);
            maxTs = Math.max(maxTs, ts);
        }
        vectors[0].setStringUtf8Batch(0, devices);
        vectors[1].setStringUtf8Batch(0, sensors);
    }

    @Override
    public Metrics metrics() {
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        ReadingRows.put(lower, 1, tail.series(tail.place(rows[0])).device());
        ReadingRows.put(upper, 1, tail.series(tail.place(rows[rows.length - 1])).device());
        ReadingRows.put(lower, 3, minTs);
        ReadingRows.put(upper, 3, maxTs);
        Map<Integer, Long> counts = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        for (Column column : COLUMNS) {
            counts.put(column.fieldId(), (long) rows.length);
            nulls.put(column.fieldId(), 0L);
        }
        return new Metrics((long) rows.length, null, counts, nulls, Map.of(), lower, upper);
    }
}
