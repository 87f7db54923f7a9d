package tributary.lake;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.apache.iceberg.jdbc.JdbcClientPool;
import tributary.model.SecretFile;

/// Connections to the catalogue in PostgreSQL. What gets no answer is never tried again here.
///
/// Iceberg's own pool would: after a commit whose answer was lost it sends the statement a second time, which changes
/// nothing and so looks like a conflict, and files of the commit that was made may be thrown away. Whoever commits here
/// looks at the table instead.
final class PostgresPool extends JdbcClientPool {
    private static final int CONNECTIONS = 4;
    private static final long CONNECT_MILLIS = 10_000;

    private final HikariDataSource connections;

    PostgresPool(Warehouse warehouse) throws IOException {
        super(1, warehouse.catalog(), Map.of());
        HikariConfig config = new HikariConfig();
        config.setPoolName("lake-catalog");
        config.setJdbcUrl(warehouse.catalog());
        config.setUsername(warehouse.user());
        config.setPassword(
                warehouse.passwordFile().isEmpty()
                        ? null
                        : SecretFile.read("lake.catalog-password-file", warehouse.passwordFile()));
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setInitializationFailTimeout(-1); // the first who asks hears of it
        config.addDataSourceProperty("ApplicationName", "tributary-lake");
        config.addDataSourceProperty("socketTimeout", "60");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        this.connections = new HikariDataSource(config);
    }

    @Override
    public <R> R run(Action<R, Connection, SQLException> action) throws SQLException, InterruptedException {
        return run(action, false);
    }

    @Override
    public <R> R run(Action<R, Connection, SQLException> action, boolean retry)
            throws SQLException, InterruptedException {
        try (Connection connection = connections.getConnection()) {
            return action.run(connection);
        }
    }

    @Override
    public void close() {
        connections.close();
        super.close();
    }
}
