package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Alerts in the database.
final class SqlAlerts implements Alerts {
    private static final int KEY_BYTES_MAX = 2000;

    /// Alerts of a storm that are written at once.
    private static final int PIECE = 1000;

    private static final String COLUMNS = "SELECT tenant, rule, name, alert_key, state, severity, device, payload,"
            + " raises, first_raised, raised, changed, acked_by, acked, ended_by, silenced FROM alert";
    private static final String ONE = " WHERE tenant = :tenant AND rule = :rule AND name = :name AND alert_key = :key";

    private static final String OF_STORM =
            " WHERE tenant = :tenant AND rule = :rule AND name = :name AND state = :state"
                    + " AND raised BETWEEN :from AND :to";

    private static final String EVENTS = "SELECT tenant, sequence, rule, name, alert_key, what, severity, device,"
            + " payload, at, who, silenced FROM alert_event WHERE tenant = :tenant";

    /// One row of each island of alerts that were raised close to each other, with how many there are in it.
    private static final String GROUPED = """
            WITH steps AS (
              SELECT *, CASE WHEN LAG(raised) OVER cause - raised > %d THEN 1 ELSE 0 END AS step FROM alert WHERE %s
              WINDOW cause AS (PARTITION BY rule, name, state ORDER BY raised DESC, alert_key)),
            islands AS (
              SELECT *, SUM(step) OVER (PARTITION BY rule, name, state ORDER BY raised DESC, alert_key
                ROWS UNBOUNDED PRECEDING) AS island FROM steps),
            counted AS (
              SELECT *, COUNT(*) OVER (PARTITION BY rule, name, state, island) AS alike,
                MIN(raised) OVER (PARTITION BY rule, name, state, island) AS since,
                ROW_NUMBER() OVER (PARTITION BY rule, name, state, island ORDER BY raised DESC, alert_key) AS place
              FROM islands)
            SELECT * FROM counted WHERE place = 1 ORDER BY raised DESC, rule, name, alert_key LIMIT %d""";

    private final Database database;
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong acknowledgements = new AtomicLong();

    SqlAlerts(Database database) {
        this.database = database;
    }

    @Override
    public void apply(List<Change> changes, long position) {
        database.write(handle -> {
            long from = position(handle).orElse(-1L);
            for (Change change : changes) {
                if (change.position() >= from && known(handle, change)) {
                    take(handle, change);
                    note(handle, change);
                }
            }
            handle.createUpdate("INSERT INTO alert_position (id, position) VALUES (1, :position)"
                            + " ON CONFLICT (id) DO UPDATE SET position = excluded.position")
                    .bind("position", position)
                    .execute();
            return new Database.Written<>(true, this.changes::incrementAndGet);
        });
    }

    private static void note(Handle handle, Change change) {
        new AlertEvents(handle)
                .add(new Event(
                        0,
                        change.key(),
                        change.what(),
                        kept(change.severity()),
                        kept(change.device()),
                        kept(change.payload()),
                        change.at(),
                        "",
                        change.silenced()));
    }

    /// A rule that was removed or has another statement meanwhile, and keys that no database can keep, have no alerts.
    private static boolean known(Handle handle, Change change) {
        Key key = change.key();
        return Checked.storable(key.key())
                && Checked.storable(key.name())
                && key.key().length() <= KEY_BYTES_MAX
                && Checked.storable(key.rule())
                && handle.createQuery("SELECT COUNT(*) FROM rule r"
                                        + " JOIN rule_version now ON now.tenant = r.tenant AND now.name = r.name"
                                        + " AND now.version = r.version"
                                        + " JOIN rule_version old ON old.tenant = r.tenant AND old.name = r.name"
                                        + " AND old.version = :version"
                                        + " WHERE r.tenant = :tenant AND r.name = :rule AND r.state <> 'draft'"
                                        + " AND now.statement = old.statement AND now.sql_version = old.sql_version"
                                        + " AND now.zone = old.zone")
                                .bind("tenant", key.tenant().value())
                                .bind("rule", key.rule())
                                .bind("version", change.version())
                                .mapTo(Integer.class)
                                .one()
                        == 1;
    }

