package tributary.registry;

import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresSinksIT extends SinksContract {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @Override
    RegistrySettings emptyDatabase() {
        return POSTGRES.emptyDatabase();
    }
}
