package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tributary.model.Micros;
import tributary.model.TenantId;

/// Tenants in the database.
final class SqlTenants implements Tenants {
    private static final int TITLE_BYTES_MAX = 200;

    private final Database database;
    private final DeviceTrees trees;
    private final InstantSource clock;

    SqlTenants(Database database, DeviceTrees trees, InstantSource clock) {
        this.database = database;
        this.trees = trees;
        this.clock = clock;
    }

    @Override
    public Tenant add(TenantId id, String title) {
        Checked.text("a tenant's title", title, TITLE_BYTES_MAX);
        Tenant tenant = new Tenant(id, title, Micros.rounded(clock.instant()));
        return database.write(handle -> {
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
        return database.read(handle -> handle.createQuery("SELECT id, title, created FROM tenant WHERE id = :id")
                .bind("id", id.value())
                .map((row, _) -> tenant(row))
                .findOne());
    }

    @Override
    public List<Tenant> all() {
        return database.read(handle -> handle.createQuery("SELECT id, title, created FROM tenant ORDER BY id")
                .map((row, _) -> tenant(row))
                .list());
    }

    private static Tenant tenant(ResultSet row) throws SQLException {
        Instant created = Micros.instant(row.getLong("created"));
        return new Tenant(new TenantId(row.getString("id")), row.getString("title"), created);
    }
}
