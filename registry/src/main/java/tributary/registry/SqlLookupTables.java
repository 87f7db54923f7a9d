package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;

/// Tables of rules in the database: a row a table.
final class SqlLookupTables implements LookupTables {
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    private static final String HEADS = "SELECT name, revision, row_count, saved, saved_by FROM lookup_table";
    private static final String ONE = " WHERE tenant = :tenant AND name = :name";

    private final Database database;
    private final AtomicLong changes = new AtomicLong();

    SqlLookupTables(Database database) {
        this.database = database;
    }

    @Override
    public KeptTable save(TableName table, String rows, String by, Instant at) {
        if (!NAME.matcher(table.name()).matches()) {
            throw new IllegalArgumentException(
                    "a table's name is 1 to 63 small letters, digits and '_', no digit first; was '"
                            + Quote.shorten(table.name()) + "'");
        }
        Checked.text("a table's rows", rows, BYTES_MAX);
        OptionalInt count = JsonText.objects(rows);
        if (count.isEmpty()) {
            throw new IllegalArgumentException("a table's rows are a JSON array of objects: [{\"id\": \"s1\"}]");
        }
        if (count.getAsInt() > ROWS_MAX) {
            throw new IllegalArgumentException(
                    "a table has at most %d rows; this one has %d".formatted(ROWS_MAX, count.getAsInt()));
        }
        return database.write(handle -> {
            Optional<KeptTable> known = find(handle, table);
            if (known.isPresent() && rows(handle, table).equals(Optional.of(rows))) {
                return Database.Written.only(known.get());
            }
            if (known.isEmpty() && all(handle, table.tenant()).size() >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant keeps at most %d tables; remove some first".formatted(PER_TENANT_MAX));
            }
            KeptTable kept = new KeptTable(
                    table.name(), known.map(KeptTable::revision).orElse(0L) + 1, count.getAsInt(), at, by);
            keep(handle, table.tenant(), kept, rows);
            return new Database.Written<>(kept, changes::incrementAndGet);
        });
    }

    private static void keep(Handle handle, TenantId tenant, KeptTable kept, String rows) {
        handle.createUpdate("INSERT INTO lookup_table (tenant, name, revision, rows, row_count, saved, saved_by)"
                        + " VALUES (:tenant, :name, :revision, :rows, :count, :saved, :by)"
                        + " ON CONFLICT (tenant, name) DO UPDATE SET revision = excluded.revision,"
                        + " rows = excluded.rows, row_count = excluded.row_count,"
                        + " saved = excluded.saved, saved_by = excluded.saved_by")
                .bind("tenant", tenant.value())
                .bind("name", kept.name())
                .bind("revision", kept.revision())
                .bind("rows", rows)
                .bind("count", kept.rowCount())
                .bind("saved", Micros.of(kept.savedAt()))
                .bind("by", kept.savedBy())
                .execute();
    }

    @Override
    public Optional<KeptTable> find(TableName table) {
        return Checked.storable(table.name()) ? database.read(handle -> find(handle, table)) : Optional.empty();
    }

    private static Optional<KeptTable> find(Handle handle, TableName table) {
        return named(handle.createQuery(HEADS + ONE), table)
                .map((row, _) -> kept(row))
                .findOne();
    }

    @Override
    public Optional<String> rows(TableName table) {
        return Checked.storable(table.name()) ? database.read(handle -> rows(handle, table)) : Optional.empty();
    }

    private static Optional<String> rows(Handle handle, TableName table) {
        return named(handle.createQuery("SELECT rows FROM lookup_table" + ONE), table)
                .mapTo(String.class)
                .findOne();
    }

    private static <S extends SqlStatement<S>> S named(S statement, TableName table) {
        return statement.bind("tenant", table.tenant().value()).bind("name", table.name());
    }

    @Override
    public List<KeptTable> all(TenantId tenant) {
        return database.read(handle -> all(handle, tenant));
    }

    private static List<KeptTable> all(Handle handle, TenantId tenant) {
        return handle.createQuery(HEADS + " WHERE tenant = :tenant ORDER BY name")
                .bind("tenant", tenant.value())
                .map((row, _) -> kept(row))
                .list();
    }

    @Override
    public boolean remove(TableName table) {
        return Checked.storable(table.name())
                && database.write(handle -> new Database.Written<>(
                        named(handle.createUpdate("DELETE FROM lookup_table" + ONE), table)
                                        .execute()
                                == 1,
                        changes::incrementAndGet));
    }

    private static KeptTable kept(ResultSet row) throws SQLException {
        return new KeptTable(
                row.getString("name"),
                row.getLong("revision"),
                row.getInt("row_count"),
                Micros.instant(row.getLong("saved")),
                row.getString("saved_by"));
    }

    @Override
    public long changes() {
        return changes.get();
    }
}
