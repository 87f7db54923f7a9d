package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Device tokens and API keys in memory, by their digests.
///
/// Read by any thread. Changed only by the holder of the database's write lock.
final class StaticSecrets {
    private record Entry(Principal principal, String title, boolean revoked) {
        boolean isLike(Entry other) {
            return title.equals(other.title)
                    && principal.role() == other.principal.role()
                    && principal.publish().equals(other.principal.publish())
                    && principal.subscribe().equals(other.principal.subscribe());
        }
    }

    private final InstantSource clock;

    /// Replaced as a whole by [#load].
    private volatile Map<Sha256, Entry> entries = Map.of();

    /// The digests by the ids of their credentials.
    private volatile Map<String, Sha256> digests = Map.of();

    StaticSecrets(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /// Takes over what the database has.
    void load(Handle handle) {
        Map<Sha256, Entry> loaded = new ConcurrentHashMap<>();
        Map<String, Sha256> named = new ConcurrentHashMap<>();
        handle.createQuery(
                        "SELECT id, tenant, device, title, role, publish, subscribe, secret, expires, revoked FROM credential WHERE secret IS NOT NULL")
                .scanResultSet((rows, _) -> {
                    ResultSet row = rows.get();
                    while (row.next()) {
                        boolean revoked = Columns.number(row, "revoked") != null;
                        Sha256 digest = Sha256.parse(row.getString("secret"));
                        loaded.put(digest, new Entry(principal(row), row.getString("title"), revoked));
                        named.put(row.getString("id"), digest);
                    }
                    return true;
                });
        entries = loaded;
        digests = named;
    }

    void put(Sha256 secret, Principal principal, String title) {
        entries.put(secret, new Entry(principal, title, false));
        digests.put(principal.credential(), secret);
    }

    void revoke(Sha256 secret) {
        entries.computeIfPresent(secret, (_, entry) -> new Entry(entry.principal(), entry.title(), true));
    }

    boolean revoked(String credential) {
        Entry entry = named(credential);
        return entry != null && entry.revoked();
    }

    /// @return whether the tenant has a credential of that id which was not revoked
    boolean good(TenantId tenant, String credential) {
        Entry entry = named(credential);
        return entry != null && !entry.revoked() && entry.principal().tenant().equals(tenant);
    }

    /// @return whether the tenant has both credentials, with the same title and the same rights
    boolean alike(TenantId tenant, String one, String other) {
        Entry first = named(one);
        Entry second = named(other);
        return first != null
                && second != null
                && first.principal().tenant().equals(tenant)
                && second.principal().tenant().equals(tenant)
                && first.isLike(second);
    }

    private @Nullable Entry named(String credential) {
        Sha256 digest = digests.get(credential);
        return digest == null ? null : entries.get(digest);
    }

    void forget(Sha256 secret) {
        Entry entry = entries.remove(secret);
        if (entry != null) {
            digests.remove(entry.principal().credential());
        }
    }

    Credentials.Verdict verify(String presented) {
        if (!Secret.whole(presented)) {
            return refused(Credentials.Reason.MALFORMED, "mistyped or cut: its check characters do not fit");
        }
        Entry entry = entries.get(Sha256.of(presented));
        if (entry == null) {
            return refused(Credentials.Reason.UNKNOWN, "never issued here, or removed");
        }
        Principal principal = entry.principal();
        if (entry.revoked()) {
            return new Credentials.Verdict.Refused(
                    Credentials.Reason.REVOKED,
                    principal.credential() + " was revoked",
                    principal.tenant(),
                    principal.subject());
        }
        Instant expiresAt = principal.expiresAt();
        if (expiresAt != null && !clock.instant().isBefore(expiresAt)) {
            return new Credentials.Verdict.Refused(
                    Credentials.Reason.EXPIRED,
                    principal.credential() + " expired at " + expiresAt,
                    principal.tenant(),
                    principal.subject());
        }
        return new Credentials.Verdict.Accepted(principal);
    }

    private static Credentials.Verdict refused(Credentials.Reason reason, String detail) {
        return new Credentials.Verdict.Refused(reason, detail, null, "");
    }

    private static Principal principal(ResultSet row) throws SQLException {
        String device = row.getString("device");
        return new Grant(
                        new TenantId(row.getString("tenant")),
                        device == null ? null : new DeviceId(device),
                        "",
                        Principal.Role.valueOf(row.getString("role")),
                        JsonText.filters(row.getString("publish")),
                        JsonText.filters(row.getString("subscribe")))
                .principal(row.getString("id"), Columns.instant(row, "expires"));
    }
}
