package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.lake.Lake;
import tributary.model.TenantId;
import tributary.query.QueryEngine;
import tributary.query.QueryException;
import tributary.query.RowFormat;
import tributary.query.Rows;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Around SQL: what statements may name, with sample values, and the statements that run now.
final class StatementRoutes {
    private static final int SAMPLES = 3;
    private static final int SAMPLE_LENGTH_MAX = 60;
    private static final QueryEngine.QueryLimits SAMPLE_LIMITS =
            new QueryEngine.QueryLimits(Duration.ofSeconds(10), SAMPLES);

    /// By table of slots: how wide they are.
    private static final Map<String, Duration> SLOTS = Map.of(
            "readings_1m", Duration.ofMinutes(1),
            "readings_1h", Duration.ofHours(1),
            "readings_1d", Duration.ofDays(1));

    private static final Devices.Filter ANY = new Devices.Filter("", "", null, Map.of());

    private static final Schema.Obj COLUMN = new Schema.Obj(
            "SqlColumn",
            "A column.",
            List.of(
                    must("name", Schema.text("its name", 1024)),
                    must("type", Schema.text("its SQL type", 200)),
                    must("samples", new Schema.ListOf("values of it", new Schema.Anything("a value"), SAMPLES))));

    private static final Schema.Obj TABLE = new Schema.Obj(
            "SqlTable",
            "A table or a view.",
            List.of(
                    must("name", Schema.text("its name", 200)),
                    must("kind", Schema.oneOf("which", "table", "view")),
                    may("types", new Schema.ListOf("device types that a view shows", Schema.text("a type", 128), 1000)),
                    must("columns", new Schema.ListOf("in order", COLUMN, 10_000))));

    private static final Schema.Obj SCHEMA = new Schema.Obj(
            "SqlSchema",
            "What statements may name.",
            List.of(
                    must("tables", new Schema.ListOf("tables, then the views of device types", TABLE, 10_000)),
                    must("functions", new Schema.ListOf("all that are allowed", Schema.text("a name", 100), 10_000))));

    private static final Schema.Obj RUNNING = new Schema.Obj(
            "RunningQueries",
            "The statements of the tenant that run now, the oldest first.",
            List.of(must(
                    "queries",
                    new Schema.ListOf(
                            "each of them",
                            new Schema.Obj(
                                    "RunningQuery",
                                    "A statement under way.",
                                    List.of(
                                            must("id", Schema.text("to cancel it by", 64)),
                                            must("sql", Schema.text("its first 1,000 characters", 1000)),
                                            must("since", new Schema.Moment("when it came in")),
                                            may("percent", new Schema.Decimal("how far it is, where that is known")),
                                            must("rows", new Schema.Whole("rows sent so far", 0, Long.MAX_VALUE)))),
                            10_000))));

    private final QueryEngine query;
    private final Lake lake;
    private final Devices devices;

