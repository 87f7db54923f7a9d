package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// What is particular to the SQLite file, and what happens when a database fails under the registry.
final class SqliteFileTest {
    private static final int PAGE = 4096;
    private static final DeviceId PUMP = new DeviceId("pump-1");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private final World world = new World(clock, new SecureRandom(), new ReadyKeys());

    private SqlRegistry open() {
        return SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world);
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("registry.db"));
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.executeUpdate(one);
            }
        }
    }

    private int rows(String table) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("registry.db"));
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            return count.getInt(1);
        }
    }

    private Device device(String id) {
        return new Device(TenantId.MAIN, new DeviceId(id), null, "", Map.of(), "{}", world.now());
    }

    @Test
    void filesPageOfZerosOrHalfAFileIsRefusedWithWhatToDoOrChangesNothing() throws Exception {
        try (SqlRegistry registry = open()) {
            for (int i = 0; i < 300; i++) {
                registry.devices().add(device("pump-" + i));
            }
        }
        Path file = folder.resolve("registry.db");
        byte[] sound = Files.readAllBytes(file);
        int refused = 0;
        for (int page = 0; page < sound.length; page += PAGE) {
            byte[] rotten = sound.clone();
            Arrays.fill(rotten, page, page + PAGE, (byte) 0);
            refused += opensWhole(rotten, file) ? 0 : 1;
            refused += page > 0 && opensWhole(Arrays.copyOf(sound, page), file) ? 0 : 1;
        }

        assertThat(refused).isGreaterThan(sound.length / PAGE);
    }

    private boolean opensWhole(byte[] bytes, Path file) throws IOException {
        Files.write(file, bytes);
        try (SqlRegistry registry = open()) {
            assertThat(registry.devices().find(TenantId.MAIN, new DeviceId("pump-299")))
                    .isPresent();
            return true;
        } catch (PlatformException e) {
            assertThat(e.fault()).isEqualTo(Fault.DATA_DAMAGED);
            assertThat(e.detail()).contains(file.toString(), "tributary restore");
            return false;
        }
    }

    @Test
    void everyCommitIsFlushedThroughAWriteAheadLog() throws Exception {
        open().close();
        try (Connection writer = SqliteFile.connect("jdbc:sqlite:" + folder.resolve("registry.db"), false);
                Statement statement = writer.createStatement()) {
            assertThat(pragma(statement, "journal_mode")).isEqualTo("wal");
            assertThat(pragma(statement, "synchronous")).as("2 is FULL").isEqualTo("2");
            assertThat(pragma(statement, "foreign_keys")).isEqualTo("1");
            assertThat(pragma(statement, "busy_timeout")).isEqualTo("5000");
            assertThat(pragma(statement, "query_only")).isEqualTo("0");
        }
        try (Connection reader = SqliteFile.connect("jdbc:sqlite:" + folder.resolve("registry.db"), true);
                Statement statement = reader.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate("DELETE FROM tenant"))
                    .hasMessageContaining("readonly");
        }
    }

    private static String pragma(Statement statement, String name) throws SQLException {
        try (ResultSet value = statement.executeQuery("PRAGMA " + name)) {
            return value.getString(1);
        }
    }

    @Test
    void changeThatTheDatabaseRefusesIsNotSeenInMemory() throws Exception {
        try (SqlRegistry registry = open()) {
            registry.credentials().jwks();
            sql("ALTER TABLE device RENAME TO device_away");

            assertThatThrownBy(() -> registry.devices().add(device("pump-1")))
                    .isInstanceOfSatisfying(
                            PlatformException.class, e -> assertThat(e.fault()).isEqualTo(Fault.REGISTRY_FAILED))
                    .hasMessageContaining("registry.db")
                    .hasMessageContaining("try again");

            assertThat(registry.devices().exists(TenantId.MAIN, PUMP)).isFalse();
        }
    }

    @Test
    void memoryIsLoadedAgainAfterAChangeOfUnknownFate() throws Exception {
        try (SqlRegistry registry = open()) {
            registry.credentials().jwks();
            registry.devices().add(device("pump-0"));
            String token = registry.credentials()
                    .issueToken(TenantId.MAIN, new DeviceId("pump-0"), null)
                    .secret();
            sql("ALTER TABLE device RENAME TO device_away");
            assertThatThrownBy(() -> registry.devices().add(device("pump-1"))).isInstanceOf(PlatformException.class);
            // As if the commit had reached the disk and only its answer had been lost.
            sql(
                    "ALTER TABLE device_away RENAME TO device",
                    "INSERT INTO device (tenant, id, type, metadata, created) VALUES ('main', 'pump-1', '', '{}', 0)",
                    "UPDATE credential SET revoked = 1");

            assertThatThrownBy(() -> registry.devices().add(device("pump-1")))
                    .isInstanceOf(AlreadyExistsException.class);

            assertThat(registry.devices().exists(TenantId.MAIN, PUMP)).isTrue();
            assertThat(registry.credentials().verify(token))
                    .isInstanceOfSatisfying(
                            Credentials.Verdict.Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Credentials.Reason.REVOKED));
        }
    }

    @Test
    void keysThatCouldNotBeMadeAreMadeByWhoeverNeedsThemNext() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        World.KeyMaker maker = algorithm -> {
            if (broken.get()) {
                throw new PlatformException(Fault.DISK_FAILED, "the disk fails on purpose");
            }
            return new ReadyKeys().make(algorithm);
        };
        try (SqlRegistry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder, new World(clock, new SecureRandom(), maker))) {
            assertThatThrownBy(() -> registry.credentials().jwks()).hasMessageContaining("on purpose");
            assertThatThrownBy(() -> registry.credentials().jwks()).hasMessageContaining("on purpose");

            broken.set(false);

            assertThat(registry.credentials().jwks()).contains("RS256", "EdDSA");
        }
    }

    @Test
    void whatIsLongDeadIsDeletedAtTheNextStart() throws Exception {
        try (SqlRegistry registry = open()) {
            registry.devices().add(device("pump-1"));
            registry.credentials().issueToken(TenantId.MAIN, PUMP, Duration.ofHours(1));
            registry.credentials().issueToken(TenantId.MAIN, PUMP, null);
            Users users = registry.users();
            users.redeem(users.oneTimeLink(TenantId.MAIN, Duration.ofMinutes(1)))
                    .orElseThrow();
        }

        clock.advance(Duration.ofDays(1));
        open().close();
        assertThat(rows("credential")).isEqualTo(2);
        assertThat(rows("session")).isZero();
        clock.advance(Duration.ofDays(31));
        open().close();

        assertThat(rows("credential")).isEqualTo(1);
    }
}
