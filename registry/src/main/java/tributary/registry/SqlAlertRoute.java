package tributary.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import tributary.model.Quote;
import tributary.model.TenantId;

/// Routes of alerts in the database: a row a sink.
final class SqlAlertRoute implements AlertRoute {
    private final Database database;
    private final AtomicLong changes = new AtomicLong();

    SqlAlertRoute(Database database) {
        this.database = database;
    }

    @Override
    public List<String> of(TenantId tenant) {
        return database.read(
                handle -> handle.createQuery("SELECT sink FROM alert_route WHERE tenant = :tenant ORDER BY sink")
                        .bind("tenant", tenant.value())
                        .mapTo(String.class)
                        .list());
    }

    @Override
    public Map<TenantId, List<String>> all() {
        return database.read(handle -> {
            Map<TenantId, List<String>> all = new TreeMap<>();
            handle.createQuery("SELECT tenant, sink FROM alert_route ORDER BY tenant, sink")
                    .map((row, _) -> Map.entry(new TenantId(row.getString("tenant")), row.getString("sink")))
                    .forEach(one -> all.computeIfAbsent(one.getKey(), _ -> new ArrayList<>())
                            .add(one.getValue()));
            return all;
        });
    }

    @Override
    public void set(TenantId tenant, List<String> sinks) {
        if (sinks.size() > SINKS_MAX) {
            throw new IllegalArgumentException("alerts go to at most %d sinks".formatted(SINKS_MAX));
        }
        database.write(handle -> {
            delete(handle, tenant);
            for (String sink : new TreeSet<>(sinks)) {
                insert(handle, tenant, sink);
            }
            return new Database.Written<>(true, changes::incrementAndGet);
        });
    }

    private static void delete(Handle handle, TenantId tenant) {
        handle.createUpdate("DELETE FROM alert_route WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .execute();
    }

    private static void insert(Handle handle, TenantId tenant, String sink) {
        int rows = Checked.storable(sink)
                ? handle.createUpdate("INSERT INTO alert_route (tenant, sink)"
                                + " SELECT tenant, name FROM sink WHERE tenant = :tenant AND name = :sink")
                        .bind("tenant", tenant.value())
                        .bind("sink", sink)
                        .execute()
                : 0;
        if (rows == 0) {
            throw new IllegalArgumentException(
                    "there is no sink '%s'; see tributary sink ls".formatted(Quote.shorten(sink)));
        }
    }

    /// The sink is about to go.
    ///
    /// @return what is to be done when it is gone
    Runnable leave(Handle handle, TenantId tenant, String sink) {
        int rows = handle.createUpdate("DELETE FROM alert_route WHERE tenant = :tenant AND sink = :sink")
                .bind("tenant", tenant.value())
                .bind("sink", sink)
                .execute();
        return rows == 0 ? () -> {} : changes::incrementAndGet;
    }

    @Override
    public long changes() {
        return changes.get();
    }
}
