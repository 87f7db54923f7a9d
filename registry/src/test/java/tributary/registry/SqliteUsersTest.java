package tributary.registry;

final class SqliteUsersTest extends UsersContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
