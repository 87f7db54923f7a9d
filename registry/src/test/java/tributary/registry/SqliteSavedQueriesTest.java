package tributary.registry;

final class SqliteSavedQueriesTest extends SavedQueriesContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
