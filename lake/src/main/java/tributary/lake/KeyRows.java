package tributary.lake;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Metrics;

/// The keys of late rows of one day, for an Iceberg equality-delete file: other engines pass over rows of older files
/// that have one of these keys, as our own readers do by the late rule.
final class KeyRows implements FileRows {
    private static final List<Column> COLUMNS =
            List.of(Column.text("device", 1), Column.text("sensor", 2), Column.time("ts", 3));

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
    public int fill(RowBatch batch, int from) {
        int i = 0;
        for (; from + i < rows.length && batch.room(i); i++) {
            int row = rows[from + i];
            int place = tail.place(row);
            long ts = tail.ts(row);
            batch.text(0, i, order.device(place));
            batch.text(1, i, order.sensor(place));
            batch.whole(2, i, ts);
            minTs = Math.min(minTs, ts);
            maxTs = Math.max(maxTs, ts);
        }
        return i;
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
