package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.TenantId;

/// Devices in the database, their trees in memory.
final class SqlDevices implements Devices {
    /// Devices from the root of a tree to its furthest leaf.
    static final int DEPTH_MAX = 8;

    private static final int LIST_MAX = 1_000;
    private static final int TYPE_BYTES_MAX = 100;
    private static final int LABELS_MAX = 32;
    private static final int LABEL_NAME_BYTES_MAX = 100;
    private static final int LABEL_VALUE_BYTES_MAX = 250;
    private static final int METADATA_BYTES_MAX = 16 * 1024;
    private static final String COLUMNS = "SELECT id, parent, type, metadata, created FROM device ";

    private final Database database;
    private final DeviceTrees trees;
    private final Room room;
    private final SqlCredentials credentials;
    private final SqlCertificates certificates;

    /// How many devices a tenant has room for.
    ///
    /// @param usual of one without a limit of its own
    record Room(TenantLimits limits, int usual) {
        private void check(TenantId tenant, int has) {
            long most = limits.of(tenant, TenantLimits.Limit.DEVICES, usual);
            if (has >= most) {
                throw new IllegalArgumentException("the tenant '%s' has its most of %,d devices (%s); remove some first"
                        .formatted(tenant, most, limits.nameFor(tenant, TenantLimits.Limit.DEVICES)));
            }
        }
    }

    SqlDevices(
            Database database, DeviceTrees trees, Room room, SqlCredentials credentials, SqlCertificates certificates) {
        this.database = database;
        this.trees = trees;
        this.room = room;
        this.credentials = credentials;
        this.certificates = certificates;
    }

    @Override
    public Device add(Device device) {
        check(device);
        return database.write(handle -> {
            DeviceTrees.Forest forest = trees.forest(device.tenant());
            if (forest.nodes.containsKey(device.id())) {
                throw new AlreadyExistsException("there is a device '" + device.id() + "' already");
            }
            room.check(device.tenant(), forest.nodes.size());
            DeviceTrees.Node parent = parent(forest, device.parent());
            limitDepth(parent, 1);
            Device added = new Device(
                    device.tenant(),
                    device.id(),
                    device.parent(),
                    device.type(),
                    device.labels(),
                    device.metadata(),
                    Micros.rounded(device.createdAt()));
            handle.createUpdate(
                            "INSERT INTO device (tenant, id, parent, type, metadata, created) VALUES (:tenant, :id, :parent, :type, :metadata, :created)")
                    .bind("tenant", device.tenant().value())
                    .bind("id", device.id().value())
                    .bind("parent", parent == null ? null : parent.id.value())
                    .bind("type", device.type())
                    .bind("metadata", device.metadata())
                    .bind("created", Micros.of(added.createdAt()))
                    .execute();
            label(handle, device);
            return new Database.Written<>(added, () -> {
                forest.nodes.put(device.id(), new DeviceTrees.Node(device.id(), parent, 0));
                forest.version.incrementAndGet();
            });
        });
    }

    @Override
    public Optional<Device> find(TenantId tenant, DeviceId id) {
        return exists(tenant, id) ? database.read(handle -> find(handle, tenant, id)) : Optional.empty();
    }

    private static Optional<Device> find(Handle handle, TenantId tenant, DeviceId id) {
        return devices(
                        handle,
                        tenant,
                        handle.createQuery(COLUMNS + "WHERE tenant = :tenant AND id = :id")
                                .bind("tenant", tenant.value())
                                .bind("id", id.value()))
                .stream()
                .findFirst();
    }

    @Override
    public List<Device> list(TenantId tenant, Filter filter, @Nullable DeviceId after, int limit) {
        checkLimit(limit);
        Map<String, Object> values = new HashMap<>(Map.of("limit", limit));
        String which = which(tenant, filter, values);
        if (after != null) {
            which += " AND id > :after";
            values.put("after", after.value());
        }
        String sql = COLUMNS + which + " ORDER BY id LIMIT :limit";
        return database.read(
                handle -> devices(handle, tenant, handle.createQuery(sql).bindMap(values)));
    }

    @Override
    public Part part(TenantId tenant, Filter filter, int skip, int limit) {
        checkLimit(limit);
        if (skip < 0) {
            throw new IllegalArgumentException("skip is 0 or more, was " + skip);
        }
        Map<String, Object> values = new HashMap<>();
        String which = which(tenant, filter, values);
        Map<String, Object> paged = new HashMap<>(values);
        paged.put("limit", limit);
        paged.put("skip", skip);
        return database.read(handle -> {
            int total = handle.createQuery("SELECT COUNT(*) FROM device " + which)
                    .bindMap(values)
                    .mapTo(Integer.class)
                    .one();
            Query query = handle.createQuery(COLUMNS + which + " ORDER BY id LIMIT :limit OFFSET :skip")
                    .bindMap(paged);
            return new Part(devices(handle, tenant, query), total);
        });
    }

