package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.types.Conversions;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBWritableVector;

/// Rejected parts that were received on one day, for one file. The payload goes to the engine as hexadecimal text,
/// because its vectors take no bytes; there are few of these rows.
final class RejectedRows implements FileRows {
    private static final List<Column> COLUMNS = List.of(
            Column.plain("device", 1, DuckDBColumnType.VARCHAR),
            Column.plain("topic", 2, DuckDBColumnType.VARCHAR),
            Column.time("received", 3),
            new Column("payload", 4, DuckDBColumnType.VARCHAR, "from_hex(payload)"),
            Column.plain("reason", 5, DuckDBColumnType.VARCHAR),
            Column.plain("part", 6, DuckDBColumnType.INTEGER),
            Column.plain("position", 7, DuckDBColumnType.BIGINT));

    private static final HexFormat HEX = HexFormat.of();

    private final List<Snapshot.Rejected> rows;

    RejectedRows(List<Snapshot.Rejected> rows) {
        this.rows = rows;
    }

    @Override
    public List<Column> columns() {
        return COLUMNS;
    }

    @Override
    public int rows() {
        return rows.size();
    }

    @Override
    public void fill(DuckDBWritableVector[] vectors, int from, int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            Snapshot.Rejected row = rows.get(from + i);
            vectors[0].setString(i, row.device());
            vectors[1].setString(i, row.topic());
            vectors[2].setLong(i, row.receivedMicros());
            vectors[3].setString(i, HEX.formatHex(row.payload()));
            vectors[4].setString(i, row.reason());
            vectors[5].setInt(i, row.partition());
            vectors[6].setLong(i, row.position());
        }
    }

    @Override
    public Metrics metrics() {
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        Comparator<Snapshot.Rejected> byDevice = (a, b) -> Arrays.compareUnsigned(utf8(a.device()), utf8(b.device()));
        put(lower, 1, rows.stream().min(byDevice).orElseThrow().device());
        put(upper, 1, rows.stream().max(byDevice).orElseThrow().device());
        put(
                lower,
                3,
                rows.stream().mapToLong(Snapshot.Rejected::receivedMicros).min().orElseThrow());
        put(
                upper,
                3,
                rows.stream().mapToLong(Snapshot.Rejected::receivedMicros).max().orElseThrow());
        Map<Integer, Long> counts = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        for (Column column : COLUMNS) {
            counts.put(column.fieldId(), (long) rows.size());
            nulls.put(column.fieldId(), 0L);
        }
        return new Metrics((long) rows.size(), null, counts, nulls, Map.of(), lower, upper);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Map<Integer, ByteBuffer> bounds, int column, Object value) {
        bounds.put(column, Conversions.toByteBuffer(LakeCatalog.REJECTED.findType(column), value));
    }
}
