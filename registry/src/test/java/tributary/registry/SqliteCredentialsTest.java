package tributary.registry;

final class SqliteCredentialsTest extends CredentialsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
