package tributary.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.LookupTables;
import tributary.registry.LookupTables.KeptTable;
import tributary.registry.LookupTables.TableName;
import tributary.rules.Lookups;

/// The rows of tables that rules look into, in memory until they change. The same list is given as long as it is what
/// there is, so that who makes an index of it knows when that is old.
final class TableRows {
    private final LookupTables tables;
    private final Map<TableName, Held> held = new ConcurrentHashMap<>();

    /// @param seen     the count of changes when it was looked up
    /// @param revision of the table, or -1 where there is none
    /// @param rows     null where there is no such table
    private record Held(long seen, long revision, @Nullable List<Map<String, Object>> rows) {}

    TableRows(LookupTables tables) {
        this.tables = tables;
    }

    /// @return the rows, or null where the tenant has no such table; while the registry does not answer, those that
    ///         were known
    @Nullable
    List<Map<String, Object>> of(TenantId tenant, String name) {
        TableName table = new TableName(tenant, name);
        long now = tables.changes();
        Held known = held.get(table);
        if (known != null && known.seen() == now) {
            return known.rows();
        }
        try {
            Held found = find(table, now, known);
            if (found.rows() == null) {
                held.remove(table); // names of tables that are not there take no room
            } else {
                held.put(table, found);
            }
            return found.rows();
        } catch (PlatformException e) {
            if (known == null) {
                throw e;
            }
            return known.rows();
        }
    }

    private Held find(TableName table, long now, @Nullable Held known) {
        Optional<KeptTable> head = tables.find(table);
        long revision = head.map(KeptTable::revision).orElse(-1L);
        if (known != null && known.revision() == revision) {
            return new Held(now, revision, known.rows());
        }
        // where they change in between, the next look finds another count of changes
        return new Held(now, revision, tables.rows(table).map(Lookups::rows).orElse(null));
    }
}
