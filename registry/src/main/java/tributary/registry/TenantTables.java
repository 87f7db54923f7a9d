package tributary.registry;

import java.util.List;
import org.jdbi.v3.core.Handle;
import tributary.model.TenantId;

/// Empties every table of one tenant. A table that a later schema adds belongs into the list: a test dumps all tables.
final class TenantTables {
    private static final String ITS_SINKS = " WHERE sink IN (SELECT id FROM sink WHERE tenant = :tenant)";
    private static final String ITS_AUTHORITIES =
            " WHERE authority IN (SELECT id FROM authority WHERE tenant = :tenant)";

    /// What points to others comes before them.
    private static final List<String> ROWS = List.of(
            "dead_letter" + ITS_SINKS,
            "sink_secret" + ITS_SINKS,
            "alert_route WHERE tenant = :tenant",
            "sink WHERE tenant = :tenant",
            "alert_event WHERE tenant = :tenant",
            "silence WHERE tenant = :tenant",
            "alert WHERE tenant = :tenant",
            "rule_version WHERE tenant = :tenant",
            "rule WHERE tenant = :tenant",
            "function_version WHERE tenant = :tenant",
            "function WHERE tenant = :tenant",
            "lookup_table WHERE tenant = :tenant",
            "saved_query WHERE tenant = :tenant",
            "dashboard_share WHERE tenant = :tenant",
            "dashboard_version WHERE tenant = :tenant",
            "dashboard WHERE tenant = :tenant",
            "revoked_certificate" + ITS_AUTHORITIES,
            "authority WHERE tenant = :tenant",
            "session WHERE tenant = :tenant",
            "person WHERE tenant = :tenant",
            "credential WHERE tenant = :tenant",
            "sensor WHERE tenant = :tenant",
            "device_label WHERE tenant = :tenant",
            "device WHERE tenant = :tenant",
            "tenant_limit WHERE tenant = :tenant",
            "tenant WHERE id = :tenant");

    private TenantTables() {}

    static void empty(Handle handle, TenantId tenant) {
        for (String rows : ROWS) {
            handle.createUpdate("DELETE FROM " + rows)
                    .bind("tenant", tenant.value())
                    .execute();
        }
    }
}
