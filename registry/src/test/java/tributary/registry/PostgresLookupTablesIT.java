package tributary.registry;

import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresLookupTablesIT extends LookupTablesContract {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @Override
    RegistrySettings emptyDatabase() {
        return POSTGRES.emptyDatabase();
    }
}
