package tributary.registry;

/// Who and what there is: tenants, people, devices, sensors and what proves who somebody is.
///
/// The durable truth is a database; what the doors ask on every message is answered from memory. Every variant passes
/// `RegistryContract`. Methods block and may throw [tributary.model.PlatformException] with `REGISTRY_FAILED`, except
/// those that say "in memory".
public interface Registry extends AutoCloseable {
    /// @return the tenants
    Tenants tenants();

    /// @return limits that hold for one tenant in place of those of the settings
    TenantLimits limits();

    /// @return the devices of all tenants
    Devices devices();

    /// @return which devices something came from
    Sightings sightings();

    /// @return the sensors, as they were discovered and described
    Sensors sensors();

    /// @return people, their roles and their sessions
    Users users();

    /// @return device tokens, API keys and signed tokens: issue, verify, revoke
    Credentials credentials();

    /// @return authorities that tenants brought, and certificates of devices: verify, revoke
    Certificates certificates();

    /// @return statements that tenants keep by name
    SavedQueries queries();

    /// @return the dashboards that tenants keep
    Dashboards dashboards();

    /// @return links to dashboards, for whoever has them
    Shares shares();

    /// @return the rules that tenants keep
    RuleStore rules();

    /// @return the functions that tenants wrote for their rules
    Functions functions();

    /// @return the alerts of rules
    Alerts alerts();

    /// @return when alerts go nowhere
    Silences silences();

    /// @return where outputs of rules may go
    SinkDefinitions sinks();

    /// @return tables that rules look into
    LookupTables tables();

    /// @return the sinks that alerts of tenants go to, whatever their rules say
    AlertRoute alertRoute();

    /// @return what sinks could not deliver
    DeadLetters deadLetters();

    @Override
    void close();
}
