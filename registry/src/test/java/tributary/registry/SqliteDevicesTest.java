package tributary.registry;

final class SqliteDevicesTest extends DevicesContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
