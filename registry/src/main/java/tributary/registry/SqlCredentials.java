package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Credentials in the database, with what verifying needs in memory.
final class SqlCredentials implements Credentials {
    /// Credentials that a change makes worthless, and what that does to memory.
    record Revocation(List<String> credentials, Runnable apply) {}

    /// A credential as the database tells it when it is revoked or deleted.
    private record Dead(String id, @Nullable String secret, long expires) {}

    /// Longer texts are refused before anything is decoded.
    static final int PRESENTED_CHARS_MAX = 8 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(SqlCredentials.class);
    static final Duration VALID_MAX = Duration.ofDays(3_660);
    private static final Duration KEPT_DEAD = Duration.ofDays(30);
    static final int ID_CHARS = 13;
    private static final String TOKEN = "token";
    private static final String JWT = "jwt";
    private static final String KEY = "key";

    private final Database database;
    private final DeviceTrees trees;
    private final KeyRing keys;
    private final StaticSecrets secrets;
    private final SignedTokens signed;
    private final RegistrySettings settings;
    private final World world;
    private final CredentialUses uses;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    SqlCredentials(
            Database database,
            DeviceTrees trees,
            RegistrySettings settings,
            World world,
            KeyRing keys,
            CredentialUses uses) {
        this.database = database;
        this.uses = uses;
        this.trees = trees;
        this.settings = settings;
        this.world = world;
        this.keys = keys;
        this.secrets = new StaticSecrets(world.clock());
        this.signed = new SignedTokens(keys, trees, world, settings);
    }

    /// Takes over what the database has.
    void load(Handle handle) {
        keys.load(handle);
        secrets.load(handle);
        signed.load(handle);
    }

    /// Deletes what has been worthless for long; what died lately is still worth a clear answer.
    void tidy(Handle handle) {
        handle.createUpdate(
                        "DELETE FROM credential WHERE expires <= :long" + " OR (revoked <= :long AND kind <> 'jwt')")
                .bind("long", world.nowMicros() - KEPT_DEAD.toSeconds() * 1_000_000)
                .execute();
        handle.createUpdate("DELETE FROM removed_token WHERE expires <= :now")
                .bind("now", world.nowMicros())
                .execute();
    }

    @Override
    public Verdict verify(String presented) {
        if (presented.length() > PRESENTED_CHARS_MAX) {
            return new Verdict.Refused(
                    Reason.MALFORMED, "longer than " + PRESENTED_CHARS_MAX + " characters", null, "");
        }
        Verdict verdict = Secret.claimsToBe(presented) ? secrets.verify(presented) : signed.verify(presented);
        if (verdict instanceof Verdict.Accepted accepted) {
            uses.note(accepted.principal().credential());
        }
        return verdict;
    }

    @Override
    public boolean revoked(String credential) {
        return signed.revoked(credential) || secrets.revoked(credential);
    }

    @Override
    public boolean same(TenantId tenant, String former, String subject) {
        return former.equals(subject)
                || Grant.isKey(former)
                        && Grant.isKey(subject)
                        && secrets.alike(tenant, Grant.key(former), Grant.key(subject));
    }

    @Override
    public boolean gone(TenantId tenant, String subject) {
        return Grant.isKey(subject) && !secrets.good(tenant, Grant.key(subject));
    }

    @Override
    public Issued issueToken(TenantId tenant, DeviceId device, @Nullable Duration validFor) {
        return issueSecret(TOKEN, Grant.device(tenant, device), validFor);
    }

    @Override
    public Issued issueKey(
            TenantId tenant,
            String title,
            Principal.Role role,
            Set<TopicFilter> publish,
            Set<TopicFilter> subscribe,
            @Nullable Duration validFor) {
        return issueSecret(KEY, new Grant(tenant, null, title, role, publish, subscribe), validFor);
    }

    private Issued issueSecret(String kind, Grant grant, @Nullable Duration validFor) {
        String secret = Secret.random(grant.device() == null ? Secret.API_KEY : Secret.DEVICE_TOKEN, world.random());
        Sha256 digest = Sha256.of(secret);
        Instant now = world.now();
        Principal principal = grant.principal(newId(), expiry(now, validFor));
        database.write(handle -> {
            Runnable made = insert(handle, kind, grant, principal, digest.hex());
            return new Database.Written<>(true, () -> {
                made.run();
                secrets.put(digest, principal, grant.title());
            });
        });
        return new Issued(principal.credential(), secret, principal.expiresAt());
    }

    @Override
    public Issued issueJwt(
            TenantId tenant,
            DeviceId device,
            Duration validFor,
            Algorithm algorithm,
            Set<TopicFilter> publish,
            Set<TopicFilter> subscribe) {
        Grant grant = new Grant(tenant, device, "", Principal.Role.DEVICE, publish, subscribe);
        Instant issuedAt = world.now().truncatedTo(ChronoUnit.SECONDS);
        Instant expiresAt = Objects.requireNonNull(expiry(issuedAt, validFor)).truncatedTo(ChronoUnit.SECONDS);
        Principal principal = grant.principal(newId(), expiresAt);
        String text = signed.sign(principal, issuedAt, expiresAt, algorithm);
        database.write(handle -> new Database.Written<>(true, insert(handle, JWT, grant, principal, null)));
        return new Issued(principal.credential(), text, expiresAt);
    }