    private static void take(Handle handle, Change change) {
        boolean raises = change.what().equals("raised");
        boolean clears = change.what().equals("cleared");
        long at = change.at().toEpochMilli();
        handle.createUpdate("INSERT INTO alert (tenant, rule, name, alert_key, state, severity, device,"
                        + " payload, raises, first_raised, raised, changed, acked_by, acked, ended_by, silenced)"
                        + " VALUES (:tenant, :rule, :name, :key, :state, :severity, :device, :payload,"
                        + " 1, :at, :at, :at, '', 0, '', :silenced)"
                        + " ON CONFLICT (tenant, rule, name, alert_key) DO UPDATE SET"
                        + (raises
                                ? " state = 'raised', raises = alert.raises + 1, raised = excluded.raised,"
                                        + " acked_by = '', acked = 0,"
                                : clears ? " state = 'cleared'," : "")
                        + " ended_by = '', silenced = excluded.silenced, severity = excluded.severity,"
                        + " device = excluded.device, payload = excluded.payload,"
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
                .bind("silenced", change.silenced() ? 1 : 0)
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
        return database.read(handle -> chosen(
                        handle,
                        COLUMNS + " WHERE " + where(state, rule) + " ORDER BY raised DESC, rule, name, alert_key LIMIT "
                                + LIST_MAX,
                        tenant,
                        state,
                        rule)
                .map((row, _) -> alert(row))
                .list());
    }

    @Override
    public List<Alert> list(Storm storm, State state) {
        if (!Checked.storable(storm.rule()) || !Checked.storable(storm.name())) {
            return List.of();
        }
        return database.read(
                handle -> handle.createQuery(COLUMNS + OF_STORM + " ORDER BY raised DESC, alert_key LIMIT " + LIST_MAX)
                        .bindMap(named(storm, state))
                        .map((row, _) -> alert(row))
                        .list());
    }

    private static Map<String, Object> named(Storm storm, State state) {
        return Map.of(
                "tenant", storm.tenant().value(),
                "rule", storm.rule(),
                "name", storm.name(),
                "state", state.slug(),
                "from", storm.from().toEpochMilli(),
                "to", storm.to().toEpochMilli());
    }

    private static String where(Optional<State> state, String rule) {
        return "tenant = :tenant"
                + (state.isPresent() ? " AND state = :state" : " AND state <> 'cleared'")
                + (rule.isEmpty() ? "" : " AND rule = :rule");
    }

    private static Query chosen(Handle handle, String sql, TenantId tenant, Optional<State> state, String rule) {
        Query query = handle.createQuery(sql).bind("tenant", tenant.value());
        state.ifPresent(wanted -> query.bind("state", wanted.slug()));
        return rule.isEmpty() ? query : query.bind("rule", rule);
    }

    @Override
    public List<Line> grouped(TenantId tenant, Optional<State> state, String rule) {
        if (!Checked.storable(rule)) {
            return List.of();
        }
        return database.read(handle -> chosen(
                        handle, GROUPED.formatted(STORM_MILLIS, where(state, rule), LIST_MAX), tenant, state, rule)
                .map((row, _) -> new Line(alert(row), row.getLong("alike"), Instant.ofEpochMilli(row.getLong("since"))))
                .list());
    }

    @Override
    public List<Alert> page(TenantId tenant, @Nullable Key after, int limit) {
        return database.read(handle -> {
            Query query = handle.createQuery(COLUMNS + " WHERE tenant = :tenant"
                            + (after == null ? "" : " AND (rule, name, alert_key) > (:rule, :name, :key)")
                            + " ORDER BY rule, name, alert_key LIMIT :limit")
                    .bind("tenant", tenant.value())
                    .bind("limit", limit);
            if (after != null) {
                query.bind("rule", after.rule()).bind("name", after.name()).bind("key", after.key());
            }
            return query.map((row, _) -> alert(row)).list();
        });
    }

    @Override
    public List<Event> before(TenantId tenant, Wanted wanted, long before, int limit) {
        return events(tenant, wanted, " AND sequence < :bound ORDER BY sequence DESC", before, limit);
    }

    @Override
    public List<Event> after(TenantId tenant, Wanted wanted, long after, int limit) {
        return events(tenant, wanted, " AND sequence > :bound ORDER BY sequence", after, limit);
    }

    private List<Event> events(TenantId tenant, Wanted wanted, String part, long bound, int limit) {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put("rule", wanted.rule());
        asked.put("name", wanted.name());
        asked.put("alert_key", wanted.key());
        asked.put("device", wanted.device());
        asked.values().removeIf(String::isEmpty);
        if (!asked.values().stream().allMatch(Checked::storable)) {
            return List.of();
        }
        StringBuilder sql = new StringBuilder(EVENTS);
        asked.keySet().forEach(column -> sql.append(" AND %s = :%s".formatted(column, column)));
        return database.read(handle -> {
            Query query = handle.createQuery(sql + part + " LIMIT :limit")
                    .bind("tenant", tenant.value())
                    .bind("bound", bound)
                    .bind("limit", limit);
            asked.forEach(query::bind);
            return query.map((row, _) -> AlertEvents.event(row)).list();
        });
    }

    @Override
    public long newest(TenantId tenant) {
        return database.read(handle -> new AlertEvents(handle).newest(tenant));
    }

    /// Alerts of a tenant were removed with it.
    void changed() {
        changes.incrementAndGet();
    }

    @Override
    public long changes() {
        return changes.get();
    }

    @Override
    public void erase(TenantId tenant, @Nullable DeviceId device) {
        database.write(handle -> {
            for (String table : List.of("alert", "alert_event")) {
                Update update = handle.createUpdate("UPDATE " + table + " SET payload = '' WHERE tenant = :tenant"
                                + (device == null ? "" : " AND device = :device"))
                        .bind("tenant", tenant.value());
                (device == null ? update : update.bind("device", device.value())).execute();
            }
            return new Database.Written<>(true, changes::incrementAndGet);
        });
    }

    @Override
    public Optional<Alert> acknowledge(Key key, String by, Instant at) {
        if (!Checked.storable(key.rule()) || !Checked.storable(key.name()) || !Checked.storable(key.key())) {
            return Optional.empty();
        }
        return database.write(handle -> {
            int taken = setKnown(handle, key, by, at);
            Optional<Alert> known = handle.createQuery(COLUMNS + ONE + " AND state = 'acknowledged'")
                    .bind("tenant", key.tenant().value())
                    .bind("rule", key.rule())
                    .bind("name", key.name())
                    .bind("key", key.key())
                    .map((row, _) -> alert(row))
                    .findOne();
            if (taken == 1) {
                known.ifPresent(alert -> new AlertEvents(handle).add(AlertEvents.of(alert, "acknowledged", by, at)));
            }
            return new Database.Written<>(known, this::noted);
        });
    }

    @Override
    public int acknowledge(Storm storm, String by, Instant at) {
        if (!Checked.storable(storm.rule()) || !Checked.storable(storm.name())) {
            return 0;
        }
        int known = 0;
        int more = PIECE;
        while (more == PIECE) {
            more = acknowledgeSome(storm, by, at);
            known += more;
        }
        return known;
    }

    /// A storm may be large: it is held and written in pieces, and others write between them.
    private int acknowledgeSome(Storm storm, String by, Instant at) {
        return database.write(handle -> {
            List<Alert> raised = handle.createQuery(COLUMNS + OF_STORM + " ORDER BY raised, alert_key LIMIT " + PIECE)
                    .bindMap(named(storm, State.RAISED))
                    .map((row, _) -> alert(row))
                    .list();
            AlertEvents events = new AlertEvents(handle);
            for (Alert alert : raised) {
                setKnown(handle, alert.key(), by, at);
                events.add(AlertEvents.of(alert, "acknowledged", by, at));
            }
            return new Database.Written<>(raised.size(), this::noted);
        });
    }

    /// @return how many: 1, or 0 where it is not raised
    private static int setKnown(Handle handle, Key key, String by, Instant at) {
        return handle.createUpdate("UPDATE alert SET state = 'acknowledged', acked_by = :by, acked = :at" + ONE
                        + " AND state = 'raised'")
                .bind("by", by)
                .bind("at", at.toEpochMilli())
                .bind("tenant", key.tenant().value())
                .bind("rule", key.rule())
                .bind("name", key.name())
                .bind("key", key.key())
                .execute();
    }

    private void noted() {
        changes.incrementAndGet();
        acknowledgements.incrementAndGet();
    }

    @Override
    public List<Known> acknowledged() {
        return database.read(handle -> handle.createQuery(
                        "SELECT tenant, rule, name, alert_key, raised, acked FROM alert WHERE state = 'acknowledged'")
                .map((row, _) -> new Known(
                        key(row),
                        Instant.ofEpochMilli(row.getLong("raised")),
                        Instant.ofEpochMilli(row.getLong("acked"))))
                .list());
    }

    @Override
    public long acknowledgements() {
        return acknowledgements.get();
    }

    @Override
    public int forget(Instant clearedBefore) {
        return database.write(handle -> {
            handle.createUpdate("DELETE FROM alert_event WHERE at < :before")
                    .bind("before", clearedBefore.toEpochMilli())
                    .execute();
            int forgotten = handle.createUpdate("DELETE FROM alert WHERE state = 'cleared' AND changed < :before")
                    .bind("before", clearedBefore.toEpochMilli())
                    .execute();
            return new Database.Written<>(forgotten, changes::incrementAndGet);
        });
    }

    /// Ends the alerts of a rule that will never clear them: its statement was replaced, or it was switched off.
    static void end(Handle handle, RuleStore.RuleName rule, String by, Instant at) {
        String raised = " WHERE tenant = :tenant AND rule = :rule AND state <> 'cleared'";
        List<Alert> open = handle.createQuery(COLUMNS + raised)
                .bind("tenant", rule.tenant().value())
                .bind("rule", rule.name())
                .map((row, _) -> alert(row))
                .list();
        if (open.isEmpty()) {
            return;
        }
        handle.createUpdate("UPDATE alert SET state = 'cleared', ended_by = :by, changed = :at" + raised)
                .bind("by", by)
                .bind("at", at.toEpochMilli())
                .bind("tenant", rule.tenant().value())
                .bind("rule", rule.name())
                .execute();
        AlertEvents events = new AlertEvents(handle);
        open.forEach(alert -> events.add(AlertEvents.of(alert, "ended", by, at)));
    }

    private static Key key(ResultSet row) throws SQLException {
        return new Key(
                new TenantId(row.getString("tenant")),
                row.getString("rule"),
                row.getString("name"),
                row.getString("alert_key"));
    }

    private static Alert alert(ResultSet row) throws SQLException {
        return new Alert(
                key(row),
                State.of(row.getString("state")),
                row.getString("severity"),
                row.getString("device"),
                row.getString("payload"),
                row.getLong("raises"),
                Instant.ofEpochMilli(row.getLong("first_raised")),
                Instant.ofEpochMilli(row.getLong("raised")),
                Instant.ofEpochMilli(row.getLong("changed")),
                row.getString("acked_by"),
                Instant.ofEpochMilli(row.getLong("acked")),
                row.getString("ended_by"),
                row.getInt("silenced") != 0);
    }
}
