package tributary.sinks.folder;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Makes a Parquet file of rows that are lines of JSON with the keys of [#key], written by [Lines].
///
/// DuckDB does it, in this process, with statements of ours alone. One file at a time for all sinks, as it is made in
/// memory, and on a thread of its own, as a virtual one would keep others waiting.
final class ParquetFile {
    private static final Semaphore ONE = new Semaphore(1);
    private static final String MEMORY = "1GB";
    private static final int LINE_BYTES_MAX = 16 << 20;

    /// What a group of rows may have, which is held until it is whole.
    private static final long GROUP_BYTES = 32 << 20;

    private static final long GROUP_ROWS_MIN = 2_048;
    private static final long GROUP_ROWS_MAX = 122_880;

    private ParquetFile() {}

    /// @return what a column is called in the lines
    static String key(int column) {
        return "c" + column;
    }

    /// @param rowBytes what a row has on average
    static void make(Path rows, Path file, Shape shape, long rowBytes) throws IOException {
        String statement = statement(rows, file, shape, rowBytes);
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().name("parquet").daemon().start(() -> {
            ONE.acquireUninterruptibly();
            try (Connection engine = DriverManager.getConnection("jdbc:duckdb:");
                    Statement sql = engine.createStatement()) {
                sql.execute("SET threads = 1; SET memory_limit = '" + MEMORY + "'; SET temp_directory = '';"
                        + " SET TimeZone = 'UTC'");
                sql.execute(statement);
                done.complete(null);
            } catch (SQLException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            } finally {
                ONE.release();
            }
        });
        try {
            done.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException("no Parquet can be made: " + (cause == null ? e : cause).getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped in the middle of a Parquet file");
        }
    }

    private static String statement(Path rows, Path file, Shape shape, long rowBytes) {
        String carried = IntStream.range(0, shape.columns().size())
                .mapToObj(i -> key(i) + ": '" + shape.columns().get(i).type().carrier + "'")
                .collect(Collectors.joining(", "));
        String columns = IntStream.range(0, shape.columns().size())
                .mapToObj(i -> shape.columns().get(i).type().sql(key(i)) + " AS "
                        + name(shape.columns().get(i).name()))
                .collect(Collectors.joining(", "));
        long group = Math.clamp(GROUP_BYTES / Math.max(1, rowBytes), GROUP_ROWS_MIN, GROUP_ROWS_MAX);
        return ("COPY (SELECT %s FROM read_json(%s, format = 'newline_delimited', compression = 'none',"
                        + " maximum_object_size = %d, columns = {%s})) TO %s"
                        + " (FORMAT parquet, COMPRESSION %s, ROW_GROUP_SIZE %d)")
                .formatted(
                        columns, text(rows), LINE_BYTES_MAX, carried, text(file), shape.compression().parquet, group);
    }

    private static String name(String column) {
        return "\"" + column.replace("\"", "\"\"") + "\"";
    }

    private static String text(Path file) {
        return "'" + file.toString().replace("'", "''") + "'";
    }
}
