package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import tributary.model.TenantId;

/// The dashboards that tenants keep: texts by name, each with the versions before it.
public interface Dashboards {
    /// Dashboards that a tenant may have.
    int PER_TENANT_MAX = 200;

    /// Versions of a dashboard that are kept, the current one included.
    int VERSIONS_MAX = 20;

    /// Bytes of one text.
    int TEXT_BYTES_MAX = 128 << 10;

    /// Names one.
    ///
    /// @param name letters, digits, `.`, `_` and `-`, beginning with a letter or digit
    record DashboardName(TenantId tenant, String name) {
        public DashboardName {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
        }
    }

    /// What it looks like.
    ///
    /// @param title for people
    /// @param yaml  all of it; the registry keeps it and does not read it
    record Text(String title, String yaml) {
        public Text {
            Objects.requireNonNull(title, "title");
            Objects.requireNonNull(yaml, "yaml");
        }
    }

    /// One text of a dashboard.
    ///
    /// @param version 1 for the first; one more with each change
    record KeptDashboard(DashboardName id, int version, Text text, Instant savedAt, String savedBy) {
        public KeptDashboard {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(savedAt, "savedAt");
            Objects.requireNonNull(savedBy, "savedBy");
        }
    }

    /// Keeps the text as the newest version; one that is no other than the newest makes none.
    ///
    /// @param expected the version that the change was made of, 0 for none; empty overrules whatever there is
    /// @param by       who saves it
    /// @throws StaleVersionException    where another version is the newest
    /// @throws IllegalArgumentException where a text is too long or no name, or the tenant has its most of them
    KeptDashboard save(DashboardName id, Text text, OptionalInt expected, String by, Instant at);

    Optional<KeptDashboard> find(DashboardName id);

    /// @return all of the tenant's by name
    List<KeptDashboard> all(TenantId tenant);

    /// @return the texts that it had, the newest first
    List<KeptDashboard> versions(DashboardName id);

    /// Removes it with its versions.
    ///
    /// @return whether it existed
    boolean remove(DashboardName id);
}
