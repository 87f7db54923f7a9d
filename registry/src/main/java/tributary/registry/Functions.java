package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;

/// The functions that tenants wrote for their rules, and the texts that each had.
public interface Functions {
    /// Functions that a tenant may have.
    int PER_TENANT_MAX = 100;

    /// Versions of a function that are kept, the current one included.
    int VERSIONS_MAX = 50;

    /// A function's name within its tenant: small letters, digits and `_`, no digit first.
    record FunctionName(TenantId tenant, String name) {
        public FunctionName {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
        }
    }

    /// A version of a function.
    ///
    /// @param version from 1, one more with each change of the text
    /// @param text    JavaScript
    /// @param savedAt when it became the current one
    /// @param savedBy who did that
    record KeptFunction(String name, int version, String text, Instant savedAt, String savedBy) {
        public KeptFunction {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(savedAt, "savedAt");
            Objects.requireNonNull(savedBy, "savedBy");
        }
    }

    /// Keeps a text under a name, as a new version where it differs from the one that is there.
    ///
    /// @return the function as it is now
    /// @throws IllegalArgumentException where the text is too long or no name, or the tenant has its most of them
    default KeptFunction save(FunctionName function, String text, String by, Instant at) {
        return save(function, text, List.of(), by, at);
    }

    /// The same of a function that rules call.
    ///
    /// @param callers the rules that begin afresh with a text that differs: what they raised ends, as nobody else
    ///                would clear it
    KeptFunction save(FunctionName function, String text, List<String> callers, String by, Instant at);

    Optional<KeptFunction> find(FunctionName function);

    /// @return the tenant's functions by name
    List<KeptFunction> all(TenantId tenant);

    /// @return the functions of all tenants that have some
    Map<TenantId, List<KeptFunction>> all();

    /// @return the versions that are kept, the newest first
    List<KeptFunction> versions(FunctionName function);

    /// @return whether it existed
    boolean remove(FunctionName function);

    /// In memory: grows with each change of any function.
    long changes();
}
