package tributary.registry;

final class SqliteSharesTest extends SharesContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
