package tributary.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Brings the schema to the version that this build needs.
///
/// Flyway runs what is missing and keeps the history. Starting it costs more than a second, a good part of what a start
/// may take, so it is not even loaded in the two common cases: where its own history table already says that the schema
/// is at [#VERSION], and in an empty SQLite file. There the scripts are run here, in one transaction, and the history
/// says what Flyway itself would say of a database that it found at that version: a baseline.
final class Migration {
    static final String FOLDER = "tributary/registry/migration";

    /// The scripts in their order; a test holds the list against the folder.
    static final List<String> SCRIPTS = List.of(
            "V1__registry.sql",
            "V2__certificates.sql",
            "V3__first_seen.sql",
            "V4__saved_query.sql",
            "V5__rule.sql",
            "V6__alert.sql",
            "V7__sink.sql",
            "V8__dashboard.sql",
            "V9__alert_life.sql",
            "V10__removed_tenant.sql",
            "V11__function.sql",
            "V12__credential_used.sql",
            "V13__dashboard_share.sql",
            "V14__tenant_limit.sql",
            "V15__alert_route.sql",
            "V16__lookup_table.sql");

    static final int VERSION = SCRIPTS.size();

    private static final String HISTORY = "flyway_schema_history";
    private static final String SQLITE_NAME = "TEXT";
    private static final String POSTGRES_NAME = "TEXT COLLATE \"C\"";
    private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*--.*$");
    private static final Pattern STATEMENT_END = Pattern.compile(";\\s*(?:\\n|$)");

    /// The table as Flyway makes it in SQLite.
    private static final String SQLITE_HISTORY = """
            CREATE TABLE "flyway_schema_history" (
                "installed_rank" INT NOT NULL PRIMARY KEY,
                "version" VARCHAR(50),
                "description" VARCHAR(200) NOT NULL,
                "type" VARCHAR(20) NOT NULL,
                "script" VARCHAR(1000) NOT NULL,
                "checksum" INT,
                "installed_by" VARCHAR(100) NOT NULL,
                "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
                "execution_time" INT NOT NULL,
                "success" BOOLEAN NOT NULL
            );
            CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
            """;

    private Migration() {}

    /// Keeps what a database was before it is changed.
    interface Snapshot {
        /// @param version that it has
        void take(int version) throws SQLException;
    }

    static void sqlite(Connection connection, String url, Snapshot snapshot) throws SQLException {
        if (isEmpty(connection)) {
            create(connection);
        } else {
            migrate(
                    connection,
                    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '" + HISTORY + "'",
                    snapshot,
                    () -> flyway(SQLITE_NAME).dataSource(url, null, null));
        }
    }

    /// Takes no snapshot: the server's own tools do that better.
    static void postgres(Connection connection, Supplier<FluentConfiguration> target) throws SQLException {
        migrate(connection, "SELECT 1 WHERE to_regclass('" + HISTORY + "') IS NOT NULL", _ -> {}, target);
    }

    /// @return Flyway for PostgreSQL, without its data source
    static FluentConfiguration postgresFlyway() {
        return flyway(POSTGRES_NAME);
    }

    /// @return Flyway for SQLite, without its data source
    static FluentConfiguration sqliteFlyway() {
        return flyway(SQLITE_NAME);
    }

    /// @param name the type of names: text that is compared byte by byte
    private static FluentConfiguration flyway(String name) {
        return Flyway.configure()
                .locations("classpath:" + FOLDER)
                .table(HISTORY)
                .placeholders(Map.of("name", name));
    }

    /// @param history a query that has a row where the history table exists
    private static void migrate(
            Connection connection, String history, Snapshot snapshot, Supplier<FluentConfiguration> flyway)
            throws SQLException {
        int found = version(connection, history);
        if (found > VERSION) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "The registry was made by a newer Tributary (schema %d, this one knows %d). Start that version, or restore a backup made before the upgrade."
                            .formatted(found, VERSION));
        }
        if (found < VERSION) {
            if (found > 0) {
                snapshot.take(found);
            }
            try {
                flyway.get().load().migrate();
            } catch (FlywayException e) {
                throw new PlatformException(
                        Fault.REGISTRY_FAILED,
                        "The registry's tables cannot be made or brought up to date: %s Give Tributary a database of its own, or restore a backup."
                                .formatted(e.getMessage()),
                        e);
            }
        }
    }

    private static int version(Connection connection, String history) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet exists = statement.executeQuery(history)) {
                if (!exists.next()) {
                    return 0;
                }
            }
            // After a step that failed the version counts as unknown: Flyway looks and says what to do.
            try (ResultSet version = statement.executeQuery("SELECT MAX(CAST(version AS INTEGER)) FROM " + HISTORY
                    + " WHERE version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + HISTORY + " WHERE NOT success)")) {
                return version.next() ? version.getInt(1) : 0;
            }
        }
    }

    private static boolean isEmpty(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet anything = statement.executeQuery("SELECT 1 FROM sqlite_master LIMIT 1")) {
            return !anything.next();
        }
    }

    private static void create(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String script : SCRIPTS) {
                run(statement, read(script).replace("${name}", SQLITE_NAME));
            }
            run(statement, SQLITE_HISTORY);
            statement.executeUpdate("INSERT INTO " + HISTORY
                    + " (installed_rank, version, description, type, script, installed_by, execution_time, success)"
                    + " VALUES (1, '" + VERSION
                    + "', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', '', 0, 1)");
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static void run(Statement statement, String script) throws SQLException {
        for (String one : STATEMENT_END
                .splitAsStream(COMMENT.matcher(script).replaceAll(""))
                .toList()) {
            if (!one.isBlank()) {
                statement.executeUpdate(one);
            }
        }
    }

    private static String read(String script) {
        try (InputStream file = Migration.class.getResourceAsStream("/" + FOLDER + "/" + script)) {
            return new String(Objects.requireNonNull(file, script).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the build lacks " + script, e);
        }
    }
}
