package tributary.app.load;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Reads Parquet through DuckDB, row by row in the file's order.
final class ParquetSource implements Source {
    private static final long ROWS_LEAST = 1;

    private final Connection connection;
    private final Statement statement;
    private final ResultSet rows;
    private final List<Boolean> moments = new ArrayList<>();
    private final Cells cells;
    private final long count;
    private long number;

    /// @throws IllegalArgumentException where the columns do not fit the mapping
    ParquetSource(Path file, Mapping mapping) throws IOException {
        try {
            Properties settings = new Properties();
            settings.setProperty("jdbc_stream_results", "true");
            settings.setProperty("threads", "1");
            settings.setProperty("memory_limit", "256MB");
            this.connection = DriverManager.getConnection("jdbc:duckdb:", settings);
            try {
                this.statement = connection.createStatement();
                String from = " FROM read_parquet('" + file.toString().replace("'", "''") + "')";
                List<String> header = new ArrayList<>();
                List<String> columns = new ArrayList<>();
                try (ResultSet described = statement.executeQuery("DESCRIBE SELECT *" + from)) {
                    while (described.next()) {
                        header.add(described.getString(1));
                        columns.add(column(described.getString(1), described.getString(2)));
                    }
                }
                this.count = count(from);
                this.cells = new Cells(header, mapping);
                this.rows = statement.executeQuery("SELECT " + String.join(", ", columns) + from);
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new IOException("no Parquet that can be read: " + e.getMessage(), e);
        }
    }

    private long count(String from) throws SQLException {
        try (ResultSet counted = statement.executeQuery("SELECT count(*)" + from)) {
            counted.next();
            return Math.max(ROWS_LEAST, counted.getLong(1));
        }
    }

    /// @return an expression that gives a number, a boolean, a text, or a moment as microseconds
    private String column(String name, String type) {
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        boolean moment = type.equals("TIMESTAMP WITH TIME ZONE");
        moments.add(moment);
        if (moment) {
            return "epoch_us(" + quoted + ")";
        }
        return switch (type) {
            case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" -> quoted;
            case "FLOAT", "DOUBLE" -> "CAST(" + quoted + " AS DOUBLE)";
            case "DATE" -> "CAST(" + quoted + " AS VARCHAR)";
            default ->
                type.startsWith("DECIMAL")
                        ? "CAST(" + quoted + " AS DOUBLE)"
                        : type.startsWith("TIMESTAMP")
                                ? "strftime(CAST(" + quoted + " AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f')"
                                : "CAST(" + quoted + " AS VARCHAR)";
        };
    }

    @Override
    public @Nullable Item next() throws IOException {
        try {
            if (!rows.next()) {
                return null;
            }
            List<@Nullable Object> row = new ArrayList<>(moments.size());
            for (int i = 0; i < moments.size(); i++) {
                Object cell = rows.getObject(i + 1);
                row.add(cell != null && moments.get(i) ? Instant.EPOCH.plus((Long) cell, ChronoUnit.MICROS) : cell);
            }
            number++;
            return cells.item(number, row);
        } catch (SQLException e) {
            throw new IOException("the file cannot be read on behind row " + number + ": " + e.getMessage(), e);
        }
    }

    @Override
    public double done() {
        return Math.min(1, (double) number / count);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
