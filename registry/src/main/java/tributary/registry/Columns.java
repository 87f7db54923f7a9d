package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tributary.model.Micros;

/// Reads columns that may be empty, in one step each: `wasNull` is about whatever was read last.
final class Columns {
    private Columns() {}

    static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    static @Nullable Double real(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Long micros = number(row, column);
        return micros == null ? null : Micros.instant(micros);
    }
}
