package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;

/// Statements that a tenant keeps by name.
public interface SavedQueries {
    /// @param name        how it is asked for: letters, digits, `.`, `_` and `-`, beginning with a letter or digit
    /// @param statement   one SELECT, `:name` for what changes from call to call
    /// @param description what it is for, or ""
    /// @param parameters  a JSON object of default values by name, as text
    /// @param changedAt   when it was saved last
    record SavedQuery(
            TenantId tenant, String name, String statement, String description, String parameters, Instant changedAt) {
        public SavedQuery {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(statement, "statement");
            Objects.requireNonNull(description, "description");
            Objects.requireNonNull(parameters, "parameters");
            Objects.requireNonNull(changedAt, "changedAt");
        }
    }

    /// Keeps the statement under its name, in place of one that was there.
    ///
    /// @return whether there was none of that name
    /// @throws IllegalArgumentException where a text is too long or no name, or the tenant has its most of them
    boolean save(SavedQuery query);

    Optional<SavedQuery> find(TenantId tenant, String name);

    /// @return all of the tenant's by name
    List<SavedQuery> all(TenantId tenant);

    /// @return whether it existed
    boolean remove(TenantId tenant, String name);
}
