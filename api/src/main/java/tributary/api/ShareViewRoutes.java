package tributary.api;

import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.lake.Lake;
import tributary.query.QueryEngine.QueryLimits;
import tributary.query.QueryEngine.Sampling;
import tributary.query.QueryEngine.SeriesName;
import tributary.query.QueryEngine.SeriesRequest;
import tributary.query.RowFormat;
import tributary.query.Rows;
import tributary.registry.Alerts;
import tributary.registry.Dashboards.KeptDashboard;
import tributary.registry.Device;
import tributary.registry.Shares.Share;

/// What a link to a dashboard shows: the dashboard, and of each widget what it shows now. A widget is asked for by its
/// place on the dashboard, so nothing else of the tenant can be asked for.
final class ShareViewRoutes {
    private static final String TAG = "shared";
    private static final int COLUMNS = 200;

    private static final Schema.Obj VIEW = new Schema.Obj(
            "SharedDashboard",
            "A dashboard as its link shows it.",
            List.of(
                    must("dashboard", DashboardSchemas.DASHBOARD),
                    must("range", Schema.text("the time that is shown", 10)),
                    must("values", new Schema.Texts("what its variables hold", 30, 400, 10)),
                    must("units", new Schema.Texts("units by sensor", 1024, 200, Integer.MAX_VALUE)),
                    must("expiresAt", new Schema.Moment("when the link shows nothing any more"))));

    private final Stations stations;
    private final DeviceView view;
    private final SessionCookie cookie;
    private final InstantSource clock;
    private final ShareLimit limit;

