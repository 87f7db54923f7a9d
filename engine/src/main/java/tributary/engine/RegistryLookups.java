package tributary.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Devices;
import tributary.rules.Lookups;

/// What rules of a tenant find in its registry: its tables, and of a device its `type`, its `parent` and its labels.
record RegistryLookups(Devices devices, TableRows tables, TenantId tenant) implements Lookups {
    @Override
    public @Nullable List<Map<String, Object>> table(String name) {
        return tables.of(tenant, name);
    }

    @Override
    public Object device(String id, String attribute) {
        Optional<Device> known = DeviceId.valid(id) ? devices.find(tenant, new DeviceId(id)) : Optional.empty();
        if (known.isEmpty()) {
            return Lookups.none().device(id, attribute);
        }
        Device device = known.get();
        String value = switch (attribute) {
            case "type" -> device.type();
            case "parent" -> device.parent() == null ? "" : device.parent().value();
            default -> device.labels().getOrDefault(attribute, "");
        };
        return value.isEmpty() ? Lookups.none().device(id, attribute) : value;
    }
}
