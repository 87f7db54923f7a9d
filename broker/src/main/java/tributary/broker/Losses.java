package tributary.broker;

import tributary.model.TenantId;

/// Hears what limits cost the sessions of tenants: messages that are gone for them for good.
@FunctionalInterface
public interface Losses {
    /// On the broker's thread; must not block.
    ///
    /// @param clientId whose session it was; "" for what others of the tenant lost together, and groups
    /// @param count    messages since the last time
    void lost(TenantId tenant, String clientId, long count);
}
