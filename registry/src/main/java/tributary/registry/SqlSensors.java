package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.TenantId;

/// Sensors in the database.
final class SqlSensors implements Sensors {
    private static final int LIST_MAX = 10_000;
    private static final int PATH_BYTES_MAX = 1_000;
    private static final int UNIT_BYTES_MAX = 40;
    private static final String COLUMNS = "SELECT device, path, kind, unit, low, high, first_seen FROM sensor ";

    private final Database database;
    private final DeviceTrees trees;
    private final RegistrySettings settings;
    private final TenantLimits limits;

    SqlSensors(Database database, DeviceTrees trees, RegistrySettings settings, TenantLimits limits) {
        this.database = database;
        this.trees = trees;
        this.settings = settings;
        this.limits = limits;
    }

    @Override
    public void discovered(Collection<Seen> seen) {
        Map<TenantId, Map<DeviceId, Map<String, Seen>>> news = new LinkedHashMap<>();
        for (Seen one : seen) {
            if (trees.find(one.tenant(), one.device()) != null && storable(one.path())) {
                news.computeIfAbsent(one.tenant(), _ -> new LinkedHashMap<>())
                        .computeIfAbsent(one.device(), _ -> new LinkedHashMap<>())
                        .putIfAbsent(one.path(), one);
            }
        }
        news.forEach((tenant, devices) -> database.write(handle -> add(handle, tenant, devices)));
    }

    private static boolean storable(String path) {
        return !path.isEmpty() && path.length() <= PATH_BYTES_MAX && Checked.storable(path);
    }

    private Database.Written<Integer> add(Handle handle, TenantId tenant, Map<DeviceId, Map<String, Seen>> devices) {
        DeviceTrees.Forest forest = trees.forestOrNull(tenant);
        if (forest == null) {
            return Database.Written.only(0);
        }
        int before = forest.sensors < 0 ? count(handle, tenant) : forest.sensors;
        int most = (int) limits.of(tenant, TenantLimits.Limit.SENSORS, settings.sensorsPerTenantMax());
        Map<DeviceTrees.Node, Integer> counts = new HashMap<>();
        List<Seen> fresh = new ArrayList<>();
        devices.forEach((device, paths) -> {
            DeviceTrees.Node node = forest.nodes.get(device);
            if (node != null) {
                Set<String> known = node.sensors == 0 ? Set.of() : known(handle, tenant, device);
                int room = Math.min(settings.sensorsPerDeviceMax() - known.size(), most - before - fresh.size());
                List<Seen> added = paths.values().stream()
                        .filter(one -> !known.contains(one.path()))
                        .limit(Math.max(0, room))
                        .toList();
                fresh.addAll(added);
                counts.put(node, known.size() + added.size());
            }
        });
        insert(handle, fresh);
        return new Database.Written<>(fresh.size(), () -> {
            counts.forEach((node, count) -> node.sensors = count);
            forest.sensors = before + fresh.size();
            if (!fresh.isEmpty()) {
                forest.version.incrementAndGet();
            }
        });
    }

    private static void insert(Handle handle, List<Seen> fresh) {
        if (fresh.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(
                "INSERT INTO sensor (tenant, device, path, kind, unit, first_seen) VALUES (:tenant, :device, :path, :kind, '', :seen)");
        for (Seen one : fresh) {
            batch.bind("tenant", one.tenant().value())
                    .bind("device", one.device().value())
                    .bind("path", one.path())
                    .bind("kind", one.kind().name())
                    .bind("seen", Micros.of(one.at()))
                    .add();
        }
        batch.execute();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM sensor WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static Set<String> known(Handle handle, TenantId tenant, DeviceId device) {
        return new HashSet<>(handle.createQuery("SELECT path FROM sensor WHERE tenant = :tenant AND device = :device")
                .bind("tenant", tenant.value())
                .bind("device", device.value())
                .mapTo(String.class)
                .list());
    }

    @Override
    public int count(TenantId tenant) {
        return database.read(handle -> count(handle, tenant));
    }

    @Override
    public List<Sensor> of(TenantId tenant, DeviceId device) {
        return database.read(
                handle -> handle.createQuery(COLUMNS + "WHERE tenant = :tenant AND device = :device ORDER BY path")
                        .bind("tenant", tenant.value())
                        .bind("device", device.value())
                        .map((row, _) -> sensor(tenant, row))
                        .list());
    }

    @Override
    public List<Sensor> all(TenantId tenant, @Nullable Sensor after, int limit) {
        if (limit < 1 || limit > LIST_MAX) {
            throw new IllegalArgumentException("limit is 1 to " + LIST_MAX + ", was " + limit);
        }
        return database.read(handle -> handle.createQuery(COLUMNS
                        + "WHERE tenant = :tenant AND (device, path) > (:device, :path)"
                        + " ORDER BY device, path LIMIT :limit")
                .bind("tenant", tenant.value())
                .bind("device", after == null ? "" : after.device().value())
                .bind("path", after == null ? "" : after.path())
                .bind("limit", limit)
                .map((row, _) -> sensor(tenant, row))
                .list());
    }

    @Override
    public Optional<Sensor> describe(
            TenantId tenant, DeviceId device, String path, String unit, @Nullable Double min, @Nullable Double max) {
        Checked.text("a sensor's unit", unit, UNIT_BYTES_MAX);
        if ((min != null && !Double.isFinite(min)) || (max != null && !Double.isFinite(max))) {
            throw new IllegalArgumentException("the least and the greatest plausible value are finite numbers");
        }
        if (min != null && max != null && min > max) {
            throw new IllegalArgumentException(
                    "the least plausible value %s is above the greatest, %s".formatted(min, max));
        }
        if (!Checked.storable(path)) {
            return Optional.empty();
        }
        return database.write(handle -> {
            Optional<Sensor> described = handle.createQuery(
                            "UPDATE sensor SET unit = :unit, low = :low, high = :high WHERE tenant = :tenant AND device = :device AND path = :path"
                                    + " RETURNING device, path, kind, unit, low, high, first_seen")
                    .bind("unit", unit)
                    .bind("low", min)
                    .bind("high", max)
                    .bind("tenant", tenant.value())
                    .bind("device", device.value())
                    .bind("path", path)
                    .map((row, _) -> sensor(tenant, row))
                    .findOne();
            return new Database.Written<>(described, () -> {
                if (described.isPresent()) {
                    trees.forest(tenant).version.incrementAndGet();
                }
            });
        });
    }

    private static Sensor sensor(TenantId tenant, ResultSet row) throws SQLException {
        return new Sensor(
                tenant,
                new DeviceId(row.getString("device")),
                row.getString("path"),
                Kind.valueOf(row.getString("kind")),
                row.getString("unit"),
                Columns.real(row, "low"),
                Columns.real(row, "high"),
                Micros.instant(row.getLong("first_seen")));
    }
}
