package tributary.api;

import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.lake.Lake;
import tributary.lake.Lake.Rhythm;
import tributary.registry.Devices;

/// The devices of a tenant as one: how many are heard as usual, and which are not.
final class FleetRoutes {
    private static final int WORST_MAX = 100;
    private static final Schema COUNT = new Schema.Whole("devices", 0, Integer.MAX_VALUE);

    private static final Schema.Obj FLEET = new Schema.Obj(
            "Fleet",
            "How the devices are.",
            List.of(
                    must("devices", COUNT),
                    must("good", COUNT),
                    must("late", COUNT),
                    must("new", COUNT),
                    must(
                            "worst",
                            new Schema.ListOf(
                                    "those that are late, by messages missed, the most first",
                                    DeviceView.DEVICE,
                                    WORST_MAX))));

    private final Devices devices;
    private final Lake lake;
    private final DeviceView view;

    FleetRoutes(Devices devices, Lake lake, DeviceView view) {
        this.devices = devices;
        this.lake = lake;
        this.view = view;
    }

    /// A device and how many of its messages are missing.
    private record Late(Rhythm rhythm, long missed) {}

    List<Route> routes() {
        return List.of(new Route(
                Method.GET,
                "/api/v1/fleet",
                Access.VIEWER,
                new Doc(
                        "devices",
                        "fleet",
                        "Say how the devices are",
                        "A device is late where three or more of the messages that it usually sends did not come."),
                new Shape(List.of(Paging.limit(WORST_MAX)), null, Success.json(200, FLEET)),
                this::fleet));
    }

    private Answer fleet(Call call) {
        int limit = Paging.limit(call, 10, WORST_MAX);
        List<Rhythm> heard = lake.rhythms(call.tenant()).stream()
                .filter(rhythm -> devices.exists(call.tenant(), rhythm.device()))
                .toList();
        List<Late> late = heard.stream()
                .map(rhythm -> new Late(rhythm, view.late(rhythm)))
                .filter(one -> one.missed() > 0)
                .sorted(Comparator.comparingLong(Late::missed).reversed())
                .toList();
        int all = Math.max(devices.count(call.tenant()), heard.size());
        ObjectNode node = Json.object();
        node.put("devices", all);
        node.put("good", heard.size() - late.size());
        node.put("late", late.size());
        node.put("new", all - heard.size());
        ArrayNode worst = node.putArray("worst");
        late.stream()
                .limit(limit)
                .flatMap(one -> devices.find(call.tenant(), one.rhythm().device()).stream())
                .forEach(device -> worst.add(view.json(device)));
        return Answer.ok(node);
    }
}
