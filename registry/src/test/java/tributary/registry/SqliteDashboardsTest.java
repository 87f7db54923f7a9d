package tributary.registry;

final class SqliteDashboardsTest extends DashboardsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
