package tributary.registry;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jdbi.v3.core.Jdbi;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.SecretFile;

/// Opens the registry in a PostgreSQL database, of which this process is the only user: what the doors ask is answered
/// from memory, and a second process would not hear of a revocation. An advisory lock, held by a connection of its
/// own, keeps a second one out.
final class PostgresServer implements Database.Connections {
    private static final int CONNECTIONS = 8;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int CLAIM_TIMEOUT_MILLIS = 5_000;
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /// Any number that nobody else uses in this database: "tribut" in ASCII.
    private static final long LOCK = 0x747269627574L;

    private final HikariDataSource pool;
    private final Connection lock;

    private PostgresServer(HikariDataSource pool, Connection lock) {
        this.pool = pool;
        this.lock = lock;
    }

    static Database open(RegistrySettings settings) {
        String place = settings.url().replaceFirst("\\?.*", "");
        try {
            Properties login = login(settings);
            Connection lock = DriverManager.getConnection(settings.url(), login);
            try {
                claim(lock, place);
                HikariDataSource pool = pool(settings.url(), login);
                try {
                    Migration.postgres(lock, () -> Migration.postgresFlyway().dataSource(pool));
                    Jdbi jdbi = Jdbi.create(pool);
                    return new Database(jdbi, jdbi, place, new PostgresServer(pool, lock));
                } catch (RuntimeException | SQLException e) {
                    pool.close();
                    throw e;
                }
            } catch (RuntimeException | SQLException e) {
                lock.close();
                throw e;
            }
        } catch (SQLException | PoolInitializationException e) {
            throw new PlatformException(
                    Fault.REGISTRY_FAILED,
                    "The registry's database %s cannot be opened: %s. Check registry.url, registry.user and registry.password-file, and that the server runs."
                            .formatted(place, e.getMessage()),
                    e);
        }
    }

    private static Properties login(RegistrySettings settings) {
        Properties login = new Properties();
        login.setProperty("user", settings.user());
        login.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_MILLIS / 1000));
        login.setProperty("ApplicationName", "tributary");
        if (!settings.passwordFile().isEmpty()) {
            try {
                login.setProperty("password", SecretFile.read("registry.password-file", settings.passwordFile()));
            } catch (IOException e) {
                throw new PlatformException(Fault.REGISTRY_FAILED, String.valueOf(e.getMessage()), e);
            }
        }
        return login;
    }

    /// Waits a little, because the server may take a moment to notice that the process before this one is gone.
    private static void claim(Connection connection, String place) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = " + CLAIM_TIMEOUT_MILLIS);
            statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            statement.execute("SET lock_timeout = 0");
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new PlatformException(
                        Fault.REGISTRY_FAILED,
                        "Another Tributary uses the registry at " + place
                                + ". Stop it first, or give this one a database of its own.",
                        e);
            }
            throw e;
        }
    }

    private static HikariDataSource pool(String url, Properties login) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("registry");
        config.setJdbcUrl(url);
        config.setDataSourceProperties(login);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        return new HikariDataSource(config);
    }

    @Override
    public void close() throws SQLException {
        pool.close();
        lock.close();
    }
}
