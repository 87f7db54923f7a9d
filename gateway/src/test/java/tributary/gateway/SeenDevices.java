package tributary.gateway;

import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Sightings;

/// Which devices something came from, in memory.
public final class SeenDevices implements Sightings {
    private final Set<Key> seen = ConcurrentHashMap.newKeySet();

    /// Whether the registry's disk is broken.
    public volatile boolean failing;

    private record Key(TenantId tenant, DeviceId device) {}

    @Override
    public boolean known(TenantId tenant, DeviceId device) {
        return seen.contains(new Key(tenant, device));
    }

    @Override
    public Set<DeviceId> note(TenantId tenant, Map<DeviceId, Instant> devices) {
        if (failing) {
            throw new PlatformException(Fault.REGISTRY_FAILED, "the disk is full");
        }
        Set<DeviceId> first = new HashSet<>();
        for (DeviceId device : devices.keySet()) {
            if (seen.add(new Key(tenant, device))) {
                first.add(device);
            }
        }
        return first;
    }
}
