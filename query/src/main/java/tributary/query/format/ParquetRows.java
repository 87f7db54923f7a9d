package tributary.query.format;

import java.io.IOException;
import java.io.InputStream;
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
import org.duckdb.DuckDBConnection;

/// A Parquet file, written by an engine of our own that runs one fixed statement and never sees the tenant's.
///
/// Parquet ends with an index of itself, so it is a file first and then copied out. The disk is that of the
/// log: the file is given up where it, or the disk, gets too full.
final class ParquetRows {
    private ParquetRows() {}

    /// @throws SpoolException where the file may not grow on, or cannot be written
    static void write(InputStream rows, BufferAllocator allocator, Spool spool, OutputStream out) throws IOException {
        Path file = create(spool);
        try (CheckedReader checked = new CheckedReader(rows, allocator, () -> spool.check(file))) {
            write(checked, allocator, file);
            spool.check(file);
            Files.copy(file, out);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static Path create(Spool spool) throws SpoolException {
        try {
            return Files.createTempFile(spool.folder(), "answer-", ".parquet");
        } catch (IOException e) {
            throw SpoolException.failed(e);
        }
    }

    private static void write(CheckedReader rows, BufferAllocator allocator, Path file) throws IOException {
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
            // into the file itself, whose size is looked at, and not into one beside it
            statement.execute("COPY (SELECT * FROM answer) TO '"
                    + file.toString().replace("'", "''")
                    + "' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440, USE_TMP_FILE false)");
        } catch (SQLException e) {
            rows.fail();
            throw SpoolException.failed(e);
        }
    }
}
