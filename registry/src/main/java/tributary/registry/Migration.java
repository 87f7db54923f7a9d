package tributary.registry;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.function.Supplier;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Brings the schema to the version that this build needs.
///
/// Flyway runs what is missing and keeps the history. Starting it costs a good part of a second, so it is not even
/// loaded where its own history table already says that the schema is at [#VERSION].
final class Migration {
    /// The newest `V*__*.sql`; a test holds it against the files.
    static final int VERSION = 1;

    static final String FOLDER = "tributary/registry/migration";

    private static final String HISTORY = "flyway_schema_history";

    private Migration() {}

    /// @param history a query that has a row where the history table exists
    /// @param name    the type of names: text that is compared byte by byte
    static void run(Connection connection, String history, Supplier<FluentConfiguration> target, String name)
            throws SQLException {
        int found = version(connection, history);
        if (found > VERSION) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "The registry was made by a newer Tributary (schema %d, this one knows %d). Start that version, or restore a backup made before the upgrade."
                            .formatted(found, VERSION));
        }
        if (found < VERSION) {
            target.get()
                    .locations("classpath:" + FOLDER)
                    .table(HISTORY)
                    .placeholders(Map.of("name", name))
                    .load()
                    .migrate();
        }
    }

    /// @return the query that tells whether SQLite has the history table
    static String sqliteHistory() {
        return "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '" + HISTORY + "'";
    }

    /// @return the query that tells whether PostgreSQL has the history table in the schema that is in use
    static String postgresHistory() {
        return "SELECT 1 WHERE to_regclass('" + HISTORY + "') IS NOT NULL";
    }

    private static int version(Connection connection, String history) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet exists = statement.executeQuery(history)) {
                if (!exists.next()) {
                    return 0;
                }
            }
            // A failed step leaves success = false: then the newest good version is what counts and Flyway says why.
            try (ResultSet version = statement.executeQuery("SELECT MAX(CAST(version AS INTEGER)) FROM " + HISTORY
                    + " WHERE version IS NOT NULL AND success AND NOT EXISTS (SELECT 1 FROM " + HISTORY
                    + " WHERE NOT success)")) {
                return version.next() ? version.getInt(1) : 0;
            }
        }
    }
}
