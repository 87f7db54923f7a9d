package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.engine.RuleEngine;
import tributary.engine.RuleFunctions;
import tributary.model.Quote;
import tributary.registry.LookupTables;
import tributary.registry.LookupTables.KeptTable;
import tributary.registry.LookupTables.TableName;
import tributary.registry.Registry;

/// Tables that the tenant's rules look into.
final class TableRoutes {
    private static final String TAG = "rules";

    private static final List<Schema.Field> HEAD = List.of(
            must("name", Schema.name("small letters, digits and '_', no digit first", 63)),
            must("revision", new Schema.Whole("one more with each change", 1, Long.MAX_VALUE)),
            must("rowCount", new Schema.Whole("how many rows it has", 0, LookupTables.ROWS_MAX)),
            must("savedAt", new Schema.Moment("when it was changed last")),
            must("savedBy", Schema.text("who did that", 200)));

    private static final Schema.Obj TABLE = new Schema.Obj("LookupTable", "A table that rules look into.", HEAD);

    private static final Schema ROW_LIST = new Schema.ListOf(
            "in any order; a value is what a rule gets as s.column",
            new Schema.FreeObject("a row: values by column"),
            LookupTables.ROWS_MAX);

    private static final Schema.Obj ROWS =
            new Schema.Obj("LookupRows", "The rows of a table.", List.of(must("rows", ROW_LIST)));

    private static final Schema.Obj NEW_ROWS =
            new Schema.Obj("NewLookupRows", "The rows that a table has from now on.", List.of(may("rows", ROW_LIST)));

    private static final Schema.Obj LIST = new Schema.Obj(
            "LookupTables",
            "The tables of the tenant.",
            List.of(must("tables", new Schema.ListOf("by name", TABLE, LookupTables.PER_TENANT_MAX))));

    private final LookupTables tables;
    private final RuleEngine engine;
    private final Dependents dependents;
    private final InstantSource clock;

    TableRoutes(Registry registry, RuleEngine engine, InstantSource clock) {
        this.tables = registry.tables();
        this.engine = engine;
        this.dependents = new Dependents(registry.rules(), engine);
        this.clock = clock;
    }

    List<Route> routes() {
        String one = "/api/v1/tables/{table}";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/tables",
                        Access.VIEWER,
                        new Doc(TAG, "listTables", "List the tables that rules look into", ""),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.GET,
                        one,
                        Access.VIEWER,
                        new Doc(TAG, "getTable", "Show the rows of a table", ""),
                        new Shape(List.of(), null, Success.json(200, ROWS)),
                        call -> tables.rows(name(call))
                                .map(rows -> Answer.ok(Json.object().set("rows", Json.read(rows))))
                                .orElseGet(Answer::notFound)),
                new Route(
                        Method.PUT,
                        one,
                        Access.OPERATOR,
                        new Doc(
                                TAG,
                                "putTable",
                                "Save a table",
                                "In place of all rows that it had. Rules see it from the next message on; what they"
                                        + " remember stays."),
                        new Shape(List.of(), NEW_ROWS, Success.json(200, TABLE)),
                        this::put),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc(TAG, "removeTable", "Remove a table", "Refused while a rule looks into it."),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        this::remove));
    }

    private static TableName name(Call call) {
        return new TableName(call.tenant(), call.place("table"));
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("tables");
        tables.all(call.tenant()).forEach(table -> all.add(json(table)));
        return Answer.ok(answer);
    }

    private Answer put(Call call) {
        if (!call.body().has("rows")) {
            if (tables.find(name(call)).isEmpty()) {
                return Answer.notFound();
            }
            throw Flaws.field("rows", "is missing");
        }
        String rows = call.body().path("rows").toString();
        return Answer.ok(json(
                Flaws.kept(() -> tables.save(name(call), rows, call.principal().subject(), clock.instant()))));
    }

    private Answer remove(Call call) {
        TableName name = name(call);
        RuleFunctions then = engine.functions(call.tenant()).without(name.name());
        dependents.spare(call.tenant(), then, "Rules look into " + Quote.shorten(name.name()));
        return tables.remove(name) ? Answer.done() : Answer.notFound();
    }

    private static ObjectNode json(KeptTable table) {
        return Json.object()
                .put("name", table.name())
                .put("revision", table.revision())
                .put("rowCount", table.rowCount())
                .put("savedAt", Json.time(table.savedAt()))
                .put("savedBy", table.savedBy());
    }
}