    private static void checkLimit(int limit) {
        if (limit < 1 || limit > LIST_MAX) {
            throw new IllegalArgumentException("limit is 1 to " + LIST_MAX + ", was " + limit);
        }
    }

    /// @param values takes what the names in the condition mean
    /// @return the condition for what passes the filter
    private static String which(TenantId tenant, Filter filter, Map<String, Object> values) {
        StringBuilder sql = new StringBuilder("WHERE tenant = :tenant");
        values.put("tenant", tenant.value());
        if (!filter.text().isEmpty()) {
            sql.append(" AND lower(id) LIKE lower(:text) ESCAPE '!'");
            values.put("text", '%' + filter.text().replaceAll("[!%_]", "!$0") + '%');
        }
        if (!filter.type().isEmpty()) {
            sql.append(" AND type = :type");
            values.put("type", filter.type());
        }
        if (filter.parent() != null) {
            sql.append(" AND parent = :parent");
            values.put("parent", filter.parent().value());
        }
        int label = 0;
        for (Map.Entry<String, String> pair : filter.labels().entrySet()) {
            sql.append(
                    " AND id IN (SELECT device FROM device_label WHERE tenant = :tenant AND name = :name%1$d AND value = :value%1$d)"
                            .formatted(label));
            values.put("name" + label, pair.getKey());
            values.put("value" + label, pair.getValue());
            label++;
        }
        return sql.toString();
    }

    @Override
    public List<String> types(TenantId tenant) {
        return database.read(handle -> handle.createQuery(
                        "SELECT DISTINCT type FROM device WHERE tenant = :tenant AND type <> '' ORDER BY type")
                .bind("tenant", tenant.value())
                .mapTo(String.class)
                .list());
    }

    @Override
    public Optional<Device> replace(Device device) {
        check(device);
        return database.write(handle -> {
            DeviceTrees.Forest forest = trees.forest(device.tenant());
            DeviceTrees.Node node = forest.nodes.get(device.id());
            if (node == null) {
                return Database.Written.only(Optional.empty());
            }
            DeviceTrees.Node parent = parent(forest, device.parent());
            if (parent != null && !parent.equals(node.parent)) {
                if (trees.carries(device.tenant(), device.id(), parent.id)) {
                    throw new IllegalArgumentException(
                            "'%s' is below '%s' or is it, and cannot carry it".formatted(parent.id, device.id()));
                }
                limitDepth(parent, height(handle, device.tenant(), device.id()));
            }
            handle.createUpdate(
                            "UPDATE device SET parent = :parent, type = :type, metadata = :metadata WHERE tenant = :tenant AND id = :id")
                    .bind("parent", parent == null ? null : parent.id.value())
                    .bind("type", device.type())
                    .bind("metadata", device.metadata())
                    .bind("tenant", device.tenant().value())
                    .bind("id", device.id().value())
                    .execute();
            handle.createUpdate("DELETE FROM device_label WHERE tenant = :tenant AND device = :device")
                    .bind("tenant", device.tenant().value())
                    .bind("device", device.id().value())
                    .execute();
            label(handle, device);
            return new Database.Written<>(find(handle, device.tenant(), device.id()), () -> {
                node.parent = parent;
                forest.version.incrementAndGet();
            });
        });
    }

    @Override
    public boolean remove(TenantId tenant, DeviceId id) {
        Optional<List<String>> revoked = database.write(handle -> {
            DeviceTrees.Node node = trees.find(tenant, id);
            if (node == null) {
                return Database.Written.only(Optional.empty());
            }
            DeviceTrees.Forest forest = trees.forest(tenant);
            SqlCredentials.Revocation revocation = credentials.revokeAllOf(handle, tenant, id);
            List<DeviceId> orphans = handle.createQuery(
                            "UPDATE device SET parent = NULL WHERE tenant = :tenant AND parent = :id RETURNING id")
                    .bind("tenant", tenant.value())
                    .bind("id", id.value())
                    .map((row, _) -> new DeviceId(row.getString(1)))
                    .list();
            handle.createUpdate("DELETE FROM device WHERE tenant = :tenant AND id = :id")
                    .bind("tenant", tenant.value())
                    .bind("id", id.value())
                    .execute();
            return new Database.Written<>(Optional.of(revocation.credentials()), () -> {
                revocation.apply().run();
                for (DeviceId orphan : orphans) {
                    Objects.requireNonNull(forest.nodes.get(orphan)).parent = null;
                }
                forest.nodes.remove(id);
                forest.sensors = forest.sensors < 0 || node.sensors < 0 ? -1 : forest.sensors - node.sensors;
                forest.version.incrementAndGet();
            });
        });
        revoked.ifPresent(ids -> {
            credentials.announce(ids);
            certificates.changed();
        });
        return revoked.isPresent();
    }

