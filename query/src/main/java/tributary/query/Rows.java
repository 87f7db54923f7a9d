package tributary.query;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// The answer to a query: a stream of rows, held by one reader, written once. Memory stays flat whatever its size.
public interface Rows extends AutoCloseable {
    /// @return the columns, known before the first row
    List<Column> columns();

    /// Writes all rows.
    ///
    /// @throws QueryException where the query fails on the way; what was written until then is incomplete
    /// @throws IOException    where `out` fails; the query is cancelled
    void writeTo(RowFormat format, OutputStream out) throws IOException;

    /// @return rows written so far
    long written();

    /// Cancels what still runs.
    @Override
    void close();

    /// @param type the SQL name of the type, `DOUBLE`, `VARCHAR`, `TIMESTAMP`
    record Column(String name, String type) {}
}
