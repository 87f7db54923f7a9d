package tributary.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.lake.Lake;
import tributary.lake.Lake.LatestValue;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Follows the last values of devices: all of them at first and whenever other devices are meant, then what changed.
///
/// However many messages come, a look costs the same and there are a few a second; a look that was dear is followed
/// by a longer pause. Of one stream's thread.
final class LatestFeed {
    private static final long EVERY_MILLIS = 400;

    /// What part of the time looking may take.
    private static final int PAUSE_FACTOR = 20;

    private final Known known;
    private final TenantId tenant;
    private final Wish.Latest wish;
    private final int place;
    private final Map<DeviceId, Map<String, LatestValue>> shown = new HashMap<>();
    private List<DeviceId> meant = List.of();
    private boolean more;
    private long version = -1;
    private long nextMillis = Long.MIN_VALUE;

    /// Who knows devices and values.
    record Known(Devices devices, Lake lake) {}

    /// @param place of the wish in its list
    LatestFeed(Known known, TenantId tenant, Wish.Latest wish, int place) {
        this.known = known;
        this.tenant = tenant;
        this.wish = wish;
        this.place = place;
    }

    void look(long nowMillis, LiveStream.Out out) {
        if (nowMillis < nextMillis) {
            return;
        }
        long began = System.nanoTime();
        boolean whole = chosen();
        ObjectNode event = Json.object();
        event.putArray("for").add(place);
        ArrayNode devices = event.putArray("devices");
        for (DeviceId device : meant) {
            Map<String, LatestValue> before = shown.computeIfAbsent(device, _ -> new HashMap<>());
            ObjectNode item = Json.object().put("device", device.value());
            ArrayNode values = item.putArray("values");
            for (LatestValue value : known.lake().latest(tenant, device)) {
                boolean wanted = wish.sensors().isEmpty() || wish.sensors().contains(value.sensor());
                if (wanted && (!value.equals(before.put(value.sensor(), value)) || whole)) {
                    values.add(SensorRoutes.json(value));
                }
            }
            if (whole || !values.isEmpty()) {
                devices.add(item);
            }
        }
        if (whole) {
            event.put("whole", true).put("more", more);
        }
        if (whole || !devices.isEmpty()) {
            out.event("latest", event);
        }
        long tookMillis = (System.nanoTime() - began) / 1_000_000;
        nextMillis = nowMillis + Math.max(EVERY_MILLIS, PAUSE_FACTOR * tookMillis);
    }

    /// @return whether others are meant than before
    private boolean chosen() {
        long now = known.devices().version(tenant);
        if (now == version) {
            return false;
        }
        boolean first = version == -1;
        version = now;
        List<DeviceId> before = meant;
        boolean hadMore = more;
        DeviceId only = wish.device();
        if (only != null) {
            meant = known.devices().exists(tenant, only) ? List.of(only) : List.of();
        } else {
            List<Device> found = known.devices().list(tenant, wish.filter(), null, wish.limit() + 1);
            more = found.size() > wish.limit();
            meant = found.stream().limit(wish.limit()).map(Device::id).toList();
        }
        if (!first && meant.equals(before) && more == hadMore) {
            return false;
        }
        shown.keySet().retainAll(meant);
        return true;
    }
}
