package tributary.registry;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import tributary.model.TenantId;

/// Limits of tenants in the database, and all of them in one table in memory that is replaced as a whole.
///
/// Read by any thread. Memory is changed only by the holder of the database's write lock.
final class SqlTenantLimits implements TenantLimits {
    private final Database database;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /// Immutable, with no empty map in it.
    private volatile Map<TenantId, Map<Limit, Long>> table = Map.of();

    SqlTenantLimits(Database database) {
        this.database = database;
    }

    void load(Handle handle) {
        Map<TenantId, Map<Limit, Long>> loaded = new HashMap<>();
        handle.createQuery("SELECT tenant, name, value FROM tenant_limit")
                .map((row, _) -> {
                    TenantId tenant = new TenantId(row.getString("tenant"));
                    long value = row.getLong("value");
                    Limit.named(row.getString("name"))
                            .ifPresent(limit -> loaded.computeIfAbsent(tenant, _ -> new EnumMap<>(Limit.class))
                                    .put(limit, value));
                    return true;
                })
                .list();
        loaded.replaceAll((_, limits) -> Map.copyOf(limits));
        replace(loaded);
    }

    @Override
    public Map<TenantId, Map<Limit, Long>> all() {
        return table;
    }

    @Override
    public boolean set(TenantId tenant, Map<Limit, Long> limits) {
        limits.forEach(SqlTenantLimits::check);
        return database.write(handle -> {
            if (!exists(handle, tenant)) {
                return Database.Written.only(false);
            }
            handle.createUpdate("DELETE FROM tenant_limit WHERE tenant = :tenant")
                    .bind("tenant", tenant.value())
                    .execute();
            insert(handle, tenant, limits);
            return new Database.Written<>(true, () -> replace(tenant, limits));
        });
    }

    private static void check(Limit limit, long value) {
        if (value < limit.least() || value > limit.most()) {
            throw new IllegalArgumentException("'%s' is %d to %d (%s), was %d"
                    .formatted(limit.label(), limit.least(), limit.most(), limit.meaning(), value));
        }
    }

    private static boolean exists(Handle handle, TenantId tenant) {
        Optional<Integer> found = handle.createQuery("SELECT 1 FROM tenant WHERE id = :id")
                .bind("id", tenant.value())
                .mapTo(Integer.class)
                .findOne();
        return found.isPresent();
    }

    private static void insert(Handle handle, TenantId tenant, Map<Limit, Long> limits) {
        if (limits.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch("INSERT INTO tenant_limit (tenant, name, value) VALUES (:tenant, :name, :value)");
        limits.forEach((limit, value) -> batch.bind("tenant", tenant.value())
                .bind("name", limit.label())
                .bind("value", value)
                .add());
        batch.execute();
    }

    /// The tenant is gone.
    void forget(TenantId tenant) {
        replace(tenant, Map.of());
    }

    private void replace(TenantId tenant, Map<Limit, Long> limits) {
        Map<TenantId, Map<Limit, Long>> next = new HashMap<>(table);
        if (limits.isEmpty()) {
            next.remove(tenant);
        } else {
            next.put(tenant, Map.copyOf(limits));
        }
        replace(next);
    }

    private void replace(Map<TenantId, Map<Limit, Long>> next) {
        Map<TenantId, Map<Limit, Long>> fresh = Map.copyOf(next);
        if (!fresh.equals(table)) {
            table = fresh;
            listeners.forEach(Runnable::run);
        }
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
