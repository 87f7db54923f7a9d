package tributary.lake;

import java.util.List;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.iceberg.Metrics;

/// Rows on their way into one Parquet file, in the file's order.
interface FileRows {
    /// One column of the file.
    record Column(String name, int fieldId, ArrowType type) {
        static Column text(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.Utf8());
        }

        static Column bytes(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.Binary());
        }

        /// Microseconds since 1970 UTC, eight bytes.
        static Column time(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.Timestamp(TimeUnit.MICROSECOND, null));
        }

        /// Eight bytes.
        static Column whole(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.Int(Long.SIZE, true));
        }

        /// Four bytes.
        static Column integer(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.Int(Integer.SIZE, true));
        }

        static Column real(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));
        }

        static Column flag(String name, int fieldId) {
            return new Column(name, fieldId, new ArrowType.Bool());
        }
    }

    List<Column> columns();

    int rows();

    /// Puts rows from `from` on into the batch while there are any and it has room.
    ///
    /// @return how many
    int fill(RowBatch batch, int from);

    /// @return what Iceberg keeps about the file, so that engines can pass it over without opening it; after all rows
    ///     were filled
    Metrics metrics();
}
