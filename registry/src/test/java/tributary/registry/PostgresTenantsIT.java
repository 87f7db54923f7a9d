package tributary.registry;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresTenantsIT extends TenantsContract {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private @Nullable RegistrySettings database;

    @Override
    RegistrySettings emptyDatabase() {
        RegistrySettings fresh = POSTGRES.emptyDatabase();
        database = fresh;
        return fresh;
    }

    @Override
    Connection connect() throws SQLException {
        RegistrySettings of = requireNonNull(database);
        try {
            String password = Files.readString(Path.of(of.passwordFile())).strip();
            return DriverManager.getConnection(of.url(), of.user(), password);
        } catch (IOException e) {
            throw new SQLException(e);
        }
    }
}
