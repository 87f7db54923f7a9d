package tributary.registry;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Which devices somebody ever heard of beside their owner.
public interface Sightings {
    /// In memory: whether something came from the device before; true of one that does not exist, so that nobody notes
    /// it.
    boolean known(TenantId tenant, DeviceId device);

    /// Notes that something came from devices.
    ///
    /// @param seen when it came, by device
    /// @return those of which it was the first time
    Set<DeviceId> note(TenantId tenant, Map<DeviceId, Instant> seen);
}
