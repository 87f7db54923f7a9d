package tributary.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.TenantId;

/// When something first came from a device, in the database; whether it did, in memory.
final class SqlSightings implements Sightings {
    private final Database database;
    private final DeviceTrees trees;

    SqlSightings(Database database, DeviceTrees trees) {
        this.database = database;
        this.trees = trees;
    }

    @Override
    public boolean known(TenantId tenant, DeviceId device) {
        DeviceTrees.Node node = trees.find(tenant, device);
        return node == null || node.seen;
    }

    @Override
    public Set<DeviceId> note(TenantId tenant, Map<DeviceId, Instant> seen) {
        return database.write(handle -> {
            Set<DeviceId> first = new HashSet<>();
            List<DeviceTrees.Node> nodes = new ArrayList<>();
            seen.forEach((device, at) -> {
                DeviceTrees.Node node = trees.find(tenant, device);
                if (node == null || node.seen) {
                    return;
                }
                int changed = handle.createUpdate(
                                "UPDATE device SET first_seen = :at WHERE tenant = :tenant AND id = :id"
                                        + " AND first_seen IS NULL")
                        .bind("at", Micros.of(at))
                        .bind("tenant", tenant.value())
                        .bind("id", device.value())
                        .execute();
                nodes.add(node);
                if (changed == 1) {
                    first.add(device);
                }
            });
            return new Database.Written<>(Set.copyOf(first), () -> nodes.forEach(node -> node.seen = true));
        });
    }
}
