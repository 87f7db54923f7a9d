package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.registry.Dashboards.DashboardName;

/// Links to dashboards in the database, and in memory to be asked on every request: what strangers try costs no look
/// into the database.
///
/// Read by any thread. Memory is changed only by the holder of the database's write lock.
final class SqlShares implements Shares {
    private final Database database;
    private final World world;

    /// Replaced as a whole by [#load].
    private volatile Map<Sha256, Share> shares = Map.of();

    SqlShares(Database database, World world) {
        this.database = database;
        this.world = world;
    }

    void load(Handle handle) {
        Map<Sha256, Share> loaded = new ConcurrentHashMap<>();
        handle.createQuery(
                        "SELECT secret, tenant, name, held, created, created_by, expires FROM dashboard_share WHERE expires > :now")
                .bind("now", world.nowMicros())
                .scanResultSet((rows, _) -> {
                    ResultSet row = rows.get();
                    while (row.next()) {
                        Sha256 secret = Sha256.parse(row.getString("secret"));
                        loaded.put(secret, share(secret, row));
                    }
                    return true;
                });
        shares = loaded;
    }

    @Override
    public Optional<Made> make(DashboardName of, String held, Duration life, String by) {
        if (life.isNegative() || life.isZero() || life.compareTo(LIFE_MAX) > 0) {
            throw new IllegalArgumentException(
                    "a link is good for some time, at most %d days".formatted(LIFE_MAX.toDays()));
        }
        Checked.text("what variables hold", held, HELD_BYTES_MAX);
        return database.write(handle -> {
            handle.createUpdate("DELETE FROM dashboard_share WHERE expires <= :now")
                    .bind("now", world.nowMicros())
                    .execute();
            if (!exists(handle, of)) {
                return Database.Written.only(Optional.empty());
            }
            if (count(handle, of.tenant()) >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant has at most %d links to dashboards; revoke some first".formatted(PER_TENANT_MAX));
            }
            String secret = Secret.random(Secret.SHARE, world.random());
            Sha256 digest = Sha256.of(secret);
            Instant now = world.now();
            Share share = new Share(id(digest), of, held, now, by, now.plus(life));
            add(handle, digest, share);
            return new Database.Written<>(Optional.of(new Made(share, secret)), () -> {
                shares.values().removeIf(one -> !good(one));
                shares.put(digest, share);
            });
        });
    }

    private static boolean exists(Handle handle, DashboardName of) {
        return Checked.storable(of.name())
                && handle.createQuery("SELECT 1 FROM dashboard WHERE tenant = :tenant AND name = :name")
                        .bind("tenant", of.tenant().value())
                        .bind("name", of.name())
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM dashboard_share WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static void add(Handle handle, Sha256 digest, Share share) {
        handle.createUpdate(
                        "INSERT INTO dashboard_share (secret, tenant, name, held, created, created_by, expires) VALUES (:secret, :tenant, :name, :held, :created, :by, :expires)")
                .bind("secret", digest.hex())
                .bind("tenant", share.of().tenant().value())
                .bind("name", share.of().name())
                .bind("held", share.held())
                .bind("created", Micros.of(share.madeAt()))
                .bind("by", share.madeBy())
                .bind("expires", Micros.of(share.expiresAt()))
                .execute();
    }

    @Override
    public List<Share> of(DashboardName of) {
        return good(share -> share.of().equals(of))
                .sorted(Comparator.comparing(Share::madeAt).thenComparing(Share::id))
                .toList();
    }

    @Override
    public boolean revoke(DashboardName of, String id) {
        return database.write(handle -> {
            Optional<Sha256> secret = shares.entrySet().stream()
                    .filter(one -> one.getValue().id().equals(id)
                            && one.getValue().of().equals(of))
                    .map(Map.Entry::getKey)
                    .findFirst();
            secret.ifPresent(digest -> handle.createUpdate("DELETE FROM dashboard_share WHERE secret = :secret")
                    .bind("secret", digest.hex())
                    .execute());
            return new Database.Written<>(secret.isPresent(), () -> secret.ifPresent(shares::remove));
        });
    }

    /// Takes away the links of a dashboard that goes.
    ///
    /// @return what that does to memory
    Runnable removeAllOf(Handle handle, DashboardName of) {
        handle.createUpdate("DELETE FROM dashboard_share WHERE tenant = :tenant AND name = :name")
                .bind("tenant", of.tenant().value())
                .bind("name", of.name())
                .execute();
        return () -> shares.values().removeIf(share -> share.of().equals(of));
    }

    /// The tenant is gone.
    void forget(TenantId tenant) {
        shares.values().removeIf(share -> share.of().tenant().equals(tenant));
    }

    @Override
    public Optional<Share> open(String secret) {
        if (!Shares.claimsToBe(secret) || !Secret.whole(secret)) {
            return Optional.empty();
        }
        return Optional.ofNullable(shares.get(Sha256.of(secret))).filter(this::good);
    }

    @Override
    public Optional<Share> find(TenantId tenant, String id) {
        return good(share -> share.id().equals(id) && share.of().tenant().equals(tenant))
                .findFirst();
    }

    private Stream<Share> good(Predicate<Share> which) {
        return shares.values().stream().filter(which).filter(this::good);
    }

    private boolean good(Share share) {
        return world.clock().instant().isBefore(share.expiresAt());
    }

    private static String id(Sha256 secret) {
        return "share-" + secret.hex().substring(0, 16);
    }

    private static Share share(Sha256 secret, ResultSet row) throws SQLException {
        return new Share(
                id(secret),
                new DashboardName(new TenantId(row.getString("tenant")), row.getString("name")),
                row.getString("held"),
                Micros.instant(row.getLong("created")),
                row.getString("created_by"),
                Micros.instant(row.getLong("expires")));
    }
}
