package tributary.registry;

import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresSharesIT extends SharesContract {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @Override
    RegistrySettings emptyDatabase() {
        return POSTGRES.emptyDatabase();
    }
}