    /// Writes the row, after making room for it among the holder's others.
    ///
    /// @return what that does to memory
    private Runnable insert(Handle handle, String kind, Grant grant, Principal principal, @Nullable String secret) {
        DeviceTrees.Forest forest = trees.forest(grant.tenant());
        DeviceId device = grant.device();
        if (device != null && !forest.nodes.containsKey(device)) {
            throw new IllegalArgumentException("there is no device '" + device + "'");
        }
        long now = world.nowMicros();
        Runnable tidied = makeRoom(handle, grant, now);
        handle.createUpdate("""
                        INSERT INTO credential
                            (id, tenant, kind, device, title, role, publish, subscribe, secret, issued, expires)
                        VALUES
                            (:id, :tenant, :kind, :device, :title, :role, :publish, :subscribe, :secret, :issued, :expires)""")
                .bind("id", principal.credential())
                .bind("tenant", grant.tenant().value())
                .bind("kind", kind)
                .bind("device", device == null ? null : device.value())
                .bind("title", grant.title())
                .bind("role", grant.role().name())
                .bind("publish", JsonText.filters(grant.publish()))
                .bind("subscribe", JsonText.filters(grant.subscribe()))
                .bind("secret", secret)
                .bind("issued", now)
                .bind("expires", Micros.orNull(principal.expiresAt()))
                .execute();
        return tidied;
    }

    /// Deletes what is dead where the holder has its most; a revoked JWT stays until it expires.
    private Runnable makeRoom(Handle handle, Grant grant, long now) {
        String holder = holder(grant.device());
        String device = grant.device() == null ? "" : grant.device().value();
        String count = "SELECT COUNT(*) FROM credential WHERE tenant = :tenant AND " + holder;
        if (count(handle, count, grant.tenant(), device) < settings.credentialsPerHolderMax()) {
            return () -> {};
        }
        List<Dead> dead = handle.createQuery("DELETE FROM credential WHERE tenant = :tenant AND " + holder
                        + " AND (expires <= :now OR revoked IS NOT NULL AND kind <> 'jwt')"
                        + " RETURNING id, secret, expires")
                .bind("tenant", grant.tenant().value())
                .bind("device", device)
                .bind("now", now)
                .map((row, _) -> dead(row))
                .list();
        if (count(handle, count, grant.tenant(), device) >= settings.credentialsPerHolderMax()) {
            throw new IllegalArgumentException(
                    "%s has its most of %d credentials (registry.credentials-per-holder); revoke some first"
                            .formatted(
                                    grant.device() == null ? "the tenant" : "'" + device + "'",
                                    settings.credentialsPerHolderMax()));
        }
        return () -> dead.forEach(this::forget);
    }

    /// @return the condition for what the device holds, or applications where null
    private static String holder(@Nullable DeviceId device) {
        return device == null ? "device IS NULL" : "device = :device";
    }

    private static int count(Handle handle, String sql, TenantId tenant, String device) {
        return handle.createQuery(sql)
                .bind("tenant", tenant.value())
                .bind("device", device)
                .mapTo(Integer.class)
                .one();
    }

    @Override
    public List<Issue> issued(TenantId tenant, @Nullable DeviceId device) {
        String holder = holder(device);
        return database.read(handle -> handle.createQuery(
                        "SELECT id, kind, title, role, issued, expires, used, revoked FROM credential WHERE tenant = :tenant AND "
                                + holder + " AND (expires IS NULL OR expires > :now) ORDER BY issued, id")
                .bind("tenant", tenant.value())
                .bind("device", device == null ? "" : device.value())
                .bind("now", world.nowMicros())
                .map((row, _) -> issue(row))
                .list());
    }

    /// What another credential is to be like.
    private record Model(String kind, Grant grant, @Nullable Duration validFor) {}

    @Override
    public Optional<Issued> replace(TenantId tenant, @Nullable DeviceId device, String credential) {
        String holder = holder(device);
        Optional<Model> model = database.read(handle -> handle.createQuery(
                        "SELECT kind, title, role, publish, subscribe, issued, expires FROM credential"
                                + " WHERE tenant = :tenant AND id = :id AND revoked IS NULL AND " + holder)
                .bind("tenant", tenant.value())
                .bind("id", credential)
                .bind("device", device == null ? "" : device.value())
                .map((row, _) -> model(row, tenant, device))
                .findOne());
        return model.map(like -> like.kind.equals(JWT)
                ? issueJwt(
                        tenant,
                        Objects.requireNonNull(device, "a JWT is a device's"),
                        Objects.requireNonNull(like.validFor, "a JWT expires"),
                        Algorithm.RS256,
                        like.grant.publish(),
                        like.grant.subscribe())
                : issueSecret(like.kind, like.grant, like.validFor));
    }

