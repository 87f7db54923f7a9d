package tributary.api;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.lake.Lake;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Devices;
import tributary.registry.Sensors;

/// A dashboard with what its variables hold: which devices each of its widgets is about, and nothing beyond those. The
/// same as `selection` in the portal's `core/dashboards.ts`.
final class Board {
    /// Lines that can be told apart on one chart.
    static final int LINES_MAX = 12;

    static final int VALUES_MAX = 500;
    static final int ROWS_MAX = 100;

    /// Sensors that say where a device is.
    static final Set<String> PLACE_SENSORS = placeSensors();

    private static final Set<String> PLACES =
            Set.of("latitude", "longitude", "lat", "lon", "lng", "position", "location", "gps");

    private final TenantId tenant;
    private final JsonNode dashboard;
    private final JsonNode values;
    private final Devices devices;
    private final Lake lake;

    Board(TenantId tenant, JsonNode dashboard, JsonNode values, Devices devices, Lake lake) {
        this.tenant = tenant;
        this.dashboard = dashboard;
        this.values = values;
        this.devices = devices;
        this.lake = lake;
    }

    private static Set<String> placeSensors() {
        Set<String> names = new HashSet<>();
        for (String within : List.of("", "position.", "location.", "gps.")) {
            for (String name : List.of("latitude", "longitude", "lat", "lon", "lng")) {
                names.add(within + name);
            }
        }
        return Set.copyOf(names);
    }

    JsonNode dashboard() {
        return dashboard;
    }

    /// @return the variable of that name, or a missing node
    static JsonNode variable(JsonNode dashboard, String name) {
        for (JsonNode variable : dashboard.path("variables")) {
            if (variable.path("name").asString("").equals(name)) {
                return variable;
            }
        }
        return Json.object().path("none");
    }

    /// @return the widget at that place, or a missing node
    JsonNode widget(int index) {
        return dashboard.path("widgets").path(index);
    }

    static List<String> sensors(JsonNode widget) {
        List<String> sensors = new ArrayList<>();
        widget.path("sensors").forEach(sensor -> sensors.add(sensor.asString("")));
        return sensors;
    }

    /// @return the one device that the widget is about, or "" where it is about those of [#filter]
    String device(JsonNode widget) {
        return filled(widget.path("device").asString(""));
    }

    /// What a variable holds where the text is `$name`.
    private String filled(String text) {
        if (!text.startsWith("$")) {
            return text;
        }
        String name = text.substring(1);
        JsonNode variable = variable(dashboard, name);
        String value = values.has(name)
                ? values.path(name).asString("")
                : variable.path("value").asString("");
        boolean label = variable.path("kind").asString("").equals("label");
        return label && !value.isEmpty() ? variable.path("label").asString(name) + "=" + value : value;
    }

    private Devices.Filter filter(JsonNode widget) {
        String type = widget.path("type").asString("");
        for (String field : List.of("device", "label")) {
            String text = widget.path(field).asString("");
            if (type.isEmpty() && text.startsWith("$")) {
                type = variable(dashboard, text.substring(1)).path("type").asString("");
            }
        }
        String label = filled(widget.path("label").asString(""));
        return new Devices.Filter("", type, null, label.isEmpty() ? Map.of() : DeviceRoutes.labels(List.of(label)));
    }

    /// @param limit of how many
    /// @return the devices that the widget is about, one more where there are more
    List<Device> about(JsonNode widget, int limit) {
        String only = device(widget);
        if (only.isEmpty()) {
            return devices.list(tenant, filter(widget), null, limit + 1);
        }
        return DeviceId.valid(only)
                ? devices.find(tenant, new DeviceId(only)).map(List::of).orElse(List.of())
                : List.of();
    }

    /// @param wanted only these sensors, or all where none is named
    /// @return the last values of devices, as `/api/v1/latest` has them
    ObjectNode latest(List<Device> about, Set<String> wanted, int limit) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("devices");
        about.stream().limit(limit).forEach(device -> LatestRoutes.add(items, lake, device, wanted));
        return node.put("more", about.size() > limit);
    }

    /// @return of a device's metadata what says where it is, and no more
    static ObjectNode place(JsonNode metadata) {
        ObjectNode place = Json.object();
        for (String name : PLACES) {
            JsonNode said = metadata.path(name);
            if (said.isNumber()) {
                place.set(name, said);
            } else if (said.isObject()) {
                place.set(name, place(said));
            }
        }
        return place;
    }

    /// @return units by sensor, of the devices that some widget is about
    Map<String, String> units(Sensors sensors) {
        Map<String, String> units = new TreeMap<>();
        for (JsonNode widget : dashboard.path("widgets")) {
            boolean drawn = Set.of("chart", "value", "table")
                    .contains(widget.path("kind").asString(""));
            for (Device device : drawn ? about(widget, LINES_MAX) : List.<Device>of()) {
                sensors.of(tenant, device.id()).stream()
                        .filter(sensor -> !sensor.unit().isEmpty())
                        .forEach(sensor -> units.putIfAbsent(sensor.path(), sensor.unit()));
            }
        }
        return units;
    }

    /// @return whether the alert of a device, or of none, belongs on the widget
    boolean shows(JsonNode widget, @Nullable String device) {
        String only = device(widget);
        return only.isEmpty() || only.equals(device);
    }
}
