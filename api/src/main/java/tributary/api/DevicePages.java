package tributary.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Which devices a page has, kept until some device of the tenant changes: whoever looks at last values looks
/// again and again, and those values are in memory.
final class DevicePages {
    /// Of a few hundred ids each.
    private static final int PAGES_MAX = 64;

    private final Devices devices;
    private final Map<Asked, Page> pages = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Page> eldest) {
            return size() > PAGES_MAX;
        }
    };

    /// @param after the last device of the page before
    record Asked(
            TenantId tenant,
            Devices.Filter filter,
            @Nullable DeviceId after,
            int limit) {}

    /// @param next    the last of them where more follow, else ""
    /// @param version what the tenant's devices were, at least
    record Page(List<DeviceId> ids, String next, long version) {
        Page {
            ids = List.copyOf(ids);
        }
    }

    DevicePages(Devices devices) {
        this.devices = devices;
    }

    Page page(Asked asked) {
        // before the list is read: a change meanwhile makes the page an old one
        long version = devices.version(asked.tenant);
        synchronized (pages) {
            Page known = pages.get(asked);
            if (known != null && known.version == version) {
                return known;
            }
        }
        List<Device> found = devices.list(asked.tenant, asked.filter, asked.after, asked.limit + 1);
        List<DeviceId> shown = found.subList(0, Math.min(asked.limit, found.size())).stream()
                .map(Device::id)
                .toList();
        String next = found.size() > asked.limit ? shown.getLast().value() : "";
        Page page = new Page(shown, next, version);
        synchronized (pages) {
            pages.put(asked, page);
        }
        return page;
    }
}
