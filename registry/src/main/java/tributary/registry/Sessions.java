package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Who is signed in: digests of session secrets in the database, and in memory to be asked on every request.
///
/// Read by any thread. Changed only by the holder of the database's write lock.
final class Sessions {
    private static final int PER_HOLDER_MAX = 20;
    private static final Set<TopicFilter> EVERYTHING = Set.of(new TopicFilter("#"));

    /// Who is to be signed in.
    ///
    /// @param person the person's id, or null for whoever used a one-time link
    record Holder(TenantId tenant, @Nullable Long person, Principal.Role role) {}

    private final RegistrySettings settings;
    private final World world;

    /// Replaced as a whole by [#load].
    private volatile Map<Sha256, Principal> principals = Map.of();

    Sessions(RegistrySettings settings, World world) {
        this.settings = settings;
        this.world = world;
    }

    void load(Handle handle) {
        Map<Sha256, Principal> loaded = new ConcurrentHashMap<>();
        handle.createQuery("SELECT secret, tenant, person, role, expires FROM session WHERE expires > :now")
                .bind("now", world.nowMicros())
                .scanResultSet((rows, _) -> {
                    ResultSet row = rows.get();
                    while (row.next()) {
                        Sha256 secret = Sha256.parse(row.getString("secret"));
                        loaded.put(secret, principal(holder(row), secret, Micros.instant(row.getLong("expires"))));
                    }
                    return true;
                });
        principals = loaded;
    }

    void tidy(Handle handle) {
        delete(handle, "expires <= :which", world.nowMicros());
    }

    private static Holder holder(ResultSet row) throws SQLException {
        return new Holder(
                new TenantId(row.getString("tenant")),
                Columns.number(row, "person"),
                Principal.Role.valueOf(row.getString("role")));
    }

    Database.Written<Users.Session> open(Handle handle, Holder holder) {
        Instant now = world.now();
        Instant expiresAt = now.plus(settings.sessionLife());
        String secret = Secret.random(Secret.SESSION, world.random());
        Sha256 digest = Sha256.of(secret);
        List<Sha256> dropped = makeRoom(handle, holder, Micros.of(now));
        handle.createUpdate(
                        "INSERT INTO session (secret, tenant, person, role, created, expires) VALUES (:secret, :tenant, :person, :role, :now, :expires)")
                .bind("secret", digest.hex())
                .bind("tenant", holder.tenant().value())
                .bind("person", holder.person())
                .bind("role", holder.role().name())
                .bind("now", Micros.of(now))
                .bind("expires", Micros.of(expiresAt))
                .execute();
        Principal principal = principal(holder, digest, expiresAt);
        return new Database.Written<>(new Users.Session(secret, Users.csrf(secret), principal, expiresAt), () -> {
            dropped.forEach(principals::remove);
            principals.put(digest, principal);
        });
    }

    /// Ends what has expired, and the holder's oldest where there are too many.
    private static List<Sha256> makeRoom(Handle handle, Holder holder, long now) {
        List<Sha256> dropped = new ArrayList<>(delete(handle, "expires <= :which", now));
        List<String> mine = handle.createQuery("SELECT secret FROM session WHERE tenant = :tenant AND "
                        + (holder.person() == null ? "person IS NULL" : "person = :person")
                        + " ORDER BY created DESC, secret")
                .bind("tenant", holder.tenant().value())
                .bind("person", holder.person() == null ? 0 : holder.person())
                .mapTo(String.class)
                .list();
        for (String secret : mine.subList(Math.min(mine.size(), PER_HOLDER_MAX - 1), mine.size())) {
            dropped.addAll(delete(handle, "secret = :which", secret));
        }
        return dropped;
    }

    /// Ends every session of a person. Gives what that does to memory, and the ids for those who listen.
    SqlCredentials.Revocation endAllOf(Handle handle, long person) {
        return ended(delete(handle, "person = :which", person));
    }

    SqlCredentials.Revocation endAllOf(Handle handle, TenantId tenant) {
        return ended(delete(handle, "tenant = :which", tenant.value()));
    }

    SqlCredentials.Revocation end(Handle handle, String secret) {
        return ended(delete(handle, "secret = :which", Sha256.of(secret).hex()));
    }

    private SqlCredentials.Revocation ended(List<Sha256> secrets) {
        return new SqlCredentials.Revocation(
                secrets.stream().map(Sessions::id).toList(), () -> secrets.forEach(principals::remove));
    }

    private static List<Sha256> delete(Handle handle, String condition, Object which) {
        return handle.createQuery("DELETE FROM session WHERE " + condition + " RETURNING secret")
                .bind("which", which)
                .map((row, _) -> Sha256.parse(row.getString(1)))
                .list();
    }

    Optional<Principal> find(String secret) {
        if (!secret.startsWith(Secret.SESSION) || !Secret.whole(secret)) {
            return Optional.empty();
        }
        Principal principal = principals.get(Sha256.of(secret));
        if (principal == null || principal.expiresAt() == null) {
            return Optional.empty();
        }
        return world.clock().instant().isBefore(principal.expiresAt()) ? Optional.of(principal) : Optional.empty();
    }

    /// @return a name for the session that does not give it away
    private static String id(Sha256 secret) {
        return "session-" + secret.hex().substring(0, 16);
    }

    private static Principal principal(Holder holder, Sha256 secret, Instant expiresAt) {
        return new Principal(
                holder.tenant(),
                holder.person() == null ? "link:" + id(secret) : "user:" + holder.person(),
                Principal.Kind.PERSON,
                null,
                holder.role(),
                holder.role().compareTo(Principal.Role.OPERATOR) >= 0 ? EVERYTHING : Set.of(),
                EVERYTHING,
                expiresAt,
                id(secret));
    }
}
