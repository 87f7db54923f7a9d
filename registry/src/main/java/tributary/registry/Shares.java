package tributary.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;
import tributary.registry.Dashboards.DashboardName;

/// Links that show one dashboard to whoever has them, until they expire or are revoked. Only digests of their secrets
/// are kept.
public interface Shares {
    /// Links that a tenant may have; expired ones do not count.
    int PER_TENANT_MAX = 100;

    /// How long one may be good.
    Duration LIFE_MAX = Duration.ofDays(366);

    /// Bytes of what variables hold.
    int HELD_BYTES_MAX = 16 << 10;

    /// A link.
    ///
    /// @param id        names it without giving it away
    /// @param of        the dashboard that it shows
    /// @param held      JSON, what the dashboard's variables hold; the registry does not read it
    /// @param expiresAt from when on it shows nothing
    record Share(String id, DashboardName of, String held, Instant madeAt, String madeBy, Instant expiresAt) {
        public Share {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(of, "of");
            Objects.requireNonNull(held, "held");
            Objects.requireNonNull(madeAt, "madeAt");
            Objects.requireNonNull(madeBy, "madeBy");
            Objects.requireNonNull(expiresAt, "expiresAt");
        }
    }

    /// @param secret shown this once
    record Made(Share share, String secret) {}

    /// Makes a link.
    ///
    /// @return it, or empty where there is no such dashboard
    /// @throws IllegalArgumentException where the tenant has its most of them, or the life is too long or none
    Optional<Made> make(DashboardName of, String held, Duration life, String by);

    /// In memory.
    ///
    /// @return the dashboard's links that are good, the oldest first
    List<Share> of(DashboardName of);

    /// Makes a link worthless at once.
    ///
    /// @return whether the dashboard had it
    boolean revoke(DashboardName of, String id);

    /// In memory.
    ///
    /// @return what the secret of a link stands for now
    Optional<Share> open(String secret);

    /// In memory.
    ///
    /// @return the tenant's link of that id, where it is good
    Optional<Share> find(TenantId tenant, String id);

    /// @return whether the text may be the secret of a link, rather than of something else
    static boolean claimsToBe(String text) {
        return text.startsWith(Secret.SHARE);
    }
}
