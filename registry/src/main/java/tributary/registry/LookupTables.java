package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;

/// Tables that rules of a tenant look into: rows that change as a whole and seldom, such as sites or customers.
public interface LookupTables {
    /// Tables that a tenant may have.
    int PER_TENANT_MAX = 20;

    /// Rows of a table.
    int ROWS_MAX = 10_000;

    /// Bytes of a table's rows as JSON.
    int BYTES_MAX = 1 << 20;

    /// A table's name within its tenant: small letters, digits and `_`, no digit first.
    record TableName(TenantId tenant, String name) {
        public TableName {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
        }
    }

    /// A table without its rows.
    ///
    /// @param revision from 1, one more with each change
    /// @param savedAt  when its rows were replaced last
    /// @param savedBy  who did that
    record KeptTable(String name, long revision, int rowCount, Instant savedAt, String savedBy) {
        public KeptTable {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(savedAt, "savedAt");
            Objects.requireNonNull(savedBy, "savedBy");
        }
    }

    /// Keeps rows under a name, in place of what was there. The same rows again change nothing.
    ///
    /// @param rows a JSON array of objects, as text
    /// @throws IllegalArgumentException where that is not what `rows` is, there is too much of it, or it is no name
    KeptTable save(TableName table, String rows, String by, Instant at);

    Optional<KeptTable> find(TableName table);

    /// @return the rows as JSON, or empty where there is no such table
    Optional<String> rows(TableName table);

    /// @return all of the tenant's, by name
    List<KeptTable> all(TenantId tenant);

    /// @return whether it existed
    boolean remove(TableName table);

    /// In memory.
    ///
    /// @return another number after each change that was made here
    long changes();
}
