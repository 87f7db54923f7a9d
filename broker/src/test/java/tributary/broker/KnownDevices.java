package tributary.broker;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Devices in memory: all that are asked for exist until a test removes them.
final class KnownDevices implements Devices {
    private final Set<DeviceId> removed = new HashSet<>();
    private final AtomicLong version = new AtomicLong();

    @Override
    public synchronized boolean remove(TenantId tenant, DeviceId id) {
        version.incrementAndGet();
        return removed.add(id);
    }

    @Override
    public int count(TenantId tenant) {
        throw new UnsupportedOperationException("the broker counts no devices");
    }

    @Override
    public synchronized boolean exists(TenantId tenant, DeviceId id) {
        return !removed.contains(id);
    }

    @Override
    public boolean carries(TenantId tenant, DeviceId ancestor, DeviceId device) {
        return ancestor.equals(device) && exists(tenant, device);
    }

    @Override
    public long version(TenantId tenant) {
        return version.get();
    }

    @Override
    public Device add(Device device) {
        throw new UnsupportedOperationException("the broker adds no devices");
    }

    @Override
    public Optional<Device> find(TenantId tenant, DeviceId id) {
        throw new UnsupportedOperationException("the broker looks in memory only");
    }

    @Override
    public List<Device> list(TenantId tenant, Filter filter, @Nullable DeviceId after, int limit) {
        throw new UnsupportedOperationException("the broker lists no devices");
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
        throw new UnsupportedOperationException("the broker changes no devices");
    }
}
