package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.types.Conversions;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBWritableVector;

/// Rows of a side table of one day, for one file, sorted by device.
///
/// The engine's vectors take no bytes: those that are UTF-8 go as text behind a `u`, others as hexadecimal digits
/// behind an `h`, and the engine makes bytes of both.
final class SideRows implements FileRows {
    private static final HexFormat HEX = HexFormat.of();

    private final SideTail tail;
    private final Side side;
    private final int[] rows;
    private final List<Column> columns;
    private final long[] nulls;
    private final CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer decoded = CharBuffer.allocate(1024);
    private final Span span;

    /// What holds for all rows of a file.
    private static final class Span {
        final byte[] firstDevice;
        final byte[] lastDevice;
        long minReceived = Long.MAX_VALUE;
        long maxReceived = Long.MIN_VALUE;

        Span(byte[] firstDevice, byte[] lastDevice) {
            this.firstDevice = firstDevice;
            this.lastDevice = lastDevice;
        }
    }

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
        this.nulls = new long[made.size()];
        this.span = new Span(device(rows[0]), device(rows[rows.length - 1]));
    }

    private static Column column(String name, int fieldId, Side.Type type) {
        return switch (type) {
            case TEXT -> Column.plain(name, fieldId, DuckDBColumnType.VARCHAR);
            case BYTES ->
                new Column(
                        name,
                        fieldId,
                        DuckDBColumnType.VARCHAR,
                        "CASE WHEN %1$s[1] = 'u' THEN encode(%1$s[2:]) ELSE from_hex(%1$s[2:]) END".formatted(name));
            case TIME -> Column.time(name, fieldId);
            case INTEGER -> Column.plain(name, fieldId, DuckDBColumnType.INTEGER);
            case WHOLE -> Column.plain(name, fieldId, DuckDBColumnType.BIGINT);
            case FLAG -> Column.plain(name, fieldId, DuckDBColumnType.BOOLEAN);
        };
    }

    /// @return a file's rows for each day, in days since 1970
    static Map<Integer, SideRows> byDay(SideTail tail) {
        Map<Integer, Map<String, IntStream.Builder>> days = new TreeMap<>();
        int count = tail.rows();
        for (int row = 0; row < count; row++) {
            ByteBuffer cells = tail.row(row);
            String device = new String(text(cells), StandardCharsets.UTF_8);
            text(cells);
            cells.get();
            int day = Math.toIntExact(Math.floorDiv(cells.getLong(), SegmentOrder.DAY_MICROS));
            days.computeIfAbsent(day, _ -> new HashMap<>())
                    .computeIfAbsent(device, _ -> IntStream.builder())
                    .add(row);
        }
        Map<Integer, SideRows> files = new TreeMap<>();
        days.forEach((day, devices) -> files.put(day, new SideRows(tail, sorted(devices))));
        return files;
    }

    private static int[] sorted(Map<String, IntStream.Builder> devices) {
        return devices.entrySet().stream()
                .sorted((a, b) -> Arrays.compareUnsigned(
                        a.getKey().getBytes(StandardCharsets.UTF_8), b.getKey().getBytes(StandardCharsets.UTF_8)))
                .flatMapToInt(device -> device.getValue().build())
                .toArray();
    }

    private byte[] device(int row) {
        return text(tail.row(row));
    }

    /// @return the next cell, empty where there is none
    private static byte[] text(ByteBuffer cells) {
        return cells.get() == 0 ? new byte[0] : bytes(cells);
    }

    private static byte[] bytes(ByteBuffer cells) {
        byte[] bytes = new byte[cells.getInt()];
        cells.get(bytes);
        return bytes;
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
    public void fill(DuckDBWritableVector[] vectors, int from, int count) throws SQLException {
        Filling[] fillings = new Filling[vectors.length];
        for (int c = 0; c < fillings.length; c++) {
            fillings[c] = new Filling(c, vectors[c], count);
        }
        for (int i = 0; i < count; i++) {
            ByteBuffer cells = tail.row(rows[from + i]);
            for (Filling filling : fillings) {
                filling.take(i, cells);
            }
        }
        for (Filling filling : fillings) {
            filling.end();
        }
    }

    /// One column of one chunk. Texts are handed over together, which is far cheaper than one by one.
    private final class Filling {
        private final int column;
        private final Side.Type type;
        private final DuckDBWritableVector vector;
        private final byte[][] texts;
        private final boolean[] absent;

        Filling(int column, DuckDBWritableVector vector, int count) {
            this.column = column;
            this.type = side.columns().get(column).type();
            this.vector = vector;
            this.texts = new byte[type == Side.Type.TEXT || type == Side.Type.BYTES ? count : 0][];
            this.absent = new boolean[count];
        }

        void take(int i, ByteBuffer cells) throws SQLException {
            if (cells.get() == 0) {
                absent[i] = true;
                nulls[column]++;
                if (texts.length > 0) {
                    texts[i] = new byte[0];
                }
                return;
            }
            switch (type) {
                case TEXT -> texts[i] = bytes(cells);
                case BYTES -> texts[i] = marked(bytes(cells));
                case TIME -> {
                    long micros = cells.getLong();
                    if (column == Side.TIME) {
                        span.minReceived = Math.min(span.minReceived, micros);
                        span.maxReceived = Math.max(span.maxReceived, micros);
                    }
                    vector.setLong(i, micros);
                }
                case INTEGER -> vector.setInt(i, cells.getInt());
                case WHOLE -> vector.setLong(i, cells.getLong());
                case FLAG -> vector.setBoolean(i, cells.get() != 0);
            }
        }

        void end() throws SQLException {
            if (texts.length > 0) {
                vector.setStringUtf8Batch(0, texts);
            }
            for (int i = 0; i < absent.length; i++) {
                if (absent[i]) {
                    vector.setNull(i);
                }
            }
        }
    }

    private byte[] marked(byte[] bytes) {
        if (!isText(bytes)) {
            return ("h" + HEX.formatHex(bytes)).getBytes(StandardCharsets.US_ASCII);
        }
        byte[] marked = new byte[bytes.length + 1];
        marked[0] = 'u';
        System.arraycopy(bytes, 0, marked, 1, bytes.length);
        return marked;
    }

    /// A NUL is valid in UTF-8, and not in every text of the engine.
    private boolean isText(byte[] bytes) {
        boolean ascii = true;
        for (byte b : bytes) {
            if (b == 0) {
                return false;
            }
            ascii &= b > 0;
        }
        return ascii || isUtf8(bytes);
    }

    private boolean isUtf8(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        strict.reset();
        try {
            CoderResult result;
            do {
                decoded.clear();
                result = strict.decode(in, decoded, true);
                if (result.isError()) {
                    result.throwException();
                }
            } while (result.isOverflow());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public Metrics metrics() {
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        if (nulls[Side.DEVICE] == 0) {
            put(lower, Side.DEVICE + 1, new String(span.firstDevice, StandardCharsets.UTF_8));
            put(upper, Side.DEVICE + 1, new String(span.lastDevice, StandardCharsets.UTF_8));
        }
        put(lower, Side.TIME + 1, span.minReceived);
        put(upper, Side.TIME + 1, span.maxReceived);
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
