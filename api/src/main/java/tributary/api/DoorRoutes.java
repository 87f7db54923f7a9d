package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;

/// Where devices connect: what a page that shows it cannot know by itself.
final class DoorRoutes {
    private static final Schema.Obj DOORS = new Schema.Obj(
            "Doors",
            "Where devices connect, beside the port that answers this.",
            List.of(
                    must("mqttPort", new Schema.Whole("MQTT without encryption", 1, 65_535)),
                    orNull("mqttTlsPort", new Schema.Whole("MQTT with TLS; null: there is none", 1, 65_535)),
                    must("reach", Schema.oneOf("who can connect", "this-machine", "network-with-tls", "network"))));

    private final Supplier<Api.Doors> doors;

    DoorRoutes(Supplier<Api.Doors> doors) {
        this.doors = doors;
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.GET,
                "/api/v1/doors",
                Access.VIEWER,
                new Doc("documents", "doors", "Say where devices connect", ""),
                new Shape(List.of(), null, Success.json(200, DOORS)),
                _ -> show(doors.get())));
    }

    private static Answer show(Api.Doors open) {
        ObjectNode node = Json.object();
        node.put("mqttPort", open.mqttPort());
        node.put("mqttTlsPort", open.mqttTlsPort() == 0 ? null : open.mqttTlsPort());
        node.put("reach", open.reach().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        return Answer.ok(node);
    }
}
