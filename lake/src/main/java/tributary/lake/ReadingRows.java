package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.jspecify.annotations.Nullable;

/// Readings of one day of a frozen segment, for one file.
///
/// A row is late in the file only where an older file may hold its key: what merely came out of order within the
/// segment was put right by the order.
final class ReadingRows implements FileRows {
    private static final List<Column> COLUMNS = List.of(
            Column.text("device", 1),
            Column.text("sensor", 2),
            Column.time("ts", 3),
            Column.real("value", 4),
            Column.text("text", 5),
            Column.time("received", 6),
            Column.integer("part", 7),
            Column.whole("position", 8),
            Column.flag("late", 9));

    private final HotTail tail;
    private final SegmentOrder order;
    private final int[] rows;
    private final Range ts = new Range();
    private final Range received = new Range();
    private final Range part = new Range();
    private final Range position = new Range();
    private int lateCount;
    private long nullValues;
    private long nanValues;
    private long nullTexts;
    private double minValue = Double.POSITIVE_INFINITY;
    private double maxValue = Double.NEGATIVE_INFINITY;

    /// Least and greatest of a column.
    private static final class Range {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;

        void add(long value) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
    }

    ReadingRows(HotTail tail, SegmentOrder order, int[] rows) {
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

    /// @return the rows of this file that may replace rows of older files
    int[] lateRows() {
        int[] late = new int[rows.length];
        int count = 0;
        for (int row : rows) {
            if (late(row)) {
                late[count++] = row;
            }
        }
        return Arrays.copyOf(late, count);
    }

    private boolean late(int row) {
        return tail.ts(row) <= tail.newestBefore(tail.place(row));
    }

    @Override
    public int fill(RowBatch batch, int from) {
        int i = 0;
        for (; from + i < rows.length && batch.room(i); i++) {
            int row = rows[from + i];
            HotTail.Chunk chunk = tail.chunkOf(row);
            int at = row - HotTail.Chunk.start(HotTail.Chunk.index(row));
            int place = chunk.place[at];
            @Nullable String text = chunk.text == null ? null : chunk.text[at];
            boolean late = chunk.ts[at] <= tail.newestBefore(place);
            batch.text(0, i, order.device(place));
            batch.text(1, i, order.sensor(place));
            batch.whole(2, i, chunk.ts[at]);
            fillValue(batch, i, chunk.value[at], text);
            batch.whole(5, i, chunk.received[at]);
            batch.integer(6, i, chunk.partition[at]);
            batch.whole(7, i, chunk.position[at]);
            batch.flag(8, i, late);
            ts.add(chunk.ts[at]);
            received.add(chunk.received[at]);
            part.add(chunk.partition[at]);
            position.add(chunk.position[at]);
            lateCount += late ? 1 : 0;
        }
        return i;
    }

    private void fillValue(RowBatch batch, int i, double value, @Nullable String text) {
        if (text == null) {
            batch.none(4, i);
            nullTexts++;
        } else {
            batch.text(4, i, text.getBytes(StandardCharsets.UTF_8));
        }
        if (text != null && Double.isNaN(value)) {
            batch.none(3, i);
            nullValues++;
            return;
        }
        batch.real(3, i, value);
        if (Double.isNaN(value)) {
            nanValues++;
        } else {
            minValue = Math.min(minValue, value);
            maxValue = Math.max(maxValue, value);
        }
    }

    @Override
    public Metrics metrics() {
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        String firstDevice = tail.series(tail.place(rows[0])).device();
        String lastDevice = tail.series(tail.place(rows[rows.length - 1])).device();
        put(lower, 1, firstDevice);
        put(upper, 1, lastDevice);
        put(lower, 3, ts.min);
        put(upper, 3, ts.max);
        if (minValue <= maxValue) {
            put(lower, 4, minValue);
            put(upper, 4, maxValue);
        }
        put(lower, 6, received.min);
        put(upper, 6, received.max);
        put(lower, 7, (int) part.min);
        put(upper, 7, (int) part.max);
        put(lower, 8, position.min);
        put(upper, 8, position.max);
        put(lower, 9, lateCount == rows.length);
        put(upper, 9, lateCount > 0);
        Map<Integer, Long> counts = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        for (Column column : COLUMNS) {
            counts.put(column.fieldId(), (long) rows.length);
            nulls.put(column.fieldId(), 0L);
        }
        nulls.put(4, nullValues);
        nulls.put(5, nullTexts);
        return new Metrics((long) rows.length, null, counts, nulls, Map.of(4, nanValues), lower, upper);
    }

    static void put(Map<Integer, ByteBuffer> bounds, int column, Object value) {
        Schema schema = LakeCatalog.READINGS;
        bounds.put(column, Conversions.toByteBuffer(schema.findType(column), value));
    }
}
