package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.PlatformException;

final class MigrationTest {
    private static final Migration.Snapshot NEVER = version -> {
        throw new AssertionError("nothing is upgraded here, and a copy of version " + version + " was made");
    };

    @TempDir
    Path folder;

    private String url() {
        return "jdbc:sqlite:" + folder.resolve("registry.db");
    }

    private Flyway flyway(String url) {
        return Migration.sqliteFlyway().dataSource(url, null, null).load();
    }

    @Test
    void everyScriptInTheFolderIsInTheListInOrder() throws Exception {
        URI resource = getClass().getResource("/" + Migration.FOLDER).toURI();
        try (Stream<Path> files = Files.list(Path.of(resource))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Migration.SCRIPTS);
        }
        assertThat(IntStream.range(0, Migration.VERSION)
                        .allMatch(i -> Migration.SCRIPTS.get(i).startsWith("V" + (i + 1) + "__")))
                .isTrue();
    }

    @Test
    void freshFileHasTheSchemaThatFlywayMakes() throws Exception {
        String byFlyway = "jdbc:sqlite:" + folder.resolve("flyway.db");
        flyway(byFlyway).migrate();
        try (Connection fresh = DriverManager.getConnection(url());
                Connection migrated = DriverManager.getConnection(byFlyway)) {
            Migration.sqlite(fresh, url(), NEVER);

            assertThat(schema(fresh)).isEqualTo(schema(migrated)).hasSizeGreaterThan(10);
        }
    }

    /// Tables and indexes as SQL, without comments and white space, which Flyway hands over differently.
    private static Set<String> schema(Connection connection) throws SQLException {
        Set<String> schema = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")) {
            while (row.next()) {
                schema.add(row.getString(1)
                        .replaceAll("(?m)--.*$", "")
                        .replaceAll("\\s+", "")
                        .replace("\"main\".", ""));
            }
        }
        return schema;
    }

    @Test
    void flywayFindsNothingToDoInAFreshFileAndRunsWhatComesLater() throws Exception {
        try (Connection fresh = DriverManager.getConnection(url())) {
            Migration.sqlite(fresh, url(), NEVER);
        }

        assertThat(flyway(url()).migrate().migrationsExecuted).isZero();
        Path later = Files.createDirectory(folder.resolve("later"));
        Files.writeString(
                later.resolve("V%d__more.sql".formatted(Migration.VERSION + 1)), "CREATE TABLE more (id ${name});");
        MigrateResult result = Migration.sqliteFlyway()
                .locations("classpath:" + Migration.FOLDER, "filesystem:" + later)
                .dataSource(url(), null, null)
                .load()
                .migrate();
        assertThat(result.migrations).extracting(one -> one.version).isEqualTo(List.of("" + (Migration.VERSION + 1)));
    }

    @Test
    void fileOfAnOlderVersionIsCopiedBeforeItIsUpgraded() throws Exception {
        Migration.sqliteFlyway()
                .target("5")
                .dataSource(url(), null, null)
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO tenant (id, title, created) VALUES ('acme', 'Acme', 0)");
        }

        try (Database upgraded = SqliteFile.open(folder.resolve("registry.db"))) {
            assertThat(upgraded.<Integer>read(handle -> handle.createQuery("SELECT COUNT(*) FROM alert")
                            .mapTo(Integer.class)
                            .one()))
                    .isZero();
        }
        Path copy = folder.resolve("snapshots/registry-schema-5.db");
        assertThat(Files.list(copy.getParent())).containsExactly(copy);
        try (Connection before = DriverManager.getConnection("jdbc:sqlite:" + copy);
                Statement statement = before.createStatement();
                ResultSet row = statement.executeQuery("SELECT title FROM tenant WHERE id = 'acme'")) {
            assertThat(row.getString(1)).isEqualTo("Acme");
            assertThat(schema(before)).noneMatch(table -> table.startsWith("CREATETABLEalert"));
        }
        try (Database again = SqliteFile.open(folder.resolve("registry.db"))) {
            assertThat(again).as("an upgraded file opens without another copy").isNotNull();
        }
        assertThat(Files.list(copy.getParent())).containsExactly(copy);
    }

    @Test
    void fileOfANewerVersionIsRefused() throws Exception {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            Migration.sqlite(connection, url(), NEVER);
            statement.executeUpdate("UPDATE flyway_schema_history SET version = '999'");

            assertThatThrownBy(() -> Migration.sqlite(connection, url(), NEVER))
                    .isInstanceOf(PlatformException.class)
                    .hasMessageContaining("newer Tributary (schema 999")
                    .hasMessageContaining("backup");
        }
    }

    @Test
    void halfMadeFileIsLeftToFlyway() throws Exception {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE somebody_elses (id TEXT)");

            assertThatThrownBy(() -> Migration.sqlite(connection, url(), NEVER))
                    .isInstanceOf(PlatformException.class)
                    .hasMessageContaining("non-empty schema")
                    .hasMessageContaining("a database of its own");
        }
    }
}
