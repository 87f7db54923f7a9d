package tributary.registry;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// One physical or logical unit that has sensors and may carry other devices.
///
/// @param parent    the device that carries it (a gateway, a machine), or null
/// @param type      what kind it is, `pump`; "" where not said
/// @param labels    short names to select by, `site=brisbane`
/// @param metadata  a JSON object of the owner's own, as text
/// @param createdAt when it was added
public record Device(
        TenantId tenant,
        DeviceId id,
        @Nullable DeviceId parent,
        String type,
        Map<String, String> labels,
        String metadata,
        Instant createdAt) {
    public Device {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(type, "type");
        labels = Map.copyOf(labels);
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(createdAt, "createdAt");
    }
}
