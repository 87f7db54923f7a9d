package tributary.registry;

final class SqliteTenantLimitsTest extends TenantLimitsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
