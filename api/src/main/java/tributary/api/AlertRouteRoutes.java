package tributary.api;

import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.TenantId;
import tributary.registry.AlertRoute;

/// Where every alert of a tenant goes, whatever its rule says.
final class AlertRouteRoutes {
    private static final Schema.Obj ROUTE = new Schema.Obj(
            "AlertRoute",
            "The sinks that every alert goes to, beside those that its rule names.",
            List.of(must(
                    "sinks", new Schema.ListOf("names of sinks", Schema.name("a sink", 100), AlertRoute.SINKS_MAX))));

    private final AlertRoute route;

    AlertRouteRoutes(AlertRoute route) {
        this.route = route;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/alerts/route",
                        Access.VIEWER,
                        new Doc("alerts", "getAlertRoute", "Show where every alert goes", ""),
                        new Shape(List.of(), null, Success.json(200, ROUTE)),
                        call -> Answer.ok(json(call.tenant()))),
                new Route(
                        Method.PUT,
                        "/api/v1/alerts/route",
                        Access.OPERATOR,
                        new Doc(
                                "alerts",
                                "setAlertRoute",
                                "Say where every alert goes",
                                "To all of these sinks, from the next change of an alert on. A sink that a rule names"
                                        + " itself gets its alerts once."),
                        new Shape(List.of(), ROUTE, Success.json(200, ROUTE)),
                        this::set));
    }

    private Answer set(Call call) {
        List<String> sinks = new ArrayList<>();
        for (JsonNode sink : call.body().path("sinks")) {
            sinks.add(sink.stringValue());
        }
        try {
            route.set(call.tenant(), sinks);
        } catch (IllegalArgumentException e) {
            throw Flaws.field("sinks", String.valueOf(e.getMessage()));
        }
        return Answer.ok(json(call.tenant()));
    }

    private ObjectNode json(TenantId tenant) {
        ObjectNode node = Json.object();
        ArrayNode sinks = node.putArray("sinks");
        route.of(tenant).forEach(sinks::add);
        return node;
    }
}
