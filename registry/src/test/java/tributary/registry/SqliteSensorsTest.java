package tributary.registry;

final class SqliteSensorsTest extends SensorsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
