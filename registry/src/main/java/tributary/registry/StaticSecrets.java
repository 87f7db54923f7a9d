package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Device tokens and API keys in memory, by their digests.
///
/// Read by any thread. Changed only by the holder of the database's write lock.
final class StaticSecrets {
    private record Entry(Principal principal, boolean revoked) {}

    private final InstantSource clock;

    /// Replaced as a whole by [#load].
    private volatile Map<Sha256, Entry> entries = Map.of();

    StaticSecrets(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /// Takes over what the database has.
    void load(Handle handle) {
        Map<Sha256, Entry> loaded = new ConcurrentHashMap<>();
        handle.createQuery(
                        "SELECT id, tenant, device, role, publish, subscribe, secret, expires, revoked FROM credential WHERE secret IS NOT NULL")
                .scanResultSet((rows, _) -> {
                    ResultSet row = rows.get();
                    while (row.next()) {
                        boolean revoked = Columns.number(row, "revoked") != null;
                        loaded.put(Sha256.parse(row.getString("secret")), new Entry(principal(row), revoked));
                    }
                    return true;
                });
        entries = loaded;
    }

    void put(Sha256 secret, Principal principal) {
        entries.put(secret, new Entry(principal, false));
    }

    void revoke(Sha256 secret) {
        entries.computeIfPresent(secret, (_, entry) -> new Entry(entry.principal(), true));
    }

    /// Looks at all: this is asked seldom.
    boolean revoked(String credential) {
        return entries.values().stream()
                .anyMatch(entry ->
                        entry.revoked() && entry.principal().credential().equals(credential));
    }

    void forget(Sha256 secret) {
        entries.remove(secret);
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
