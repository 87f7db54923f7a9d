package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;

/// Saved statements in the database.
final class SqlSavedQueries implements SavedQueries {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int STATEMENT_BYTES_MAX = 64 << 10;
    private static final int DESCRIPTION_BYTES_MAX = 2000;
    private static final int PARAMETERS_BYTES_MAX = 16 << 10;
    private static final int PER_TENANT_MAX = 1000;
    private static final String COLUMNS =
            "SELECT name, statement, description, parameters, changed FROM saved_query WHERE tenant = :tenant";

    private final Database database;

    SqlSavedQueries(Database database) {
        this.database = database;
    }

    @Override
    public boolean save(SavedQuery query) {
        if (!NAME.matcher(query.name()).matches()) {
            throw new IllegalArgumentException(
                    "a saved query's name is 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit; was '"
                            + Quote.shorten(query.name()) + "'");
        }
        Checked.text("a saved query's statement", query.statement(), STATEMENT_BYTES_MAX);
        Checked.text("a saved query's description", query.description(), DESCRIPTION_BYTES_MAX);
        Checked.text("a saved query's parameters", query.parameters(), PARAMETERS_BYTES_MAX);
        if (!JsonText.object(query.parameters())) {
            throw new IllegalArgumentException("a saved query's parameters are one JSON object, such as {}");
        }
        return database.write(handle -> {
            boolean fresh = find(handle, query.tenant(), query.name()).isEmpty();
            if (fresh && count(handle, query.tenant()) >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant keeps at most %d queries; remove some first".formatted(PER_TENANT_MAX));
            }
            handle.createUpdate("INSERT INTO saved_query (tenant, name, statement, description, parameters, changed)"
                            + " VALUES (:tenant, :name, :statement, :description, :parameters, :changed)"
                            + " ON CONFLICT (tenant, name) DO UPDATE SET statement = excluded.statement,"
                            + " description = excluded.description, parameters = excluded.parameters,"
                            + " changed = excluded.changed")
                    .bind("tenant", query.tenant().value())
                    .bind("name", query.name())
                    .bind("statement", query.statement())
                    .bind("description", query.description())
                    .bind("parameters", query.parameters())
                    .bind("changed", Micros.of(query.changedAt()))
                    .execute();
            return Database.Written.only(fresh);
        });
    }

    @Override
    public Optional<SavedQuery> find(TenantId tenant, String name) {
        return database.read(handle -> find(handle, tenant, name));
    }

    @Override
    public List<SavedQuery> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery(COLUMNS + " ORDER BY name")
                .bind("tenant", tenant.value())
                .map((row, _) -> query(tenant, row))
                .list());
    }

    @Override
    public boolean remove(TenantId tenant, String name) {
        return database.write(handle -> Database.Written.only(
                handle.createUpdate("DELETE FROM saved_query WHERE tenant = :tenant AND name = :name")
                                .bind("tenant", tenant.value())
                                .bind("name", name)
                                .execute()
                        == 1));
    }

    private static Optional<SavedQuery> find(Handle handle, TenantId tenant, String name) {
        return Checked.storable(name)
                ? handle.createQuery(COLUMNS + " AND name = :name")
                        .bind("tenant", tenant.value())
                        .bind("name", name)
                        .map((row, _) -> query(tenant, row))
                        .findOne()
                : Optional.empty();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM saved_query WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static SavedQuery query(TenantId tenant, ResultSet row) throws SQLException {
        return new SavedQuery(
                tenant,
                row.getString("name"),
                row.getString("statement"),
                row.getString("description"),
                row.getString("parameters"),
                Micros.instant(row.getLong("changed")));
    }
}
