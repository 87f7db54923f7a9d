package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;

/// Functions in the database: a row for each, and one for each of its versions.
final class SqlFunctions implements Functions {
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    private static final int TEXT_BYTES_MAX = 64 << 10;
    private static final String VERSIONS =
            "SELECT v.tenant, v.name, v.version, v.text, v.saved, v.saved_by FROM function_version v";
    private static final String CURRENT =
            VERSIONS + " JOIN function f ON f.tenant = v.tenant AND f.name = v.name AND f.version = v.version";

    private final Database database;
    private final AtomicLong changes = new AtomicLong();

    SqlFunctions(Database database) {
        this.database = database;
    }

    @Override
    public KeptFunction save(FunctionName function, String text, List<String> callers, String by, Instant at) {
        if (!NAME.matcher(function.name()).matches()) {
            throw new IllegalArgumentException(
                    "a function's name is 1 to 63 small letters, digits and '_', no digit first; was '"
                            + Quote.shorten(function.name()) + "'");
        }
        Checked.text("a function's text", text, TEXT_BYTES_MAX);
        return database.write(handle -> {
            Optional<KeptFunction> known = find(handle, function);
            if (known.isPresent() && known.get().text().equals(text)) {
                return Database.Written.only(known.get());
            }
            if (known.isEmpty() && count(handle, function.tenant()) >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant keeps at most %d functions; remove some first".formatted(PER_TENANT_MAX));
            }
            keep(
                    handle,
                    function,
                    new KeptFunction(
                            function.name(), known.map(KeptFunction::version).orElse(0) + 1, text, at, by));
            callers.forEach(rule -> SqlAlerts.end(handle, new RuleStore.RuleName(function.tenant(), rule), by, at));
            return written(find(handle, function).orElseThrow());
        });
    }

    private static void keep(Handle handle, FunctionName function, KeptFunction kept) {
        handle.createUpdate("INSERT INTO function (tenant, name, version) VALUES (:tenant, :name, :version)"
                        + " ON CONFLICT (tenant, name) DO UPDATE SET version = excluded.version")
                .bind("tenant", function.tenant().value())
                .bind("name", function.name())
                .bind("version", kept.version())
                .execute();
        handle.createUpdate("INSERT INTO function_version (tenant, name, version, text, saved, saved_by)"
                        + " VALUES (:tenant, :name, :version, :text, :saved, :by)")
                .bind("tenant", function.tenant().value())
                .bind("name", function.name())
                .bind("version", kept.version())
                .bind("text", kept.text())
                .bind("saved", Micros.of(kept.savedAt()))
                .bind("by", kept.savedBy())
                .execute();
        handle.createUpdate(
                        "DELETE FROM function_version WHERE tenant = :tenant AND name = :name" + " AND version <= :old")
                .bind("tenant", function.tenant().value())
                .bind("name", function.name())
                .bind("old", kept.version() - VERSIONS_MAX)
                .execute();
    }

    @Override
    public Optional<KeptFunction> find(FunctionName function) {
        return database.read(handle -> find(handle, function));
    }

    private static Optional<KeptFunction> find(Handle handle, FunctionName function) {
        return Checked.storable(function.name())
                ? handle.createQuery(CURRENT + " WHERE v.tenant = :tenant AND v.name = :name")
                        .bind("tenant", function.tenant().value())
                        .bind("name", function.name())
                        .map((row, _) -> kept(row))
                        .findOne()
                : Optional.empty();
    }

    @Override
    public List<KeptFunction> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery(CURRENT + " WHERE v.tenant = :tenant ORDER BY v.name")
                .bind("tenant", tenant.value())
                .map((row, _) -> kept(row))
                .list());
    }

    @Override
    public Map<TenantId, List<KeptFunction>> all() {
        return database.read(handle -> {
            Map<TenantId, List<KeptFunction>> all = new LinkedHashMap<>();
            handle.createQuery(CURRENT + " ORDER BY v.tenant, v.name")
                    .map((row, _) -> Map.entry(new TenantId(row.getString("tenant")), kept(row)))
                    .forEach(one -> all.computeIfAbsent(one.getKey(), _ -> new ArrayList<>())
                            .add(one.getValue()));
            return all;
        });
    }

    @Override
    public List<KeptFunction> versions(FunctionName function) {
        return Checked.storable(function.name())
                ? database.read(handle -> handle.createQuery(
                                VERSIONS + " WHERE v.tenant = :tenant AND v.name = :name ORDER BY v.version DESC")
                        .bind("tenant", function.tenant().value())
                        .bind("name", function.name())
                        .map((row, _) -> kept(row))
                        .list())
                : List.of();
    }

    @Override
    public boolean remove(FunctionName function) {
        return Checked.storable(function.name())
                && database.write(handle -> {
                    delete(handle, "function_version", function);
                    return written(delete(handle, "function", function) == 1);
                });
    }

    private static int delete(Handle handle, String table, FunctionName function) {
        return handle.createUpdate("DELETE FROM " + table + " WHERE tenant = :tenant AND name = :name")
                .bind("tenant", function.tenant().value())
                .bind("name", function.name())
                .execute();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM function WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static KeptFunction kept(ResultSet row) throws SQLException {
        return new KeptFunction(
                row.getString("name"),
                row.getInt("version"),
                row.getString("text"),
                Micros.instant(row.getLong("saved")),
                row.getString("saved_by"));
    }

    @Override
    public long changes() {
        return changes.get();
    }

    private <T> Database.Written<T> written(T answer) {
        return new Database.Written<>(answer, changes::incrementAndGet);
    }
}
