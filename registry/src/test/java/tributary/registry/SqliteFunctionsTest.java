package tributary.registry;

final class SqliteFunctionsTest extends FunctionsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