    StatementRoutes(QueryEngine query, Lake lake, Devices devices) {
        this.query = query;
        this.lake = lake;
        this.devices = devices;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/sql/schema",
                        Access.VIEWER,
                        new Doc(
                                "query",
                                "sqlSchema",
                                "Show tables, views, columns and functions",
                                "Each column with a few of its values, unless samples=false."),
                        new Shape(
                                List.of(Param.of("samples", Schema.oneOf("whether to show values", "true", "false"))),
                                null,
                                Success.json(200, SCHEMA)),
                        this::schema),
                new Route(
                        Method.GET,
                        "/api/v1/sql/running",
                        Access.VIEWER,
                        new Doc("query", "runningQueries", "List the statements that run now", ""),
                        new Shape(List.of(), null, Success.json(200, RUNNING)),
                        this::running),
                new Route(
                        Method.DELETE,
                        "/api/v1/sql/running/{query}",
                        Access.VIEWER,
                        new Doc(
                                "query",
                                "cancelQuery",
                                "Cancel a statement that runs",
                                "Whoever waits for it gets the problem query-cancelled, or a connection that is cut."),
                        new Shape(List.of(), null, Success.none(204, "It was told to stop.")),
                        call -> query.cancel(call.tenant(), call.place("query")) ? Answer.done() : Answer.notFound()));
    }

    private Answer running(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode queries = answer.putArray("queries");
        for (QueryEngine.Running running : query.running(call.tenant())) {
            ObjectNode one = queries.addObject();
            one.put("id", running.id()).put("sql", running.text()).put("since", Json.time(running.since()));
            if (running.percent() >= 0) {
                one.put("percent", Math.round(running.percent() * 10) / 10.0);
            }
            one.put("rows", running.rows());
        }
        return Answer.ok(answer);
    }

    private Answer schema(Call call) {
        boolean samples = !call.query("samples").orElse("true").equals("false");
        QueryEngine.Known known = query.known(call.tenant());
        ObjectNode answer = Json.object();
        ArrayNode tables = answer.putArray("tables");
        for (String name : known.tables()) {
            table(tables.addObject().put("name", name).put("kind", "table"), call.tenant(), name, samples);
        }
        for (QueryEngine.View view : known.views()) {
            ObjectNode node = tables.addObject().put("name", view.name()).put("kind", "view");
            ArrayNode types = node.putArray("types");
            view.types().forEach(types::add);
            view(node.putArray("columns"), call.tenant(), view, samples);
        }
        ArrayNode functions = answer.putArray("functions");
        new TreeSet<>(known.functions()).forEach(functions::add);
        return Answer.ok(answer);
    }

    /// The columns of a table are asked of the table itself, so they are what statements see.
    private void table(ObjectNode node, TenantId tenant, String name, boolean samples) {
        ArrayNode columns = node.putArray("columns");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String statement = "SELECT * FROM " + name
                + (SLOTS.containsKey(name) ? slots(tenant, SLOTS.getOrDefault(name, Duration.ZERO)) : "")
                + " LIMIT " + (samples ? SAMPLES : 0);
        try (Rows rows = query.sql(tenant, statement, SAMPLE_LIMITS)) {
            rows.writeTo(RowFormat.JSON, out);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        } catch (QueryException e) {
            if (e.reason() == QueryException.Reason.BUSY) {
                throw e;
            }
            return;
        }
        JsonNode answer = Json.read(out.toByteArray());
        int at = 0;
        for (JsonNode column : answer.path("columns")) {
            ObjectNode one = columns.addObject();
            one.set("name", column.path("name"));
            one.set("type", column.path("type"));
            ArrayNode values = one.putArray("samples");
            for (JsonNode row : answer.path("rows")) {
                values.add(shortened(row.path(at)));
            }
            at++;
        }
    }

    /// A row of a table of slots is there when all of its readings have been looked at, so only the last slots
    /// of one of a few devices are: that one which sent last.
    private String slots(TenantId tenant, Duration width) {
        String device = "";
        long last = Long.MIN_VALUE;
        for (Device one : devices.list(tenant, ANY, null, SAMPLES)) {
            for (Lake.LatestValue latest : lake.latest(tenant, one.id())) {
                if (latest.tsMicros() > last) {
                    last = latest.tsMicros();
                    device = one.id().value();
                }
            }
        }
        long from = Math.max(last, 0) - SAMPLES * width.toSeconds() * 1_000_000;
        return " WHERE device = '%s' AND ts > make_timestamp(%d)".formatted(device.replace("'", "''"), from);
    }

    /// The last values of a few devices stand for a view: a look at all of its history would cost too much.
    private void view(ArrayNode columns, TenantId tenant, QueryEngine.View view, boolean samples) {
        ArrayNode ids = column(columns, new QueryEngine.ViewColumn("device", "VARCHAR", ""));
        ArrayNode times = column(columns, new QueryEngine.ViewColumn("ts", "TIMESTAMP", ""));
        Map<String, ArrayNode> bySensor = new HashMap<>();
        view.columns().forEach(one -> bySensor.put(one.sensor(), column(columns, one)));
        if (!samples) {
            return;
        }
        Devices.Filter filter = new Devices.Filter("", view.types().getFirst(), null, Map.of());
        for (Device device : devices.list(tenant, filter, null, SAMPLES)) {
            add(ids, device.id().value());
            boolean first = true;
            for (Lake.LatestValue latest : lake.latest(tenant, device.id())) {
                String text = latest.text();
                ArrayNode cells = bySensor.get(latest.sensor());
                if (cells != null && cells.size() < SAMPLES) {
                    if (text == null) {
                        cells.add(latest.value());
                    } else {
                        add(cells, text);
                    }
                }
                if (first) {
                    add(times, Json.time(latest.tsMicros()));
                    first = false;
                }
            }
        }
    }

    private static ArrayNode column(ArrayNode columns, QueryEngine.ViewColumn column) {
        return columns.addObject()
                .put("name", column.name())
                .put("type", column.type())
                .putArray("samples");
    }

    private static void add(ArrayNode values, String text) {
        values.add(text.length() > SAMPLE_LENGTH_MAX ? text.substring(0, SAMPLE_LENGTH_MAX) + "..." : text);
    }

    private static JsonNode shortened(JsonNode value) {
        if (!value.isString() || value.stringValue().length() <= SAMPLE_LENGTH_MAX) {
            return value;
        }
        ArrayNode one = Json.array();
        add(one, value.stringValue());
        return one.get(0);
    }
}
