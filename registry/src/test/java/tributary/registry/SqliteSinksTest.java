package tributary.registry;

final class SqliteSinksTest extends SinksContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