    @Override
    public int count(TenantId tenant) {
        return trees.count(tenant);
    }

    @Override
    public boolean exists(TenantId tenant, DeviceId id) {
        return trees.find(tenant, id) != null;
    }

    @Override
    public boolean carries(TenantId tenant, DeviceId ancestor, DeviceId device) {
        return trees.carries(tenant, ancestor, device);
    }

    @Override
    public long version(TenantId tenant) {
        return trees.version(tenant);
    }

    private static void check(Device device) {
        Checked.text("a device's type", device.type(), TYPE_BYTES_MAX);
        Checked.text("a device's metadata", device.metadata(), METADATA_BYTES_MAX);
        if (!JsonText.object(device.metadata())) {
            throw new IllegalArgumentException("a device's metadata is one JSON object, such as {}");
        }
        if (device.labels().size() > LABELS_MAX) {
            throw new IllegalArgumentException("a device has at most %d labels, this one has %d"
                    .formatted(LABELS_MAX, device.labels().size()));
        }
        device.labels().forEach((name, value) -> {
            Checked.text("a label's name", name, LABEL_NAME_BYTES_MAX);
            Checked.text("a label's value", value, LABEL_VALUE_BYTES_MAX);
        });
    }

    private static DeviceTrees.@Nullable Node parent(DeviceTrees.Forest forest, @Nullable DeviceId id) {
        if (id == null) {
            return null;
        }
        DeviceTrees.Node parent = forest.nodes.get(id);
        if (parent == null) {
            throw new IllegalArgumentException("there is no device '" + id + "' to be the parent");
        }
        return parent;
    }

    private static void limitDepth(DeviceTrees.@Nullable Node parent, int height) {
        if (parent != null && parent.depth() + height > DEPTH_MAX) {
            throw new IllegalArgumentException("a tree of devices has at most %d levels; '%s' is at level %d"
                    .formatted(DEPTH_MAX, parent.id, parent.depth()));
        }
    }

    /// @return how many levels there are from the device down to what is furthest below it
    private static int height(Handle handle, TenantId tenant, DeviceId id) {
        return handle.createQuery("""
                        WITH RECURSIVE below (id, height) AS (
                            SELECT id, 1 FROM device WHERE tenant = :tenant AND id = :id
                            UNION ALL
                            SELECT device.id, below.height + 1
                            FROM device JOIN below ON device.tenant = :tenant AND device.parent = below.id)
                        SELECT MAX(height) FROM below""")
                .bind("tenant", tenant.value())
                .bind("id", id.value())
                .mapTo(Integer.class)
                .one();
    }

    private static void label(Handle handle, Device device) {
        if (device.labels().isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(
                "INSERT INTO device_label (tenant, device, name, value) VALUES (:tenant, :device, :name, :value)");
        device.labels()
                .forEach((name, value) -> batch.bind("tenant", device.tenant().value())
                        .bind("device", device.id().value())
                        .bind("name", name)
                        .bind("value", value)
                        .add());
        batch.execute();
    }

    /// Runs a query for rows of `device` and adds their labels.
    private static List<Device> devices(Handle handle, TenantId tenant, Query query) {
        List<Device> bare = query.map((row, _) -> bare(tenant, row)).list();
        if (bare.isEmpty()) {
            return bare;
        }
        Map<String, Map<String, String>> labels = new HashMap<>();
        handle.createQuery("SELECT device, name, value FROM device_label WHERE tenant = :tenant AND device IN (<ids>)")
                .bind("tenant", tenant.value())
                .bindList(
                        "ids", bare.stream().map(device -> device.id().value()).toList())
                .map((row, _) -> labels.computeIfAbsent(row.getString(1), _ -> new HashMap<>())
                        .put(row.getString(2), row.getString(3)))
                .list();
        return bare.stream()
                .map(device -> labelled(device, labels.getOrDefault(device.id().value(), Map.of())))
                .toList();
    }

    private static Device labelled(Device device, Map<String, String> labels) {
        return labels.isEmpty()
                ? device
                : new Device(
                        device.tenant(),
                        device.id(),
                        device.parent(),
                        device.type(),
                        labels,
                        device.metadata(),
                        device.createdAt());
    }

    private static Device bare(TenantId tenant, ResultSet row) throws SQLException {
        String parent = row.getString("parent");
        return new Device(
                tenant,
                new DeviceId(row.getString("id")),
                parent == null ? null : new DeviceId(parent),
                row.getString("type"),
                Map.of(),
                row.getString("metadata"),
                Micros.instant(row.getLong("created")));
    }
}
