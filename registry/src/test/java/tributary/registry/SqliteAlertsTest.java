package tributary.registry;

final class SqliteAlertsTest extends AlertsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
