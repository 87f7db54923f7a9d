package tributary.registry;

final class SqliteLookupTablesTest extends LookupTablesContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
