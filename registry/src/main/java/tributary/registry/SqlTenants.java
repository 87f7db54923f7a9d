package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.TenantId;

/// Tenants in the database.
final class SqlTenants implements Tenants {
    private static final int TITLE_BYTES_MAX = 200;

    private final Database database;
    private final DeviceTrees trees;
    private final InstantSource clock;
    private final Holders holders;

    /// Who has something of tenants in memory.
    record Holders(
            SqlCredentials credentials,
            SqlUsers users,
            SqlCertificates certificates,
            SqlRuleStore rules,
            SqlAlerts alerts,
            SqlSilences silences,
            SqlShares shares,
            SqlTenantLimits limits) {}

    SqlTenants(Database database, DeviceTrees trees, InstantSource clock, Holders holders) {
        this.database = database;
        this.trees = trees;
        this.clock = clock;
        this.holders = holders;
    }

    @Override
    public Tenant add(TenantId id, String title) {
        Checked.text("a tenant's title", title, TITLE_BYTES_MAX);
        Tenant tenant = new Tenant(id, title, Micros.rounded(clock.instant()));
        return database.write(handle -> {
            boolean leaving = handle.createQuery("SELECT 1 FROM removed_tenant WHERE id = :id AND erased IS NULL")
                    .bind("id", id.value())
                    .mapTo(Integer.class)
                    .findOne()
                    .isPresent();
            if (leaving) {
                throw new AlreadyExistsException("a tenant '" + id + "' was removed and what it sent is still being"
                        + " erased; its name is free when that is done, or take another");
            }
            handle.createUpdate("DELETE FROM removed_tenant WHERE id = :id")
                    .bind("id", id.value())
                    .execute();
            int added = handle.createUpdate(
                            "INSERT INTO tenant (id, title, created) VALUES (:id, :title, :created) ON CONFLICT (id) DO NOTHING")
                    .bind("id", id.value())
                    .bind("title", title)
                    .bind("created", Micros.of(tenant.createdAt()))
                    .execute();
            if (added == 0) {
                throw new AlreadyExistsException("there is a tenant '" + id + "' already");
            }
            return new Database.Written<>(tenant, () -> trees.plant(id));
        });
    }

    @Override
    public Optional<Tenant> find(TenantId id) {
        return database.read(handle -> find(handle, id));
    }

    private static Optional<Tenant> find(Handle handle, TenantId id) {
        return handle.createQuery("SELECT id, title, created FROM tenant WHERE id = :id")
                .bind("id", id.value())
                .map((row, _) -> tenant(row))
                .findOne();
    }

    @Override
    public List<Tenant> all() {
        return database.read(handle -> handle.createQuery("SELECT id, title, created FROM tenant ORDER BY id")
                .map((row, _) -> tenant(row))
                .list());
    }

    @Override
    public boolean remove(TenantId id) {
        if (id.equals(TenantId.MAIN)) {
            throw new IllegalArgumentException("the tenant 'main' is the operator's own and stays");
        }
        Optional<List<String>> revoked = database.write(handle -> {
            if (find(handle, id).isEmpty()) {
                return Database.Written.only(Optional.empty());
            }
            List<SqlCredentials.Revocation> gone = List.of(
                    holders.credentials().removeAllOf(handle, id),
                    holders.users().removeAllOf(handle, id));
            TenantTables.empty(handle, id);
            handle.createUpdate("INSERT INTO removed_tenant (id, removed) VALUES (:id, :removed)")
                    .bind("id", id.value())
                    .bind("removed", Micros.of(clock.instant()))
                    .execute();
            List<String> credentials =
                    gone.stream().flatMap(one -> one.credentials().stream()).toList();
            return new Database.Written<>(Optional.of(credentials), () -> {
                trees.uproot(id); // first: from here on nothing of the tenant is taken
                gone.forEach(one -> one.apply().run());
                holders.certificates().forget(id);
                holders.rules().changed();
                holders.alerts().changed();
                holders.silences().forget(id);
                holders.shares().forget(id);
                holders.limits().forget(id);
            });
        });
        revoked.ifPresent(credentials -> {
            holders.credentials().announce(credentials);
            holders.certificates().changed();
        });
        return revoked.isPresent();
    }

    @Override
    public List<Removed> removed() {
        return database.read(handle -> handle.createQuery(
                        "SELECT id, removed, erased FROM removed_tenant ORDER BY removed, id")
                .map((row, _) -> new Removed(
                        new TenantId(row.getString("id")),
                        Micros.instant(row.getLong("removed")),
                        Columns.instant(row, "erased")))
                .list());
    }

    @Override
    public void erased(TenantId id) {
        database.write(handle -> Database.Written.only(
                handle.createUpdate("UPDATE removed_tenant SET erased = :now WHERE id = :id AND erased IS NULL")
                        .bind("now", Micros.of(clock.instant()))
                        .bind("id", id.value())
                        .execute()));
        database.scrub();
    }

    private static Tenant tenant(ResultSet row) throws SQLException {
        Instant created = Micros.instant(row.getLong("created"));
        return new Tenant(new TenantId(row.getString("id")), row.getString("title"), created);
    }
}
