package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.types.Conversions;

/// Rows of a side table of one day, for one file, sorted by device; those of one device as they came.
final class SideRows implements FileRows {
    private final SideTail tail;
    private final Side side;
    private final int[] rows;
    private final List<Column> columns;
    private final Side.Type[] types;
    private final long[] nulls;
    private long minTime = Long.MAX_VALUE;
    private long maxTime = Long.MIN_VALUE;

    /// @param rows sorted by device, at least one
    private SideRows(SideTail tail, int[] rows) {
        this.tail = tail;
        this.side = tail.side();
        this.rows = rows;
        List<Column> made = new ArrayList<>();
        for (Side.Column column : side.columns()) {
            made.add(column(column.name(), made.size() + 1, column.type()));
        }
        this.columns = List.copyOf(made);
        this.types = side.columns().stream().map(Side.Column::type).toArray(Side.Type[]::new);
        this.nulls = new long[made.size()];
    }

    private static Column column(String name, int fieldId, Side.Type type) {
        return switch (type) {
            case TEXT -> Column.text(name, fieldId);
            case BYTES -> Column.bytes(name, fieldId);
            case TIME -> Column.time(name, fieldId);
            case INTEGER -> Column.integer(name, fieldId);
            case WHOLE -> Column.whole(name, fieldId);
            case FLAG -> Column.flag(name, fieldId);
        };
    }

    /// @return a file's rows for each day, in days since 1970
    static Map<Integer, SideRows> byDay(SideTail tail) {
        int count = tail.rows();
        int[] device = new int[count];
        int[] day = new int[count];
        Devices devices = new Devices();
        for (int row = 0; row < count; row++) {
            ByteBuffer cells = tail.row(row);
            device[row] = devices.number(cells);
            skipText(cells);
            cells.get();
            day[row] = Math.toIntExact(Math.floorDiv(cells.getLong(), SegmentOrder.DAY_MICROS));
        }
        int[] place = devices.places();
        for (int row = 0; row < count; row++) {
            device[row] = place[device[row]];
        }
        Map<Integer, SideRows> files = new TreeMap<>();
        for (int one : Arrays.stream(day).distinct().toArray()) {
            int[] rows =
                    IntStream.range(0, count).filter(row -> day[row] == one).toArray();
            files.put(one, new SideRows(tail, sorted(rows, device, place.length)));
        }
        return files;
    }

    /// Linear: rows are counted into their devices.
    private static int[] sorted(int[] rows, int[] device, int devices) {
        int[] next = new int[devices + 1];
        for (int row : rows) {
            next[device[row] + 1]++;
        }
        for (int d = 0; d < devices; d++) {
            next[d + 1] += next[d];
        }
        int[] sorted = new int[rows.length];
        for (int row : rows) {
            sorted[next[device[row]]++] = row;
        }
        return sorted;
    }

    /// The devices of a segment by their UTF-8 names; none counts as the empty one.
    private static final class Devices {
        private final Map<ByteBuffer, Integer> numbers = new HashMap<>();
        private final List<byte[]> names = new ArrayList<>();

        /// Reads a row's first cell.
        int number(ByteBuffer cells) {
            int length = cells.get() == 0 ? 0 : cells.getInt();
            ByteBuffer name = cells.slice(cells.position(), length);
            cells.position(cells.position() + length);
            Integer known = numbers.get(name);
            if (known != null) {
                return known;
            }
            byte[] copy = new byte[length];
            name.duplicate().get(copy);
            numbers.put(ByteBuffer.wrap(copy), names.size());
            names.add(copy);
            return names.size() - 1;
        }

        /// @return by number: the place in the order of Parquet, which compares bytes
        int[] places() {
            Integer[] sorted = new Integer[names.size()];
            Arrays.setAll(sorted, number -> number);
            Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(names.get(a), names.get(b)));
            int[] places = new int[sorted.length];
            for (int place = 0; place < sorted.length; place++) {
                places[sorted[place]] = place;
            }
            return places;
        }
    }

    private static void skipText(ByteBuffer cells) {
        if (cells.get() != 0) {
            int length = cells.getInt();
            cells.position(cells.position() + length);
        }
    }

    private String device(int row) {
        ByteBuffer cells = tail.row(row);
        byte[] name = new byte[cells.get() == 0 ? 0 : cells.getInt()];
        cells.get(name);
        return new String(name, StandardCharsets.UTF_8);
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public int rows() {
        return rows.length;
    }

    @Override
    public int fill(RowBatch batch, int from) {
        int i = 0;
        for (; from + i < rows.length && batch.room(i); i++) {
            ByteBuffer cells = tail.row(rows[from + i]);
            for (int c = 0; c < types.length; c++) {
                fill(batch, c, i, cells);
            }
        }
        return i;
    }

    private void fill(RowBatch batch, int column, int row, ByteBuffer cells) {
        if (cells.get() == 0) {
            batch.none(column, row);
            nulls[column]++;
            return;
        }
        switch (types[column]) {
            case TEXT, BYTES -> {
                int length = cells.getInt();
                batch.bytes(column, row, cells.array(), cells.arrayOffset() + cells.position(), length);
                cells.position(cells.position() + length);
            }
            case TIME -> {
                long micros = cells.getLong();
                batch.whole(column, row, micros);
                if (column == Side.TIME) {
                    minTime = Math.min(minTime, micros);
                    maxTime = Math.max(maxTime, micros);
                }
            }
            case INTEGER -> batch.integer(column, row, cells.getInt());
            case WHOLE -> batch.whole(column, row, cells.getLong());
            case FLAG -> batch.flag(column, row, cells.get() != 0);
        }
    }

    @Override
    public Metrics metrics() {
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        if (nulls[Side.DEVICE] == 0) {
            put(lower, Side.DEVICE + 1, device(rows[0]));
            put(upper, Side.DEVICE + 1, device(rows[rows.length - 1]));
        }
        put(lower, Side.TIME + 1, minTime);
        put(upper, Side.TIME + 1, maxTime);
        Map<Integer, Long> counts = new HashMap<>();
        Map<Integer, Long> absent = new HashMap<>();
        for (int c = 0; c < nulls.length; c++) {
            counts.put(c + 1, (long) rows.length);
            absent.put(c + 1, nulls[c]);
        }
        return new Metrics((long) rows.length, null, counts, absent, Map.of(), lower, upper);
    }

    private void put(Map<Integer, ByteBuffer> bounds, int fieldId, Object value) {
        bounds.put(
                fieldId,
                Conversions.toByteBuffer(LakeCatalog.Kind.of(side).schema().findType(fieldId), value));
    }
}
