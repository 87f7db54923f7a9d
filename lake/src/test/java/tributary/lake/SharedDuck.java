package tributary.lake;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;

/// One engine in memory for all tests that look into files: to open one took longer than most of what it was asked.
///
/// What a test puts into tables is of its own connection, in temporary ones. Bytes of files are not kept: what is on
/// the disk is what a test wants to know.
final class SharedDuck {
    private static final DuckDBConnection ENGINE = open();

    private SharedDuck() {}

    static Connection connect() throws SQLException {
        return ENGINE.duplicate();
    }

    private static DuckDBConnection open() {
        try {
            Connection opened = DriverManager.getConnection("jdbc:duckdb:");
            try (Statement statement = opened.createStatement()) {
                statement.execute("SET enable_external_file_cache = false");
            }
            return opened.unwrap(DuckDBConnection.class);
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
