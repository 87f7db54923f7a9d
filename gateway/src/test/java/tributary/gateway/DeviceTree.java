package tributary.gateway;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.AlreadyExistsException;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Devices in memory: what the doors ask of the registry, without its database.
public final class DeviceTree implements Devices {
    private final Map<Key, Device> devices = new ConcurrentHashMap<>();
    private final Set<TenantId> removed = ConcurrentHashMap.newKeySet();
    private final AtomicLong version = new AtomicLong(1);

    private record Key(TenantId tenant, DeviceId id) {}

    /// Adds a device without a parent.
    public DeviceTree with(String tenant, String id) {
        return with(tenant, id, null);
    }

    /// Adds a device below another.
    public DeviceTree with(String tenant, String id, String parent) {
        add(new Device(
                new TenantId(tenant),
                new DeviceId(id),
                parent == null ? null : new DeviceId(parent),
                "",
                Map.of(),
                "{}",
                Instant.EPOCH));
        return this;
    }

    @Override
    public Device add(Device device) {
        if (devices.putIfAbsent(new Key(device.tenant(), device.id()), device) != null) {
            throw new AlreadyExistsException(device.id() + " exists");
        }
        version.incrementAndGet();
        return device;
    }

    @Override
    public Optional<Device> find(TenantId tenant, DeviceId id) {
        return Optional.ofNullable(devices.get(new Key(tenant, id)));
    }

    @Override
    public List<Device> list(TenantId tenant, Filter filter, DeviceId after, int limit) {
        return devices.values().stream()
                .filter(device -> device.tenant().equals(tenant))
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .limit(limit)
                .toList();
    }

    @Override
    public int count(TenantId tenant) {
        return list(tenant, Filter.ALL, null, Integer.MAX_VALUE).size();
    }

    @Override
    public Part part(TenantId tenant, Filter filter, int skip, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> types(TenantId tenant) {
        throw new UnsupportedOperationException("no door asks for types");
    }

    @Override
    public Optional<Device> replace(Device device) {
        version.incrementAndGet();
        return Optional.ofNullable(devices.replace(new Key(device.tenant(), device.id()), device))
                .map(_ -> device);
    }

    @Override
    public boolean remove(TenantId tenant, DeviceId id) {
        version.incrementAndGet();
        return devices.remove(new Key(tenant, id)) != null;
    }

    @Override
    public boolean exists(TenantId tenant, DeviceId id) {
        return devices.containsKey(new Key(tenant, id));
    }

    @Override
    public boolean carries(TenantId tenant, DeviceId ancestor, DeviceId device) {
        Device at = devices.get(new Key(tenant, device));
        while (at != null) {
            if (at.id().equals(ancestor)) {
                return true;
            }
            at = at.parent() == null ? null : devices.get(new Key(tenant, at.parent()));
        }
        return false;
    }

    @Override
    public long version(TenantId tenant) {
        return removed.contains(tenant) ? 0 : version.get();
    }

    /// As a registry does: nothing of the tenant exists any more.
    void remove(TenantId tenant) {
        removed.add(tenant);
        devices.keySet().removeIf(key -> key.tenant().equals(tenant));
    }
}
