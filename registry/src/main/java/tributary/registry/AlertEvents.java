package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import tributary.model.TenantId;
import tributary.registry.Alerts.Alert;
import tributary.registry.Alerts.Event;

/// The history of alerts within one transaction.
record AlertEvents(Handle handle) {
    /// Old ones go when so many more are there: each deletion takes many.
    private static final int SLACK = 1_000;

    /// Adds a change; its sequence is given here.
    void add(Event event) {
        TenantId tenant = event.key().tenant();
        long sequence = newest(tenant) + 1;
        handle.createUpdate("INSERT INTO alert_event (tenant, sequence, rule, name, alert_key, what, severity, device,"
                        + " payload, at, who, silenced) VALUES (:tenant, :sequence, :rule, :name, :key, :what,"
                        + " :severity, :device, :payload, :at, :who, :silenced)")
                .bind("tenant", tenant.value())
                .bind("sequence", sequence)
                .bind("rule", event.key().rule())
                .bind("name", event.key().name())
                .bind("key", event.key().key())
                .bind("what", event.what())
                .bind("severity", event.severity())
                .bind("device", event.device())
                .bind("payload", event.payload())
                .bind("at", event.at().toEpochMilli())
                .bind("who", event.who())
                .bind("silenced", event.silenced() ? 1 : 0)
                .execute();
        if (sequence % SLACK == 0) {
            handle.createUpdate("DELETE FROM alert_event WHERE tenant = :tenant AND sequence <= :old")
                    .bind("tenant", tenant.value())
                    .bind("old", sequence - Alerts.EVENTS_MAX)
                    .execute();
        }
    }

    long newest(TenantId tenant) {
        return handle.createQuery("SELECT COALESCE(MAX(sequence), 0) FROM alert_event WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Long.class)
                .one();
    }

    /// @return what somebody did to an alert
    static Event of(Alert alert, String what, String who, Instant at) {
        return new Event(
                0, alert.key(), what, alert.severity(), alert.device(), alert.payload(), at, who, alert.silenced());
    }

    static Event event(ResultSet row) throws SQLException {
        return new Event(
                row.getLong("sequence"),
                new Alerts.Key(
                        new TenantId(row.getString("tenant")),
                        row.getString("rule"),
                        row.getString("name"),
                        row.getString("alert_key")),
                row.getString("what"),
                row.getString("severity"),
                row.getString("device"),
                row.getString("payload"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("who"),
                row.getInt("silenced") != 0);
    }
}
