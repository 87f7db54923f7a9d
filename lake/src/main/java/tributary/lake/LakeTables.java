package tributary.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.TenantId;

/// The tables that are open, and the lock under which they change.
///
/// Two threads commit: the sealer adds rows, care rewrites and removes files. A commit and what it shows to readers
/// belong together, so whoever does both holds this object's lock, and nobody else commits.
final class LakeTables {
    private static final Logger LOG = LoggerFactory.getLogger(LakeTables.class);

    private final LakeCatalog catalog;
    private final Steps steps;
    private final Empty empty;
    private final Map<Name, LakeTable> open = new HashMap<>();

    /// A table of a tenant.
    record Name(TenantId tenant, LakeCatalog.Kind kind) {
        @Override
        public String toString() {
            return kind.table() + " of tenant " + tenant;
        }
    }

    /// Looks at a table that has no snapshot yet, before anything comes into it.
    interface Empty {
        void found(LakeTable table) throws IOException;
    }

    LakeTables(LakeCatalog catalog, Steps steps) {
        this(catalog, steps, _ -> {});
    }

    LakeTables(LakeCatalog catalog, Steps steps, Empty empty) {
        this.catalog = catalog;
        this.steps = steps;
        this.empty = empty;
    }

    /// @return where their files are
    LakeStore store() {
        return catalog.store();
    }

    /// @return the table, made where it is missing
    synchronized LakeTable table(Name name) {
        LakeTable known = open.get(name);
        return known == null ? open(name, catalog.table(name.tenant, name.kind)) : known;
    }

    /// @return the table, or null where there is none yet
    @Nullable
    synchronized LakeTable find(Name name) {
        LakeTable known = open.get(name);
        if (known == null) {
            Table table = catalog.find(name.tenant, name.kind);
            known = table == null ? null : open(name, table);
        }
        return known;
    }

    private LakeTable open(Name name, Table table) {
        LakeTable opened = new LakeTable(steps.around(table), name.kind, catalog.store());
        if (opened.sequence() == 0) {
            try {
                empty.found(opened);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot look at the folder of the table " + name, e);
            }
        }
        open.put(name, opened);
        return opened;
    }

    /// Deletes files that are in no table. What stays is an orphan and goes with them.
    void discard(List<LakeTable.Written> files) {
        for (LakeTable.Written file : files) {
            try {
                store().delete(file.path());
            } catch (IOException e) {
                LOG.debug("{}, which did not come into its table, stays for a while", file.path(), e);
            }
        }
    }

    /// Forgets what is known of the tenant's tables, so that whoever asks next reads them anew.
    synchronized void forget(TenantId tenant) {
        open.keySet().removeIf(name -> name.tenant.equals(tenant));
    }
}
