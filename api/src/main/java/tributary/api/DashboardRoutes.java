package tributary.api;

import io.helidon.http.Method;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.registry.Dashboards;
import tributary.registry.Dashboards.DashboardName;
import tributary.registry.Dashboards.KeptDashboard;
import tributary.registry.Dashboards.Text;

/// Dashboards of a tenant, kept as YAML.
final class DashboardRoutes {
    private static final String TAG = "dashboards";
    private static final String MEDIA_TYPE = "application/yaml";

    private final Dashboards dashboards;
    private final InstantSource clock;

    DashboardRoutes(Dashboards dashboards, InstantSource clock) {
        this.dashboards = dashboards;
        this.clock = clock;
    }

    List<Route> routes() {
        String one = "/api/v1/dashboards/{dashboard}";
        Param version = Param.of(
                "version", new Schema.Text("one of its versions; the newest where not said", 0, 9, "\\d+", List.of()));
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/dashboards",
                        Access.VIEWER,
                        new Doc(TAG, "listDashboards", "List dashboards", ""),
                        new Shape(List.of(), null, Success.json(200, DashboardSchemas.LIST)),
                        this::list),
                new Route(
                        Method.GET,
                        one,
                        Access.VIEWER,
                        new Doc(TAG, "getDashboard", "Show a dashboard", ""),
                        new Shape(List.of(version), null, Success.json(200, DashboardSchemas.KEPT)),
                        call -> found(call).map(kept -> Answer.ok(json(kept))).orElseGet(Answer::notFound)),
                new Route(
                        Method.GET,
                        one + "/yaml",
                        Access.VIEWER,
                        new Doc(TAG, "getDashboardFile", "Show a dashboard as a file", ""),
                        new Shape(
                                List.of(version),
                                null,
                                new Success(200, "The dashboard as YAML.", List.of(MEDIA_TYPE), null)),
                        call -> found(call)
                                .<Answer>map(kept -> new Answer.Plain(
                                        200, MEDIA_TYPE, kept.text().yaml()))
                                .orElseGet(Answer::notFound)),
                new Route(
                        Method.GET,
                        one + "/versions",
                        Access.VIEWER,
                        new Doc(TAG, "listDashboardVersions", "List the versions of a dashboard", ""),
                        new Shape(List.of(), null, Success.json(200, DashboardSchemas.VERSIONS)),
                        this::versions),
                new Route(
                        Method.PUT,
                        one,
                        Access.OPERATOR,
                        new Doc(TAG, "putDashboard", "Keep a dashboard", "A text that differs is a new version."),
                        new Shape(List.of(), DashboardSchemas.PUT, Success.json(200, DashboardSchemas.KEPT)),
                        this::put),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc(TAG, "removeDashboard", "Remove a dashboard", "With its versions."),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> dashboards.remove(id(call)) ? Answer.done() : Answer.notFound()));
    }

    private static DashboardName id(Call call) {
        return new DashboardName(call.tenant(), call.place("dashboard"));
    }

    private Optional<KeptDashboard> found(Call call) {
        Optional<String> version = call.query("version");
        if (version.isEmpty()) {
            return dashboards.find(id(call));
        }
        int wanted = Integer.parseInt(version.get());
        return dashboards.versions(id(call)).stream()
                .filter(kept -> kept.version() == wanted)
                .findFirst();
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("dashboards");
        dashboards.all(call.tenant()).forEach(kept -> all.add(entry(kept)));
        return Answer.ok(answer);
    }

    private Answer versions(Call call) {
        List<KeptDashboard> known = dashboards.versions(id(call));
        if (known.isEmpty()) {
            return Answer.notFound();
        }
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("versions");
        known.forEach(kept -> all.add(entry(kept)));
        return Answer.ok(answer);
    }

    private Answer put(Call call) {
        JsonNode given = call.body().path("dashboard");
        String yaml = call.text("yaml", "");
        if (!given.isObject() && yaml.isEmpty() && dashboards.find(id(call)).isEmpty()) {
            return Answer.notFound();
        }
        if (given.isObject() == !yaml.isEmpty()) {
            throw Flaws.field("dashboard", "or yaml has to be there, and only one of them");
        }
        JsonNode dashboard = given.isObject() ? DashboardFile.checked(given, "/dashboard") : DashboardFile.read(yaml);
        Text text = new Text(
                dashboard.path("title").stringValue(), given.isObject() ? DashboardFile.yaml(dashboard) : yaml);
        JsonNode version = call.body().path("version");
        OptionalInt expected = version.isNumber() ? OptionalInt.of(version.intValue()) : OptionalInt.empty();
        return Answer.ok(json(Flaws.kept(
                () -> dashboards.save(id(call), text, expected, call.principal().subject(), clock.instant()))));
    }

    private static ObjectNode entry(KeptDashboard kept) {
        return Json.object()
                .put("name", kept.id().name())
                .put("title", kept.text().title())
                .put("version", kept.version())
                .put("savedAt", Json.time(kept.savedAt()))
                .put("savedBy", kept.savedBy());
    }

    private static ObjectNode json(KeptDashboard kept) {
        ObjectNode node = entry(kept);
        node.remove("title");
        node.put("yaml", kept.text().yaml());
        node.set("dashboard", DashboardFile.read(kept.text().yaml()));
        return node;
    }
}
