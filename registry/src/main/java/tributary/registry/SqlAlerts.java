package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import tributary.model.TenantId;

/// Alerts in the database.
final class SqlAlerts implements Alerts {
    private static final int KEY_BYTES_MAX = 2000;
    private static final String COLUMNS = "SELECT tenant, rule, name, alert_key, state, severity, device, payload,"
            + " raises, first_raised, raised, changed, acked_by, acked FROM alert";
    private static final String ONE = " WHERE tenant = :tenant AND rule = :rule AND name = :name AND alert_key = :key";

    private final Database database;

    SqlAlerts(Database database) {
        this.database = database;
    }

    @Override
    public void apply(List<Change> changes, long position) {
        database.write(handle -> {
            long from = position(handle).orElse(-1L);
            for (Change change : changes) {
                if (change.position() >= from && known(handle, change.key())) {
                    take(handle, change);
                }
            }
            handle.createUpdate("INSERT INTO alert_position (id, position) VALUES (1, :position)"
                            + " ON CONFLICT (id) DO UPDATE SET position = excluded.position")
                    .bind("position", position)
                    .execute();
            return Database.Written.only(true);
        });
    }

    /// A rule that was removed meanwhile, and keys that no database can keep, have no alerts.
    private static boolean known(Handle handle, Key key) {
        return Checked.storable(key.key())
                && Checked.storable(key.name())
                && key.key().length() <= KEY_BYTES_MAX
                && Checked.storable(key.rule())
                && handle.createQuery("SELECT COUNT(*) FROM rule WHERE tenant = :tenant AND name = :rule")
                                .bind("tenant", key.tenant().value())
                                .bind("rule", key.rule())
                                .mapTo(Integer.class)
                                .one()
                        == 1;
    }

    private static void take(Handle handle, Change change) {
        boolean raises = change.what().equals("raised");
        boolean clears = change.what().equals("cleared");
        long at = change.at().toEpochMilli();
        handle.createUpdate("INSERT INTO alert (tenant, rule, name, alert_key, state, severity, device,"
                        + " payload, raises, first_raised, raised, changed, acked_by, acked)"
                        + " VALUES (:tenant, :rule, :name, :key, :state, :severity, :device, :payload,"
                        + " 1, :at, :at, :at, '', 0)"
                        + " ON CONFLICT (tenant, rule, name, alert_key) DO UPDATE SET"
                        + (raises
                                ? " state = 'raised', raises = alert.raises + 1, raised = excluded.raised,"
                                        + " acked_by = '', acked = 0,"
                                : clears ? " state = 'cleared'," : "")
                        + " severity = excluded.severity, device = excluded.device, payload = excluded.payload,"
                        + " changed = excluded.changed")
                .bind("tenant", change.key().tenant().value())
                .bind("rule", change.key().rule())
                .bind("name", change.key().name())
                .bind("key", change.key().key())
                .bind("state", clears ? State.CLEARED.slug() : State.RAISED.slug())
                .bind("severity", kept(change.severity()))
                .bind("device", kept(change.device()))
                .bind("payload", kept(change.payload()))
                .bind("at", at)
                .execute();
    }

    private static String kept(String text) {
        return Checked.storable(text) ? text : "";
    }

    @Override
    public Optional<Long> position() {
        return database.read(SqlAlerts::position);
    }

    private static Optional<Long> position(Handle handle) {
        return handle.createQuery("SELECT position FROM alert_position WHERE id = 1")
                .mapTo(Long.class)
                .findOne();
    }

    @Override
    public List<Alert> list(TenantId tenant, Optional<State> state, String rule) {
        if (!Checked.storable(rule)) {
            return List.of();
        }
        return database.read(handle -> {
            Query query = handle.createQuery(COLUMNS + " WHERE tenant = :tenant"
                            + (state.isPresent() ? " AND state = :state" : " AND state <> 'cleared'")
                            + (rule.isEmpty() ? "" : " AND rule = :rule")
                            + " ORDER BY raised DESC, rule, name, alert_key LIMIT " + LIST_MAX)
                    .bind("tenant", tenant.value());
            state.ifPresent(wanted -> query.bind("state", wanted.slug()));
            if (!rule.isEmpty()) {
                query.bind("rule", rule);
            }
            return query.map((row, _) -> alert(row)).list();
        });
    }

    @Override
    public Optional<Alert> acknowledge(Key key, String by, Instant at) {
        if (!Checked.storable(key.rule()) || !Checked.storable(key.name()) || !Checked.storable(key.key())) {
            return Optional.empty();
        }
        return database.write(handle -> {
            handle.createUpdate("UPDATE alert SET state = 'acknowledged', acked_by = :by, acked = :at" + ONE
                            + " AND state = 'raised'")
                    .bind("by", by)
                    .bind("at", at.toEpochMilli())
                    .bind("tenant", key.tenant().value())
                    .bind("rule", key.rule())
                    .bind("name", key.name())
                    .bind("key", key.key())
                    .execute();
            return Database.Written.only(handle.createQuery(COLUMNS + ONE + " AND state = 'acknowledged'")
                    .bind("tenant", key.tenant().value())
                    .bind("rule", key.rule())
                    .bind("name", key.name())
                    .bind("key", key.key())
                    .map((row, _) -> alert(row))
                    .findOne());
        });
    }

    @Override
    public int forget(Instant clearedBefore) {
        return database.write(handle -> Database.Written.only(
                handle.createUpdate("DELETE FROM alert WHERE state = 'cleared' AND changed < :before")
                        .bind("before", clearedBefore.toEpochMilli())
                        .execute()));
    }

    private static Alert alert(ResultSet row) throws SQLException {
        return new Alert(
                new Key(
                        new TenantId(row.getString("tenant")),
                        row.getString("rule"),
                        row.getString("name"),
                        row.getString("alert_key")),
                State.of(row.getString("state")),
                row.getString("severity"),
                row.getString("device"),
                row.getString("payload"),
                row.getLong("raises"),
                Instant.ofEpochMilli(row.getLong("first_raised")),
                Instant.ofEpochMilli(row.getLong("raised")),
                Instant.ofEpochMilli(row.getLong("changed")),
                row.getString("acked_by"),
                Instant.ofEpochMilli(row.getLong("acked")));
    }
}
