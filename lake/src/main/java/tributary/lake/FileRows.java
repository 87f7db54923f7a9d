package tributary.lake;

import java.sql.SQLException;
import java.util.List;
import org.apache.iceberg.Metrics;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBWritableVector;

/// Rows on their way into one Parquet file, in the file's order.
interface FileRows {
    /// One column as the engine gets it and as the file has it.
    ///
    /// @param select how the column is made of what the engine gets, in SQL
    record Column(String name, int fieldId, DuckDBColumnType type, String select) {
        static Column plain(String name, int fieldId, DuckDBColumnType type) {
            return new Column(name, fieldId, type, name);
        }

        /// Microseconds since 1970, a timestamp in the file.
        static Column time(String name, int fieldId) {
            return new Column(name, fieldId, DuckDBColumnType.BIGINT, "make_timestamp(" + name + ")");
        }
    }

    List<Column> columns();

    int rows();

    /// Hands over rows `from` to `from + count - 1`, one vector a column.
    void fill(DuckDBWritableVector[] vectors, int from, int count) throws SQLException;

    /// @return what Iceberg keeps about the file, so that engines can pass it over without opening it
    Metrics metrics();
}
