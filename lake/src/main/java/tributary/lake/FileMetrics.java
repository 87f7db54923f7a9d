package tributary.lake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// What Iceberg keeps about a file, read from the file itself.
final class FileMetrics {
    private static final int VALUE = 4;
    private static final Object NONE = new Object();

    private final LakeCatalog.Kind kind;
    private final Map<Integer, ByteBuffer> lower = new HashMap<>();
    private final Map<Integer, ByteBuffer> upper = new HashMap<>();
    private final Map<Integer, Long> counts = new HashMap<>();
    private final Map<Integer, Long> nulls = new HashMap<>();
    private long rows;

    private FileMetrics(LakeCatalog.Kind kind) {
        this.kind = kind;
    }

    static Metrics of(ParquetFiles parquet, Path file, LakeCatalog.Kind kind) throws IOException {
        FileMetrics metrics = new FileMetrics(kind);
        List<Types.NestedField> fields = kind.schema().columns();
        List<String> columns = new ArrayList<>();
        columns.add("count(*)");
        for (Types.NestedField field : fields) {
            String name = field.name();
            columns.add("count(" + name + ")");
            if (bounded(field)) {
                columns.add("min(" + shown(field) + ")");
                columns.add("max(" + shown(field) + ")");
            }
        }
        long[] nan = new long[1];
        boolean readings = kind.readings();
        columns.add(readings ? "count_if(isnan(value))" : "0");
        String sql = "SELECT %s FROM %s".formatted(String.join(", ", columns), ParquetFiles.source(List.of(file)));
        parquet.read(sql, row -> {
            metrics.take(row, fields);
            nan[0] = row.getLong(columns.size());
        });
        Map<Integer, Long> nans = readings ? Map.of(VALUE, nan[0]) : Map.of();
        return new Metrics(metrics.rows, null, metrics.counts, metrics.nulls, nans, metrics.lower, metrics.upper);
    }

    /// Long texts have none, and a device that is not there is less than all.
    private static boolean bounded(Types.NestedField field) {
        return switch (field.name()) {
            case "device", "ts", "received", "part", "position", "late", "value" -> true;
            default -> false;
        };
    }

    private static String shown(Types.NestedField field) {
        return switch (field.type().typeId()) {
            case TIMESTAMP -> "epoch_us(" + field.name() + ")";
            case DOUBLE -> "CASE WHEN NOT isnan(%1$s) THEN %1$s END".formatted(field.name());
            default -> field.name();
        };
    }

    private void take(ResultSet row, List<Types.NestedField> fields) throws SQLException {
        int at = 1;
        rows = row.getLong(at++);
        for (Types.NestedField field : fields) {
            long present = row.getLong(at++);
            counts.put(field.fieldId(), rows);
            nulls.put(field.fieldId(), rows - present);
            if (bounded(field)) {
                boolean known = present == rows || field.name().equals("value");
                Object min = value(row, at++, field.type());
                Object max = value(row, at++, field.type());
                if (known && min != NONE && max != NONE) {
                    lower.put(field.fieldId(), Conversions.toByteBuffer(field.type(), min));
                    upper.put(field.fieldId(), Conversions.toByteBuffer(field.type(), max));
                }
            }
        }
    }

    private static Object value(ResultSet row, int at, Type type) throws SQLException {
        Object value = switch (type.typeId()) {
            case STRING -> row.getString(at) == null ? NONE : row.getString(at);
            case DOUBLE -> row.getDouble(at);
            case BOOLEAN -> row.getBoolean(at);
            case INTEGER -> row.getInt(at);
            default -> row.getLong(at);
        };
        return row.wasNull() ? NONE : value;
    }
}
