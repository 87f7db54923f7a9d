package tributary.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.statement.PreparedBatch;
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
            List<DeviceTrees.Node> nodes = new ArrayList<>();
            List<DeviceId> devices = new ArrayList<>();
            PreparedBatch batch =
                    handle.prepareBatch("UPDATE device SET first_seen = :at WHERE tenant = :tenant AND id = :id"
                            + " AND first_seen IS NULL");
            seen.forEach((device, at) -> {
                DeviceTrees.Node node = trees.find(tenant, device);
                if (node != null && !node.seen) {
                    nodes.add(node);
                    devices.add(device);
                    batch.bind("at", Micros.of(at))
                            .bind("tenant", tenant.value())
                            .bind("id", device.value())
                            .add();
                }
            });
            int[] changed = batch.execute();
            Set<DeviceId> first = new HashSet<>();
            for (int i = 0; i < changed.length; i++) {
                if (changed[i] == 1) {
                    first.add(devices.get(i));
                }
            }
            return new Database.Written<>(Set.copyOf(first), () -> nodes.forEach(node -> node.seen = true));
        });
    }
}
