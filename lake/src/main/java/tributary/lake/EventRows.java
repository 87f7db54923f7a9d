package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.types.Conversions;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Event;

/// Events of one day, for one file.
final class EventRows implements FileRows {
    private static final int DEVICE = 1;
    private static final int TS = 3;

    /// The texts, in the order of the columns `device`, `kind`, `door` and so on; null where nothing is known.
    private static final List<Function<Event, @Nullable String>> TEXTS = List.of(
            event -> text(event.device()),
            event -> event.kind().slug(),
            event -> text(Event.doorName(event.door())),
            event -> text(event.through()),
            event -> text(event.client()),
            event -> text(event.address()),
            event -> text(event.subject()),
            event -> text(event.cause()),
            event -> text(event.reason()));

    private static final List<Column> COLUMNS = List.of(
            Column.plain("device", DEVICE, DuckDBColumnType.VARCHAR),
            Column.plain("kind", 2, DuckDBColumnType.VARCHAR),
            Column.plain("door", 4, DuckDBColumnType.VARCHAR),
            Column.plain("through", 5, DuckDBColumnType.VARCHAR),
            Column.plain("client", 6, DuckDBColumnType.VARCHAR),
            Column.plain("address", 7, DuckDBColumnType.VARCHAR),
            Column.plain("subject", 8, DuckDBColumnType.VARCHAR),
            Column.plain("cause", 9, DuckDBColumnType.VARCHAR),
            Column.plain("reason", 10, DuckDBColumnType.VARCHAR),
            Column.time("ts", TS),
            Column.plain("count", 11, DuckDBColumnType.BIGINT),
            Column.plain("part", 12, DuckDBColumnType.INTEGER),
            Column.plain("position", 13, DuckDBColumnType.BIGINT));

    private final List<Snapshot.Happened> rows;

    EventRows(List<Snapshot.Happened> rows) {
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
        int texts = TEXTS.size();
        for (int i = 0; i < count; i++) {
            Snapshot.Happened row = rows.get(from + i);
            for (int column = 0; column < texts; column++) {
                String text = TEXTS.get(column).apply(row.event());
                if (text == null) {
                    vectors[column].setNull(i);
                } else {
                    vectors[column].setString(i, text);
                }
            }
            vectors[texts].setLong(i, row.event().atMicros());
            vectors[texts + 1].setLong(i, row.event().count());
            vectors[texts + 2].setInt(i, row.partition());
            vectors[texts + 3].setLong(i, row.position());
        }
    }

    @Override
    public Metrics metrics() {
        Map<Integer, Long> counts = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        for (int i = 0; i < COLUMNS.size(); i++) {
            counts.put(COLUMNS.get(i).fieldId(), (long) rows.size());
            nulls.put(COLUMNS.get(i).fieldId(), i < TEXTS.size() ? nulls(TEXTS.get(i)) : 0L);
        }
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        Comparator<String> byBytes = (a, b) -> Arrays.compareUnsigned(utf8(a), utf8(b));
        List<String> devices = rows.stream()
                .map(row -> text(row.event().device()))
                .filter(Objects::nonNull)
                .sorted(byBytes)
                .toList();
        if (!devices.isEmpty()) {
            put(lower, DEVICE, devices.getFirst());
            put(upper, DEVICE, devices.getLast());
        }
        put(
                lower,
                TS,
                rows.stream().mapToLong(Snapshot.Happened::timeMicros).min().orElseThrow());
        put(
                upper,
                TS,
                rows.stream().mapToLong(Snapshot.Happened::timeMicros).max().orElseThrow());
        return new Metrics((long) rows.size(), null, counts, nulls, Map.of(), lower, upper);
    }

    private long nulls(Function<Event, @Nullable String> column) {
        return rows.stream().filter(row -> column.apply(row.event()) == null).count();
    }

    private static @Nullable String text(@Nullable DeviceId device) {
        return device == null ? null : device.value();
    }

    private static @Nullable String text(String text) {
        return text.isEmpty() ? null : text;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Map<Integer, ByteBuffer> bounds, int column, Object value) {
        bounds.put(column, Conversions.toByteBuffer(LakeCatalog.EVENTS.findType(column), value));
    }
}
