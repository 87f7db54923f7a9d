package tributary.registry;

import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresTenantLimitsIT extends TenantLimitsContract {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @Override
    RegistrySettings emptyDatabase() {
        return POSTGRES.emptyDatabase();
    }
}
