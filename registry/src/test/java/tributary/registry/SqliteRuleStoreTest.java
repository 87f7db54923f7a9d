package tributary.registry;

final class SqliteRuleStoreTest extends RuleStoreContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
