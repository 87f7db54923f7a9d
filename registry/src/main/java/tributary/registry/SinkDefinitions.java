package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;

/// Where the outputs of rules may go, by tenant and name, with the secrets that it takes kept apart.
public interface SinkDefinitions {
    /// @param name      how a rule names it: letters, digits, `.`, `_` and `-`, beginning with a letter or digit
    /// @param id        of this definition's life: changing keeps it, removing and adding again gives another
    /// @param type      `webhook`, `folder` and so on
    /// @param config    a JSON object, as text; no secret is in it
    /// @param changedAt when it was saved last
    record SinkDefinition(TenantId tenant, String name, String id, String type, String config, Instant changedAt) {
        public SinkDefinition {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(config, "config");
            Objects.requireNonNull(changedAt, "changedAt");
        }
    }

    /// Keeps the definition and exactly these secrets under its name, in place of what was there.
    ///
    /// @param secrets by name; never shown to anybody again
    /// @return whether there was none of that name
    /// @throws IllegalArgumentException where a text is too long or no name, or the tenant has its most of them
    boolean save(SinkDefinition sink, Map<String, String> secrets);

    Optional<SinkDefinition> find(TenantId tenant, String name);

    /// @return the secrets by name, for the sink itself and for nobody else
    Map<String, String> secrets(SinkDefinition sink);

    /// @return all of the tenant's by name
    List<SinkDefinition> all(TenantId tenant);

    /// @return those of all tenants
    List<SinkDefinition> all();

    /// In memory.
    ///
    /// @return another number after each change that was made here
    long changes();

    /// Removes the definition, its secrets and its dead letters.
    ///
    /// @return whether it existed
    boolean remove(TenantId tenant, String name);
}
