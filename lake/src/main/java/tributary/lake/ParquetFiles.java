package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// Writes Parquet files, and reads back our own, with an engine in memory that runs our own fixed statements only.
///
/// Rows go straight from Java's memory into the writer, as a stream of Arrow batches; the engine never holds a copy of
/// them. Of the sealer's thread.
final class ParquetFiles implements AutoCloseable {
    /// Small enough that a query for one device skips most of a file.
    private static final int ROW_GROUP_ROWS = 122_880;
    private static final int ROLLUP_GROUP_ROWS = 20_480;
    /// A column with more distinct values in a row group is written plain: looking for more costs a third of the
    /// time of a file of messages, and a dictionary of log positions takes more bytes than they do.
    private static final int DICTIONARY_VALUES_MAX = 4_096;
    /// Batches that the engine has not read yet are few; more than this is a fault of ours.
    private static final long BATCH_BYTES_MAX = 512L << 20;

    private static final Query ROWS = new Query("SELECT * FROM tributary_rows", List.of());

    private final long memoryBytes;
    private final String spill;
    private @Nullable Connection connection;
    private boolean librariesForgotten;

    ParquetFiles(long memoryBytes) {
        this(memoryBytes, "");
    }

    /// @param spill the folder that takes what is too large for the memory, or "" where nothing may be
    ParquetFiles(long memoryBytes, String spill) {
        this.memoryBytes = memoryBytes;
        this.spill = spill;
    }

    /// One of our own statements; what others wrote comes as values only.
    record Query(String sql, List<String> values) {}

    /// How a file is written.
    enum Compression {
        /// What stays.
        ZSTD,
        /// What is read once and deleted.
        SNAPPY
    }

    /// What a row handler may throw.
    interface RowReader {
        void row(ResultSet row) throws SQLException;
    }

    /// Writes all rows of `rows` to `file`; the folder is made where missing.
    ///
    /// @return bytes of the file
    long write(Path file, FileRows rows) throws IOException {
        Folders.make(Folders.parent(file));
        Map<String, Integer> fieldIds = new LinkedHashMap<>();
        rows.columns().forEach(column -> fieldIds.put(column.name(), column.fieldId()));
        try (BufferAllocator allocator = new RootAllocator(BATCH_BYTES_MAX);
                RowStream reader = new RowStream(allocator, rows);
                ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
            copy(file, ROWS, fieldIds, Compression.ZSTD, connection -> {
                Data.exportArrayStream(allocator, reader, stream);
                connection.unwrap(DuckDBConnection.class).registerArrowStream("tributary_rows", stream);
            });
        }
        if (!librariesForgotten) {
            UnpackedLibraries.forget();
            librariesForgotten = true;
        }
        return Files.size(file);
    }

    /// Writes the rows of `query` to `file`, with the columns' numbers where a name has one.
    void copy(Path file, Query query, Map<String, Integer> fieldIds, Compression compression) throws IOException {
        Folders.make(Folders.parent(file));
        copy(file, query, fieldIds, compression, _ -> {});
    }

    /// The same for a roll-up, whose rows are few and read a few at a time; `days` goes into the file's own metadata.
    void copyRollup(Path file, Query query, String days) throws IOException {
        String sql =
                """
                COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION ZSTD, ROW_GROUP_SIZE %d, FIELD_IDS {%s}, \
                KV_METADATA {%s: '%s'})""".formatted(query.sql(), quoted(file), ROLLUP_GROUP_ROWS, ids(RollupSql.columns()), Rollup.KEY, days);
        run(file, new Query(sql, query.values()), _ -> {});
    }

    /// What is done before a statement runs.
    private interface Preparation {
        void on(Connection connection) throws SQLException;
    }

    private void copy(
            Path file, Query query, Map<String, Integer> fieldIds, Compression compression, Preparation preparation)
            throws IOException {
        String sql = """
                COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION %s, ROW_GROUP_SIZE %d, DICTIONARY_SIZE_LIMIT %d, FIELD_IDS {%s})""".formatted(
                        query.sql(), quoted(file), compression, ROW_GROUP_ROWS, DICTIONARY_VALUES_MAX, ids(fieldIds));
        run(file, new Query(sql, query.values()), preparation);
    }

    private static String ids(Map<String, Integer> fieldIds) {
        return fieldIds.entrySet().stream()
                .map(column -> column.getKey() + ": " + column.getValue())
                .collect(Collectors.joining(", "));
    }

    private void run(Path file, Query query, Preparation preparation) throws IOException {
        try {
            preparation.on(connection());
            try (PreparedStatement statement = connection().prepareStatement(query.sql())) {
                set(statement, query);
                statement.execute();
            }
        } catch (SQLException e) {
            close(); // whatever state the engine is in, the next try begins with a new one
            Files.deleteIfExists(file);
            throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /// Runs one of our own statements over our own files.
    void read(String sql, RowReader reader) throws IOException {
        read(new Query(sql, List.of()), reader);
    }

    void read(Query query, RowReader reader) throws IOException {
        try (PreparedStatement statement = connection().prepareStatement(query.sql())) {
            set(statement, query);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    reader.row(rows);
                }
            }
        } catch (SQLException e) {
            close();
            throw new IOException("cannot read the lake's files: " + e.getMessage(), e);
        }
    }

    private static void set(PreparedStatement statement, Query query) throws SQLException {
        for (int i = 0; i < query.values().size(); i++) {
            statement.setString(i + 1, query.values().get(i));
        }
    }

    /// @return what reads the rows of `files`, for SQL
    static String source(Collection<Path> files) {
        return files.stream()
                .map(file -> "'" + quoted(file) + "'")
                .collect(Collectors.joining(", ", "read_parquet([", "], hive_partitioning = false)"));
    }

    /// @return a path inside an SQL text literal
    static String quoted(Path file) {
        return file.toString().replace("'", "''");
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open != null) {
            return open;
        }
        Properties settings = new Properties();
        settings.setProperty("threads", "1");
        settings.setProperty("memory_limit", memoryBytes + "B");
        settings.setProperty("temp_directory", spill);
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        settings.setProperty("allow_community_extensions", "false");
        Connection opened = DriverManager.getConnection("jdbc:duckdb:", settings);
        UnpackedLibraries.forget();
        connection = opened;
        return opened;
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                // an engine in memory has nothing to lose
            }
        }
    }
}