    ShareViewRoutes(Stations stations, DeviceView view, SessionCookie cookie, InstantSource clock) {
        this.stations = stations;
        this.view = view;
        this.cookie = cookie;
        this.clock = clock;
        this.limit = new ShareLimit(clock);
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.POST,
                        "/api/v1/shared/session",
                        Access.SHARE,
                        new Doc(
                                TAG,
                                "openShare",
                                "Open a link",
                                "With the secret as 'Authorization: Bearer'; the answer sets a cookie that these calls"
                                        + " take instead."),
                        new Shape(List.of(), null, Success.none(204, "The cookie is set.")),
                        this::open),
                new Route(
                        Method.GET,
                        "/api/v1/shared",
                        Access.SHARE,
                        new Doc(TAG, "getShared", "Show the dashboard of a link", ""),
                        new Shape(List.of(), null, Success.json(200, VIEW)),
                        this::dashboard),
                new Route(
                        Method.GET,
                        "/api/v1/shared/widgets/{widget}",
                        Access.SHARE,
                        new Doc(
                                TAG,
                                "getSharedWidget",
                                "Show what a widget shows now",
                                "By its place in the dashboard's list, from 0. A chart is rows as of /api/v1/series, others"
                                        + " are what they need."),
                        new Shape(
                                List.<Param>of(),
                                null,
                                new Success(200, "What it shows.", List.of("application/json"), null)),
                        this::widget));
    }

    private Answer open(Call call) {
        Share share = share(call);
        String secret = call.asked().bearer();
        if (secret.isEmpty()) {
            return Answer.done();
        }
        long seconds =
                Math.max(1, Duration.between(clock.instant(), share.expiresAt()).toSeconds());
        return new Answer.Empty(
                204,
                Map.of(
                        "Set-Cookie",
                        List.of(cookie.keepShare(secret, seconds, call.asked().secure()))));
    }

    private Share share(Call call) {
        return stations.registry()
                .shares()
                .find(call.tenant(), call.principal().credential())
                .orElseThrow(() -> new ProblemException(Problem.notFound()));
    }

    private Board board(Share share) {
        KeptDashboard kept = stations.registry()
                .dashboards()
                .find(share.of())
                .orElseThrow(() -> new ProblemException(Problem.notFound()));
        return new Board(
                share.of().tenant(),
                DashboardFile.read(kept.text().yaml()),
                Json.read(share.held()).path("values"),
                stations.registry().devices(),
                stations.lake());
    }

    private Answer dashboard(Call call) {
        Share share = share(call);
        limit.take(share.id());
        Board board = board(share);
        ObjectNode node = Json.object();
        node.set("dashboard", board.dashboard());
        node.put("range", range(share, board));
        node.set("values", Json.read(share.held()).path("values"));
        ObjectNode units = node.putObject("units");
        board.units(stations.registry().sensors()).forEach(units::put);
        node.put("expiresAt", Json.time(share.expiresAt()));
        return Answer.ok(node);
    }

    private static String range(Share share, Board board) {
        return Json.read(share.held())
                .path("range")
                .asString(board.dashboard().path("range").asString("1h"));
    }

    private Answer widget(Call call) {
        Share share = share(call);
        limit.take(share.id());
        Board board = board(share);
        String place = call.place("widget");
        JsonNode widget = board.widget(place.matches("\\d{1,3}") ? Integer.parseInt(place) : -1);
        Set<String> sensors = new HashSet<>(Board.sensors(widget));
        return switch (widget.path("kind").asString("")) {
            case "chart" -> chart(share, board, widget);
            case "value" ->
                Answer.ok(
                        sensors.isEmpty()
                                ? board.latest(List.of(), Set.of(), 1)
                                : board.latest(
                                        board.about(widget, Board.VALUES_MAX),
                                        Set.of(Board.sensors(widget).getFirst()),
                                        Board.VALUES_MAX));
            case "table" -> Answer.ok(board.latest(board.about(widget, Board.ROWS_MAX), sensors, Board.ROWS_MAX));
            case "alarms" -> Answer.ok(alarms(share, board, widget));
            case "map" -> Answer.ok(map(board, widget));
            case "text" -> Answer.ok(Json.object());
            default -> Answer.notFound();
        };
    }

    private Answer chart(Share share, Board board, JsonNode widget) {
        List<String> sensors = Board.sensors(widget);
        int devicesMax = Math.max(1, Board.LINES_MAX / Math.max(1, sensors.size()));
        List<SeriesName> names = new ArrayList<>();
        for (Device device :
                board.about(widget, devicesMax).stream().limit(devicesMax).toList()) {
            Set<String> said = new HashSet<>();
            for (Lake.LatestValue value : stations.lake().latest(device.tenant(), device.id())) {
                said.add(value.sensor());
            }
            sensors.stream().filter(said::contains).forEach(sensor -> names.add(new SeriesName(device.id(), sensor)));
        }
        if (names.isEmpty()) {
            ObjectNode nothing = Json.object();
            nothing.putArray("rows");
            return Answer.ok(nothing);
        }
        Instant now = clock.instant();
        SeriesRequest request = new SeriesRequest(
                names, now.minus(Times.length("range", range(share, board))), now, new Sampling.M4(COLUMNS));
        Rows rows = stations.query().series(share.of().tenant(), request, QueryLimits.DEFAULTS);
        return new Answer.Streamed(RowFormat.JSON.mediaType(), false, out -> {
            try (rows) {
                rows.writeTo(RowFormat.JSON, out);
            }
        });
    }

    /// What rules said of them stays inside.
    private ObjectNode alarms(Share share, Board board, JsonNode widget) {
        ObjectNode node = Json.object();
        ArrayNode all = node.putArray("alerts");
        for (Alerts.Line line : stations.registry().alerts().grouped(share.of().tenant(), Optional.empty(), "")) {
            Alerts.Alert alert = line.alert();
            if (board.shows(widget, alert.device())) {
                all.add(Json.object()
                        .put("name", alert.key().name())
                        .put("key", Integer.toHexString(alert.key().hashCode()))
                        .put("state", alert.state().slug())
                        .put("device", alert.device())
                        .put("raisedAt", Json.time(alert.raised()))
                        .put("alike", line.alike()));
            }
        }
        return node;
    }

    private ObjectNode map(Board board, JsonNode widget) {
        List<Device> about = board.about(widget, Board.VALUES_MAX);
        Set<String> sensors = new HashSet<>(Board.sensors(widget));
        sensors.addAll(Board.PLACE_SENSORS);
        ObjectNode node = board.latest(about, sensors, Board.VALUES_MAX);
        ArrayNode places = node.putArray("places");
        about.stream().limit(Board.VALUES_MAX).forEach(device -> {
            ObjectNode place = places.addObject().put("id", device.id().value());
            place.set("metadata", Board.place(Json.read(device.metadata())));
            place.putObject("health").put("state", view.state(device));
        });
        return node;
    }
}
