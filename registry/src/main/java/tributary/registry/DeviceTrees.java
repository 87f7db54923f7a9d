package tributary.registry;

import java.sql.ResultSet;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.TenantId;

/// The devices of every tenant in memory, each knowing what carries it: what the doors ask on every message.
///
/// Read by any thread. Changed only by the holder of the database's write lock.
final class DeviceTrees {
    /// One device. Following `parent` leads to the root of its tree.
    static final class Node {
        final DeviceId id;
        volatile @Nullable Node parent;

        /// Whether something came from the device. Written by the holder of the write lock.
        volatile boolean seen;

        /// Sensors on record, or -1 where not yet counted. Used only by the holder of the write lock.
        int sensors;

        Node(DeviceId id, @Nullable Node parent, int sensors) {
            this.id = id;
            this.parent = parent;
            this.sensors = sensors;
        }

        /// @return how many devices there are from the root to this one
        int depth() {
            int depth = 0;
            for (Node node = this; node != null; node = node.parent) {
                depth++;
            }
            return depth;
        }
    }

    /// One tenant's devices.
    static final class Forest {
        final Map<DeviceId, Node> nodes = new ConcurrentHashMap<>();
        final AtomicLong version;

        /// Sensors on record, or -1 where not yet counted. Used only by the holder of the write lock.
        int sensors = -1;

        Forest(long version) {
            this.version = new AtomicLong(version);
        }
    }

    /// By tenant; every tenant has one. Replaced as a whole by [#load].
    private volatile Map<TenantId, Forest> forests = Map.of();

    private final InstantSource clock;

    /// @param clock versions begin at the time, so that they also grow over a restart
    DeviceTrees(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /// Takes over what the database has.
    void load(Handle handle) {
        Map<TenantId, Forest> loaded = new ConcurrentHashMap<>();
        handle.createQuery("SELECT id FROM tenant")
                .map((row, _) -> new TenantId(row.getString(1)))
                .forEach(tenant -> loaded.put(tenant, new Forest(firstVersion())));
        handle.createQuery("SELECT tenant, id, first_seen FROM device").scanResultSet((rows, _) -> {
            ResultSet row = rows.get();
            while (row.next()) {
                DeviceId id = new DeviceId(row.getString(2));
                Node node = new Node(id, null, -1);
                node.seen = row.getObject(3) != null;
                planted(loaded, row.getString(1)).nodes.put(id, node);
            }
            return true;
        });
        handle.createQuery("SELECT tenant, id, parent FROM device WHERE parent IS NOT NULL")
                .scanResultSet((rows, _) -> {
                    ResultSet row = rows.get();
                    while (row.next()) {
                        Map<DeviceId, Node> nodes = planted(loaded, row.getString(1)).nodes;
                        Node parent = nodes.get(new DeviceId(row.getString(3)));
                        Objects.requireNonNull(nodes.get(new DeviceId(row.getString(2)))).parent = parent;
                    }
                    return true;
                });
        forests = loaded;
    }

    private static Forest planted(Map<TenantId, Forest> forests, String tenant) {
        return Objects.requireNonNull(forests.get(new TenantId(tenant)));
    }

    private long firstVersion() {
        return Math.max(1, Micros.of(clock.instant())); // 0 is that of a tenant which does not exist
    }

    /// A tenant that has no device yet.
    void plant(TenantId tenant) {
        forests.putIfAbsent(tenant, new Forest(firstVersion()));
    }

    /// A tenant that was removed.
    void uproot(TenantId tenant) {
        forests.remove(tenant);
    }

    /// @throws IllegalArgumentException where there is no such tenant
    Forest forest(TenantId tenant) {
        Forest forest = forests.get(tenant);
        if (forest == null) {
            throw new IllegalArgumentException("there is no tenant '" + tenant + "'");
        }
        return forest;
    }

    /// @return the tenant's devices, or null where the tenant was removed meanwhile
    @Nullable
    Forest forestOrNull(TenantId tenant) {
        return forests.get(tenant);
    }

    @Nullable
    Node find(TenantId tenant, DeviceId id) {
        Forest forest = forests.get(tenant);
        return forest == null ? null : forest.nodes.get(id);
    }

    int count(TenantId tenant) {
        Forest forest = forests.get(tenant);
        return forest == null ? 0 : forest.nodes.size();
    }

    boolean carries(TenantId tenant, DeviceId ancestor, DeviceId device) {
        Node top = find(tenant, ancestor);
        if (top == null) {
            return false;
        }
        for (Node node = find(tenant, device); node != null; node = node.parent) {
            if (node == top) {
                return true;
            }
        }
        return false;
    }

    long version(TenantId tenant) {
        Forest forest = forests.get(tenant);
        return forest == null ? 0 : forest.version.get();
    }
}
