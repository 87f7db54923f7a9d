package tributary.registry;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// The sensors of devices: discovered from data, described by people.
public interface Sensors {
    /// One measuring point, one time series. A sensor nests in another by its path: `engine.bearing.temp`.
    ///
    /// @param kind what was seen of it
    /// @param unit `°C`, or "" where nobody said
    /// @param min  the least plausible value, or null
    /// @param max  the greatest plausible value, or null
    record Sensor(
            TenantId tenant,
            DeviceId device,
            String path,
            Kind kind,
            String unit,
            @Nullable Double min,
            @Nullable Double max,
            Instant firstSeenAt) {}

    /// What a sensor's values are.
    enum Kind {
        NUMBER,
        TEXT,
        BOOLEAN
    }

    /// A sensor as data showed it.
    record Seen(TenantId tenant, DeviceId device, String path, Kind kind, Instant at) {}

    /// Adds those that are not known yet, in one transaction; devices that do not exist are passed over.
    void discovered(Collection<Seen> seen);

    /// @return how many sensors the tenant has
    int count(TenantId tenant);

    /// @return the device's sensors by path
    List<Sensor> of(TenantId tenant, DeviceId device);

    /// @param after continue behind this (device, path), or null
    /// @return sensors of all devices of the tenant by device and path
    List<Sensor> all(TenantId tenant, @Nullable Sensor after, int limit);

    /// @return the sensor as it is now, or empty where it is not known
    Optional<Sensor> describe(
            TenantId tenant, DeviceId device, String path, String unit, @Nullable Double min, @Nullable Double max);
}
