package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import tributary.model.TenantId;

/// Times of maintenance: alerts of some devices are kept then, and go nowhere.
public interface Silences {
    /// Silences that a tenant may have.
    int PER_TENANT_MAX = 1_000;

    /// What a silence is about.
    enum Kind {
        /// One device, by id.
        DEVICE,
        /// All of a type.
        TYPE,
        /// All with a label, `site=roof`.
        LABEL;

        /// @return the name in REST and in the table
        public String slug() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// @return the kind of that name
        /// @throws IllegalArgumentException where there is none
        public static Kind of(String slug) {
            return valueOf(slug.toUpperCase(Locale.ROOT));
        }
    }

    /// @param id        names it
    /// @param what      a device, a type, or a label as `name=value`
    /// @param from      the first moment
    /// @param to        the first moment behind
    /// @param reason    for people, or ""
    /// @param createdBy who made it
    record Silence(
            String id,
            TenantId tenant,
            Kind kind,
            String what,
            Instant from,
            Instant to,
            String reason,
            Instant createdAt,
            String createdBy) {
        public Silence {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(what, "what");
        }
    }

    /// Keeps a silence. Those that ended a month ago make room.
    ///
    /// @throws IllegalArgumentException where it ends before it begins, or the tenant has its most of them
    Silence add(Silence silence);

    /// @return whether it existed
    boolean remove(TenantId tenant, String id);

    /// @return the tenant's, those that end last first
    List<Silence> all(TenantId tenant);

    /// Mostly in memory.
    ///
    /// @param device that an alert is about, or ""
    /// @return whether an alert of that moment goes nowhere
    boolean covers(TenantId tenant, String device, Instant at);
}
