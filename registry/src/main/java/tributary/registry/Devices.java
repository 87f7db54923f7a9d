package tributary.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// The devices, a tree in each tenant.
public interface Devices {
    /// @throws AlreadyExistsException   where the tenant has a device of that id
    /// @throws IllegalArgumentException where the parent is unknown, or a limit of depth or size is passed
    Device add(Device device);

    Optional<Device> find(TenantId tenant, DeviceId id);

    /// @param filter narrows the list
    /// @param after  continue behind this id, or null from the beginning
    /// @param limit  at most so many, 1 to 1,000
    /// @return devices in order of id
    List<Device> list(TenantId tenant, Filter filter, @Nullable DeviceId after, int limit);

    /// @param filter narrows the list
    /// @param skip   so many of it are left out from its beginning, 0 or more
    /// @param limit  at most so many, 1 to 1,000
    /// @return devices in order of id, and how many there are in all
    Part part(TenantId tenant, Filter filter, int skip, int limit);

    /// @return the types that devices of the tenant have, without the empty one
    List<String> types(TenantId tenant);

    /// Replaces parent, type, labels and metadata of the device with that id.
    ///
    /// @return the device as it is now, or empty where it does not exist
    /// @throws IllegalArgumentException where the parent is unknown or below the device itself
    Optional<Device> replace(Device device);

    /// Removes the device, its sensors' descriptions and its credentials; its children keep living without a parent.
    ///
    /// @return whether it existed
    boolean remove(TenantId tenant, DeviceId id);

    /// In memory: how many devices the tenant has.
    int count(TenantId tenant);

    /// In memory: whether the device exists.
    boolean exists(TenantId tenant, DeviceId id);

    /// In memory: whether `ancestor` is `device` or carries it, directly or through others. Never true where either
    /// does not exist.
    boolean carries(TenantId tenant, DeviceId ancestor, DeviceId device);

    /// In memory: grows with every change to this tenant's devices or sensors, so that copies know when they are old.
    long version(TenantId tenant);

    /// Some devices of a list.
    ///
    /// @param total how many pass the filter
    record Part(List<Device> devices, int total) {
        public Part {
            devices = List.copyOf(devices);
        }
    }

    /// @param text   part of the id, or ""
    /// @param type   the exact type, or "" for any
    /// @param parent directly below this device, or null for any
    /// @param labels all of these labels
    record Filter(String text, String type, @Nullable DeviceId parent, Map<String, String> labels) {
        public static final Filter ALL = new Filter("", "", null, Map.of());
    }
}
