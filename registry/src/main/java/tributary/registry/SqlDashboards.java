package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;

/// Dashboards in the database: a row for each, and one for each of its versions.
final class SqlDashboards implements Dashboards {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int TITLE_BYTES_MAX = 800;
    private static final String VERSIONS =
            "SELECT v.name, v.version, v.title, v.text, v.saved, v.saved_by FROM dashboard_version v";
    private static final String NEWEST =
            VERSIONS + " JOIN dashboard d ON d.tenant = v.tenant AND d.name = v.name AND d.version = v.version";

    private final Database database;
    private final SqlShares shares;

    SqlDashboards(Database database, SqlShares shares) {
        this.database = database;
        this.shares = shares;
    }

    @Override
    public KeptDashboard save(DashboardName id, Text text, OptionalInt expected, String by, Instant at) {
        check(id, text);
        return database.write(handle -> {
            Optional<KeptDashboard> known = find(handle, id);
            int before = known.map(KeptDashboard::version).orElse(0);
            if (expected.isPresent() && expected.getAsInt() != before) {
                throw new StaleVersionException(stale(id, expected.getAsInt(), before));
            }
            if (known.isEmpty() && count(handle, id.tenant()) >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant keeps at most %d dashboards; remove some first".formatted(PER_TENANT_MAX));
            }
            if (known.isPresent() && known.get().text().equals(text)) {
                return Database.Written.only(known.get());
            }
            KeptDashboard fresh = new KeptDashboard(id, before + 1, text, at, by);
            add(handle, fresh);
            return Database.Written.only(find(handle, id).orElseThrow());
        });
    }

    private static String stale(DashboardName id, int expected, int found) {
        if (found == 0) {
            return "there is no dashboard '%s' any more, the change is of version %d; save it as new"
                    .formatted(id.name(), expected);
        }
        return expected == 0
                ? "there is a dashboard '%s' already, in version %d".formatted(id.name(), found)
                : "dashboard '%s' is in version %d, the change is of version %d; read it again and change that"
                        .formatted(id.name(), found, expected);
    }

    private static void add(Handle handle, KeptDashboard fresh) {
        handle.createUpdate("INSERT INTO dashboard (tenant, name, version) VALUES (:tenant, :name, :version)"
                        + " ON CONFLICT (tenant, name) DO UPDATE SET version = excluded.version")
                .bind("tenant", fresh.id().tenant().value())
                .bind("name", fresh.id().name())
                .bind("version", fresh.version())
                .execute();
        handle.createUpdate("INSERT INTO dashboard_version (tenant, name, version, title, text, saved, saved_by)"
                        + " VALUES (:tenant, :name, :version, :title, :text, :at, :by)")
                .bind("tenant", fresh.id().tenant().value())
                .bind("name", fresh.id().name())
                .bind("version", fresh.version())
                .bind("title", fresh.text().title())
                .bind("text", fresh.text().yaml())
                .bind("at", Micros.of(fresh.savedAt()))
                .bind("by", fresh.savedBy())
                .execute();
        handle.createUpdate("DELETE FROM dashboard_version WHERE tenant = :tenant AND name = :name AND version <= :old")
                .bind("tenant", fresh.id().tenant().value())
                .bind("name", fresh.id().name())
                .bind("old", fresh.version() - VERSIONS_MAX)
                .execute();
    }

    @Override
    public Optional<KeptDashboard> find(DashboardName id) {
        return database.read(handle -> find(handle, id));
    }

    @Override
    public List<KeptDashboard> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery(NEWEST + " WHERE v.tenant = :tenant ORDER BY v.name")
                .bind("tenant", tenant.value())
                .map((row, _) -> dashboard(tenant, row))
                .list());
    }

    @Override
    public List<KeptDashboard> versions(DashboardName id) {
        return Checked.storable(id.name())
                ? database.read(handle -> handle.createQuery(
                                VERSIONS + " WHERE v.tenant = :tenant AND v.name = :name ORDER BY v.version DESC")
                        .bind("tenant", id.tenant().value())
                        .bind("name", id.name())
                        .map((row, _) -> dashboard(id.tenant(), row))
                        .list())
                : List.of();
    }

    @Override
    public boolean remove(DashboardName id) {
        return Checked.storable(id.name())
                && database.write(handle -> {
                    Runnable unshared = shares.removeAllOf(handle, id);
                    handle.createUpdate("DELETE FROM dashboard_version WHERE tenant = :tenant AND name = :name")
                            .bind("tenant", id.tenant().value())
                            .bind("name", id.name())
                            .execute();
                    boolean gone = handle.createUpdate("DELETE FROM dashboard WHERE tenant = :tenant AND name = :name")
                                    .bind("tenant", id.tenant().value())
                                    .bind("name", id.name())
                                    .execute()
                            == 1;
                    return new Database.Written<>(gone, unshared);
                });
    }

    private static void check(DashboardName id, Text text) {
        if (!NAME.matcher(id.name()).matches()) {
            throw new IllegalArgumentException(
                    "a dashboard's name is 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit; was '"
                            + Quote.shorten(id.name()) + "'");
        }
        Checked.text("a dashboard's title", text.title(), TITLE_BYTES_MAX);
        Checked.text("a dashboard's text", text.yaml(), TEXT_BYTES_MAX);
    }

    private static Optional<KeptDashboard> find(Handle handle, DashboardName id) {
        return Checked.storable(id.name())
                ? handle.createQuery(NEWEST + " WHERE v.tenant = :tenant AND v.name = :name")
                        .bind("tenant", id.tenant().value())
                        .bind("name", id.name())
                        .map((row, _) -> dashboard(id.tenant(), row))
                        .findOne()
                : Optional.empty();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM dashboard WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static KeptDashboard dashboard(TenantId tenant, ResultSet row) throws SQLException {
        return new KeptDashboard(
                new DashboardName(tenant, row.getString("name")),
                row.getInt("version"),
                new Text(row.getString("title"), row.getString("text")),
                Micros.instant(row.getLong("saved")),
                row.getString("saved_by"));
    }
}