    private static Model model(ResultSet row, TenantId tenant, @Nullable DeviceId device) throws SQLException {
        Instant expires = Columns.instant(row, "expires");
        return new Model(
                row.getString("kind"),
                new Grant(
                        tenant,
                        device,
                        row.getString("title"),
                        Principal.Role.valueOf(row.getString("role")),
                        JsonText.filters(row.getString("publish")),
                        JsonText.filters(row.getString("subscribe"))),
                expires == null ? null : Duration.between(Micros.instant(row.getLong("issued")), expires));
    }

    @Override
    public boolean revoke(TenantId tenant, String credential) {
        List<String> revoked = database.write(handle -> {
            Revocation revocation = revoke(handle, tenant, "id = :which", credential);
            return new Database.Written<>(revocation.credentials(), revocation.apply());
        });
        announce(revoked);
        return !revoked.isEmpty();
    }

    /// Revokes all that a device has, within another change.
    Revocation revokeAllOf(Handle handle, TenantId tenant, DeviceId device) {
        return revoke(handle, tenant, "device = :which AND revoked IS NULL", device.value());
    }

    private Revocation revoke(Handle handle, TenantId tenant, String condition, String which) {
        List<Dead> dead = handle.createQuery("UPDATE credential SET revoked = COALESCE(revoked, :now)"
                        + " WHERE tenant = :tenant AND " + condition + " RETURNING id, secret, expires")
                .bind("now", world.nowMicros())
                .bind("tenant", tenant.value())
                .bind("which", which)
                .map((row, _) -> dead(row))
                .list();
        List<String> ids = new ArrayList<>(dead.size());
        dead.forEach(one -> ids.add(one.id()));
        return new Revocation(ids, () -> dead.forEach(this::revoked));
    }

    /// Whatever a tenant had that is removed is worth nothing. Its signed tokens are remembered until they would have
    /// expired, because whoever gets the tenant's name may give a device the same name, too.
    Revocation removeAllOf(Handle handle, TenantId tenant) {
        List<Dead> dead = handle.createQuery("SELECT id, secret, expires FROM credential WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .map((row, _) -> dead(row))
                .list();
        handle.createUpdate("INSERT INTO removed_token (id, expires) SELECT id, expires FROM credential"
                        + " WHERE tenant = :tenant AND kind = 'jwt' AND expires > :now")
                .bind("tenant", tenant.value())
                .bind("now", world.nowMicros())
                .execute();
        return new Revocation(
                dead.stream().map(Dead::id).toList(),
                () -> dead.forEach(one -> {
                    if (one.secret() == null) {
                        signed.revoke(one.id(), one.expires());
                    } else {
                        forget(one);
                    }
                }));
    }

    private void revoked(Dead dead) {
        if (dead.secret() != null) {
            secrets.revoke(Sha256.parse(dead.secret()));
        } else {
            signed.revoke(dead.id(), dead.expires());
        }
    }

    private void forget(Dead dead) {
        if (dead.secret() != null) {
            secrets.forget(Sha256.parse(dead.secret()));
        }
    }

    /// Tells the listeners, after the change is durable and in memory.
    void announce(List<String> credentials) {
        for (String credential : credentials) {
            for (Consumer<String> listener : listeners) {
                try {
                    listener.accept(credential);
                } catch (RuntimeException e) {
                    LOG.error(
                            "A listener failed on the revocation of {}; the others hear it all the same",
                            credential,
                            e);
                }
            }
        }
    }

    @Override
    public void rotateKeys(Duration overlap) {
        if (overlap.isNegative() || overlap.compareTo(VALID_MAX) > 0) {
            throw new IllegalArgumentException("keys overlap for 0 to " + VALID_MAX.toDays() + " days");
        }
        keys.rotate(overlap);
    }

    @Override
    public String jwks() {
        return keys.jwks();
    }

    @Override
    public void onRevoked(Consumer<String> listener) {
        listeners.add(listener);
    }

    private String newId() {
        return Secret.randomText(ID_CHARS, world.random());
    }

    private static @Nullable Instant expiry(Instant now, @Nullable Duration validFor) {
        if (validFor == null) {
            return null;
        }
        if (validFor.isNegative() || validFor.isZero() || validFor.compareTo(VALID_MAX) > 0) {
            throw new IllegalArgumentException(
                    "a credential is valid for more than nothing and at most " + VALID_MAX.toDays() + " days");
        }
        return now.plus(validFor);
    }

    private static Dead dead(ResultSet row) throws SQLException {
        return new Dead(row.getString("id"), row.getString("secret"), row.getLong("expires"));
    }

    private Issue issue(ResultSet row) throws SQLException {
        return new Issue(
                row.getString("id"),
                row.getString("kind"),
                row.getString("title"),
                Principal.Role.valueOf(row.getString("role")),
                Micros.instant(row.getLong("issued")),
                Columns.instant(row, "expires"),
                uses.last(row.getString("id"), Columns.instant(row, "used")),
                Columns.number(row, "revoked") != null);
    }
}
