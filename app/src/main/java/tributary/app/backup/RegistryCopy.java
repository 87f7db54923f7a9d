package tributary.app.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Copies of SQLite's databases.
final class RegistryCopy {
    private static final String URL = "jdbc:sqlite:";

    private RegistryCopy() {}

    /// A whole copy of a database that may be written meanwhile.
    static void database(Path from, Path to) throws IOException {
        Files.deleteIfExists(to);
        try (Connection connection = DriverManager.getConnection(URL + from + "?busy_timeout=10000");
                PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, to.toString());
            vacuum.execute();
        } catch (SQLException e) {
            throw new IOException("cannot copy " + from + ": " + e.getMessage(), e);
        }
    }

    /// Puts the alerts of an earlier copy into a later one, with how far they had come: those of the later one
    /// may know what rules said after what they said was copied.
    static void alertsOf(Path registry, Path earlier) throws IOException {
        try (Connection connection = DriverManager.getConnection(URL + registry);
                PreparedStatement attach = connection.prepareStatement("ATTACH ? AS earlier");
                Statement statement = connection.createStatement()) {
            attach.setString(1, earlier.toString());
            attach.execute();
            if (!has(statement, "earlier", "alert_position")) {
                return; // a folder of a version that knew no alerts
            }
            connection.setAutoCommit(false);
            statement.execute("DELETE FROM main.alert");
            statement.execute("INSERT INTO main.alert SELECT a.* FROM earlier.alert AS a"
                    + " JOIN main.rule AS r ON r.tenant = a.tenant AND r.name = a.rule");
            statement.execute("DELETE FROM main.alert_position");
            statement.execute("INSERT INTO main.alert_position SELECT * FROM earlier.alert_position");
            connection.commit();
        } catch (SQLException e) {
            throw new IOException("the copy of the registry cannot be finished: " + e.getMessage(), e);
        }
    }

    private static boolean has(Statement statement, String schema, String table) throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT 1 FROM %s.sqlite_master WHERE type = 'table' AND name = '%s'".formatted(schema, table))) {
            return rows.next();
        }
    }
}
