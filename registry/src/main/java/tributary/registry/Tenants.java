package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// The tenants of this installation.
public interface Tenants {
    /// One customer's closed world.
    ///
    /// @param title what people call it
    record Tenant(TenantId id, String title, Instant createdAt) {}

    /// A tenant that is not there any more.
    ///
    /// @param erasedAt when nothing of what it sent was left, or null as long as something is
    record Removed(TenantId id, Instant removedAt, @Nullable Instant erasedAt) {}

    /// @throws AlreadyExistsException where the id is taken, or was that of a tenant whose data is not erased yet
    Tenant add(TenantId id, String title);

    Optional<Tenant> find(TenantId id);

    /// @return all tenants by id
    List<Tenant> all();

    /// Removes a tenant with all that the registry has of it. Its credentials are worth nothing from now on, and
    /// [Credentials#onRevoked] listeners hear it. What it sent is erased by others, who then call [#erased].
    ///
    /// @return whether it existed
    /// @throws IllegalArgumentException for the tenant `main`, which is the operator's own
    boolean remove(TenantId id);

    /// @return tenants that were removed, the oldest first, until somebody else gets their id
    List<Removed> removed();

    /// Nothing of what a removed tenant sent is left: its id may be given to somebody else.
    void erased(TenantId id);
}
