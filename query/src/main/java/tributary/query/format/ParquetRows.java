package tributary.query.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBConnection;

/// A Parquet file, written by an engine of our own that runs one fixed statement and never sees the tenant's.
///
/// Parquet ends with an index of itself, so it is a file first and then copied out.
final class ParquetRows {
    private ParquetRows() {}

    /// @param folder where the file may stand for a moment
    static void write(ArrowReader rows, BufferAllocator allocator, Path folder, OutputStream out) throws IOException {
        Path file = Files.createTempFile(folder, "answer-", ".parquet");
        try {
            Properties properties = new Properties();
            properties.setProperty("threads", "1");
            properties.setProperty("async_threads", "1");
            properties.setProperty("memory_limit", "256MB");
            properties.setProperty("temp_directory", "");
            properties.setProperty("preserve_insertion_order", "true");
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
                    ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator);
                    Statement statement = connection.createStatement()) {
                Data.exportArrayStream(allocator, rows, stream);
                connection.unwrap(DuckDBConnection.class).registerArrowStream("answer", stream);
                statement.execute("COPY (SELECT * FROM answer) TO '"
                        + file.toString().replace("'", "''")
                        + "' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)");
            }
            Files.copy(file, out);
        } catch (SQLException e) {
            throw new IOException("the Parquet file could not be written: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
