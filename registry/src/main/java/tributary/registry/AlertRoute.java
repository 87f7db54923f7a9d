package tributary.registry;

import java.util.List;
import java.util.Map;
import tributary.model.TenantId;

/// The sinks that every alert of a tenant goes to, beside those that its rule names. The table of alerts, and with it
/// the portal, has all of them anyhow. A sink that is removed leaves the route.
public interface AlertRoute {
    /// As many sinks a tenant's route has at most.
    int SINKS_MAX = 10;

    /// @return names of sinks, in their order
    List<String> of(TenantId tenant);

    /// @return of every tenant that has a route
    Map<TenantId, List<String>> all();

    /// Replaces the route; none means that only the table of alerts has those of rules that name no sink. Durable
    /// when it returns.
    ///
    /// @throws IllegalArgumentException where there is no sink of a name, or there are too many
    void set(TenantId tenant, List<String> sinks);

    /// In memory.
    ///
    /// @return another number after each change that was made here
    long changes();
}
