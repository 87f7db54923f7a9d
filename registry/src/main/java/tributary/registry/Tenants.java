package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tributary.model.TenantId;

/// The tenants of this installation.
public interface Tenants {
    /// One customer's closed world.
    ///
    /// @param title what people call it
    record Tenant(TenantId id, String title, Instant createdAt) {}

    /// @throws AlreadyExistsException where the id is taken
    Tenant add(TenantId id, String title);

    Optional<Tenant> find(TenantId id);

    /// @return all tenants by id
    List<Tenant> all();
}
