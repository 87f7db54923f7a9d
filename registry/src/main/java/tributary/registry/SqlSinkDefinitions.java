package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
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

/// Definitions of sinks in the database.
final class SqlSinkDefinitions implements SinkDefinitions {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int CONFIG_BYTES_MAX = 64 << 10;
    private static final int SECRET_BYTES_MAX = 16 << 10;
    private static final int SECRETS_MAX = 20;
    private static final int PER_TENANT_MAX = 100;
    private static final String COLUMNS = "SELECT tenant, name, id, type, config, changed FROM sink";

    private final Database database;
    private final SqlAlertRoute route;
    private final AtomicLong changes = new AtomicLong();

    SqlSinkDefinitions(Database database, SqlAlertRoute route) {
        this.database = database;
        this.route = route;
    }

    @Override
    public boolean save(SinkDefinition sink, Map<String, String> secrets) {
        check(sink, secrets);
        return database.write(handle -> {
            Optional<SinkDefinition> before = find(handle, sink.tenant(), sink.name());
            if (before.isEmpty() && count(handle, sink.tenant()) >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant has at most %d sinks; remove some first".formatted(PER_TENANT_MAX));
            }
            if (before.isPresent() && !before.get().id().equals(sink.id())) {
                throw new IllegalArgumentException("there is a sink '" + sink.name() + "' with another id already");
            }
            handle.createUpdate("INSERT INTO sink (tenant, name, id, type, config, changed)"
                            + " VALUES (:tenant, :name, :id, :type, :config, :changed)"
                            + " ON CONFLICT (tenant, name) DO UPDATE SET type = excluded.type,"
                            + " config = excluded.config, changed = excluded.changed")
                    .bind("tenant", sink.tenant().value())
                    .bind("name", sink.name())
                    .bind("id", sink.id())
                    .bind("type", sink.type())
                    .bind("config", sink.config())
                    .bind("changed", Micros.of(sink.changedAt()))
                    .execute();
            delete(handle, "sink_secret", sink.id());
            secrets.forEach((name, value) -> handle.createUpdate(
                            "INSERT INTO sink_secret (sink, name, value) VALUES (:sink, :name, :value)")
                    .bind("sink", sink.id())
                    .bind("name", name)
                    .bind("value", value)
                    .execute());
            return new Database.Written<>(before.isEmpty(), changes::incrementAndGet);
        });
    }

    private static void check(SinkDefinition sink, Map<String, String> secrets) {
        for (String name : List.of(sink.name(), sink.id(), sink.type())) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "a sink's name is 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit; was '"
                                + Quote.shorten(name) + "'");
            }
        }
        Checked.text("a sink's config", sink.config(), CONFIG_BYTES_MAX);
        if (!JsonText.object(sink.config())) {
            throw new IllegalArgumentException("a sink's config is one JSON object, such as {}");
        }
        if (secrets.size() > SECRETS_MAX) {
            throw new IllegalArgumentException("a sink has at most " + SECRETS_MAX + " secrets");
        }
        secrets.forEach((name, value) -> {
            Checked.text("the name of a sink's secret", name, 100);
            // the value is not for messages, so its check says only what is wrong with it
            if (value.length() > SECRET_BYTES_MAX || !Checked.storable(value)) {
                throw new IllegalArgumentException(
                        "the secret '%s' has NUL, an unpaired surrogate or more than %d characters"
                                .formatted(Quote.shorten(name), SECRET_BYTES_MAX));
            }
        });
    }

    @Override
    public Optional<SinkDefinition> find(TenantId tenant, String name) {
        return database.read(handle -> find(handle, tenant, name));
    }

    @Override
    public Map<String, String> secrets(SinkDefinition sink) {
        return database.read(handle -> {
            Map<String, String> secrets = new LinkedHashMap<>();
            handle.createQuery("SELECT name, value FROM sink_secret WHERE sink = :sink ORDER BY name")
                    .bind("sink", sink.id())
                    .map((row, _) -> Map.entry(row.getString("name"), row.getString("value")))
                    .forEach(secret -> secrets.put(secret.getKey(), secret.getValue()));
            return secrets;
        });
    }

    @Override
    public List<SinkDefinition> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery(COLUMNS + " WHERE tenant = :tenant ORDER BY name")
                .bind("tenant", tenant.value())
                .map((row, _) -> sink(row))
                .list());
    }

    @Override
    public List<SinkDefinition> all() {
        return database.read(handle -> handle.createQuery(COLUMNS + " ORDER BY tenant, name")
                .map((row, _) -> sink(row))
                .list());
    }

    @Override
    public long changes() {
        return changes.get();
    }

    @Override
    public boolean remove(TenantId tenant, String name) {
        return database.write(handle -> {
            Optional<SinkDefinition> sink = find(handle, tenant, name);
            if (sink.isEmpty()) {
                return Database.Written.only(false);
            }
            String id = sink.get().id();
            delete(handle, "sink_secret", id);
            delete(handle, "dead_letter", id);
            Runnable left = route.leave(handle, tenant, name);
            handle.createUpdate("DELETE FROM sink WHERE id = :id")
                    .bind("id", id)
                    .execute();
            return new Database.Written<>(true, () -> {
                left.run();
                changes.incrementAndGet();
            });
        });
    }

    private static void delete(Handle handle, String table, String id) {
        handle.createUpdate("DELETE FROM " + table + " WHERE sink = :sink")
                .bind("sink", id)
                .execute();
    }

    private static Optional<SinkDefinition> find(Handle handle, TenantId tenant, String name) {
        return Checked.storable(name)
                ? handle.createQuery(COLUMNS + " WHERE tenant = :tenant AND name = :name")
                        .bind("tenant", tenant.value())
                        .bind("name", name)
                        .map((row, _) -> sink(row))
                        .findOne()
                : Optional.empty();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM sink WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static SinkDefinition sink(ResultSet row) throws SQLException {
        return new SinkDefinition(
                new TenantId(row.getString("tenant")),
                row.getString("name"),
                row.getString("id"),
                row.getString("type"),
                row.getString("config"),
                Micros.instant(row.getLong("changed")));
    }
}
