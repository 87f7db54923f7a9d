package tributary.api;

import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.lake.Lake;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Devices;

/// The last values of many devices at once, from memory.
final class LatestRoutes {
    static final int PAGE_MAX = 500;
    static final int SENSORS_MAX = 100;

    private static final Schema.Obj ONE = new Schema.Obj(
            "DeviceLatest",
            "The last values of a device.",
            List.of(
                    must("device", Schema.text("its id", 200)),
                    must("values", new Schema.ListOf("by sensor path", SensorRoutes.VALUE, Integer.MAX_VALUE))));

    private static final Schema.Obj PAGE = Schema.page("FleetLatest", "devices", ONE);

    private final DevicePages pages;
    private final Lake lake;

    LatestRoutes(Devices devices, Lake lake) {
        this.pages = new DevicePages(devices);
        this.lake = lake;
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.GET,
                "/api/v1/latest",
                Access.VIEWER,
                new Doc(
                        "sensors",
                        "fleetLatest",
                        "Show the last value of each sensor of many devices",
                        "In order of id, page by page."),
                new Shape(
                        List.of(
                                Param.of("device", "only this one"),
                                Param.of("type", "exactly this type"),
                                DeviceRoutes.LABEL,
                                new Param("sensor", Schema.name("only these sensors", 1024), true, false),
                                Paging.AFTER,
                                Paging.limit(PAGE_MAX)),
                        null,
                        Success.json(200, PAGE)),
                this::latest));
    }

    private Answer latest(Call call) {
        Set<String> sensors = new HashSet<>(call.queries("sensor"));
        if (sensors.size() > SENSORS_MAX) {
            throw Flaws.parameter("sensor", "may be given " + SENSORS_MAX + " times", sensors.size() + " of them");
        }
        int limit = Paging.limit(call, 100, PAGE_MAX);
        Optional<DeviceId> only = call.deviceAsked();
        if (only.isPresent()) {
            return page(call, List.of(only.get()), "", sensors);
        }
        String after = call.query("after").orElse("");
        if (!after.isEmpty() && !DeviceId.valid(after)) {
            throw Flaws.parameter("after", "must be the value of 'next' in the page before", after);
        }
        Devices.Filter filter =
                new Devices.Filter("", call.query("type").orElse(""), null, DeviceRoutes.labelsAsked(call));
        DevicePages.Page page = pages.page(
                new DevicePages.Asked(call.tenant(), filter, after.isEmpty() ? null : new DeviceId(after), limit));
        return page(call, page.ids(), page.next(), sensors);
    }

    /// A page has some thousand values, so it is written as it comes.
    private Answer page(Call call, List<DeviceId> shown, String next, Set<String> sensors) {
        String page = Json.written(out -> {
            out.writeStartObject();
            out.writeName("devices").writeStartArray();
            for (DeviceId device : shown) {
                out.writeStartObject();
                out.writeName("device").writeString(device.value());
                out.writeName("values").writeStartArray();
                values(lake, call.tenant(), device, sensors).forEach(latest -> SensorRoutes.write(out, latest));
                out.writeEndArray().writeEndObject();
            }
            out.writeEndArray();
            if (!next.isEmpty()) {
                out.writeName("next").writeString(next);
            }
            out.writeEndObject();
        });
        return new Answer.Plain(200, "application/json", page);
    }

    /// Adds the last values of a device as a page has them.
    ///
    /// @param sensors only these, or all where none is named
    static void add(ArrayNode items, Lake lake, Device device, Set<String> sensors) {
        ObjectNode item = items.addObject().put("device", device.id().value());
        ArrayNode values = item.putArray("values");
        values(lake, device.tenant(), device.id(), sensors).forEach(latest -> values.add(SensorRoutes.json(latest)));
    }

    private static Stream<Lake.LatestValue> values(Lake lake, TenantId tenant, DeviceId device, Set<String> sensors) {
        return lake.latest(tenant, device).stream()
                .filter(latest -> sensors.isEmpty() || sensors.contains(latest.sensor()));
    }
}
