package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.query.QueryEngine;
import tributary.query.QueryEngine.QueryLimits;
import tributary.query.Statement;
import tributary.registry.AlreadyExistsException;
import tributary.registry.SavedQueries;
import tributary.registry.SavedQueries.SavedQuery;

/// Statements that a tenant keeps by name, and runs with other values each time.
final class SavedQueryRoutes {
    private static final Schema.Text NAME =
            Schema.name("letters, digits, '.', '_' and '-', beginning with a letter or digit", 100);
    private static final Schema.Text DESCRIPTION = Schema.text("what it is for", 2000);
    private static final Schema DEFAULTS = new Schema.FreeObject("default values for :name in the statement");

    private static final Schema.Obj QUERY = new Schema.Obj(
            "SavedQuery",
            "A statement that the tenant keeps.",
            List.of(
                    must("name", NAME),
                    must("sql", SqlBody.STATEMENT),
                    must("description", DESCRIPTION),
                    must("parameters", DEFAULTS),
                    must(
                            "names",
                            new Schema.ListOf("the parameters in the statement", Schema.text("a name", 64), 1000)),
                    must("changedAt", new Schema.Moment("when it was saved last"))));

    private static final Schema.Obj NEW_QUERY = new Schema.Obj(
            "NewSavedQuery",
            "A statement to keep.",
            List.of(
                    must("name", NAME),
                    must("sql", SqlBody.STATEMENT),
                    may("description", DESCRIPTION),
                    may("parameters", DEFAULTS)));

    private static final Schema.Obj PATCH = new Schema.Obj(
            "SavedQueryPatch",
            "Changes to a saved query; what is left out stays.",
            List.of(may("sql", SqlBody.STATEMENT), may("description", DESCRIPTION), may("parameters", DEFAULTS)));

    private static final Schema.Obj LIST = new Schema.Obj(
            "SavedQueries",
            "All of the tenant's by name.",
            List.of(must("queries", new Schema.ListOf("each of them", QUERY, 1000))));

    private final SavedQueries queries;
    private final QueryEngine query;
    private final Duration timeoutMax;
    private final InstantSource clock;

    SavedQueryRoutes(SavedQueries queries, QueryEngine query, Duration timeoutMax, InstantSource clock) {
        this.queries = queries;
        this.query = query;
        this.timeoutMax = timeoutMax;
        this.clock = clock;
    }

    List<Route> routes() {
        String one = "/api/v1/sql/saved/{name}";
        Success rows = new Success(200, "The rows, streamed.", SqlBody.MEDIA_TYPES, QueryRoutes.ROWS);
        Schema.Obj run = new Schema.Obj("SavedQueryRun", "Values and limits of one run.", SqlBody.limits(timeoutMax));
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/sql/saved",
                        Access.VIEWER,
                        new Doc("query", "listSavedQueries", "List saved queries", ""),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/sql/saved",
                        Access.OPERATOR,
                        new Doc("query", "saveQuery", "Save a query under a name", ""),
                        new Shape(List.of(), NEW_QUERY, Success.json(201, QUERY)),
                        this::add),
                new Route(
                        Method.GET,
                        one,
                        Access.VIEWER,
                        new Doc("query", "getSavedQuery", "Show a saved query", ""),
                        new Shape(List.of(), null, Success.json(200, QUERY)),
                        call -> found(call).map(saved -> Answer.ok(json(saved))).orElseGet(Answer::notFound)),
                new Route(
                        Method.PATCH,
                        one,
                        Access.OPERATOR,
                        new Doc("query", "changeSavedQuery", "Change a saved query", ""),
                        new Shape(List.of(), PATCH, Success.json(200, QUERY)),
                        this::patch),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc("query", "removeSavedQuery", "Remove a saved query", ""),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> queries.remove(call.tenant(), call.place("name")) ? Answer.done() : Answer.notFound()),
                new Route(
                        Method.POST,
                        one + "/rows",
                        Access.VIEWER,
                        new Doc(
                                "query",
                                "runSavedQuery",
                                "Run a saved query",
                                "Parameters that are left out have their default value."),
                        new Shape(List.of(SqlBody.FORMAT), run, rows),
                        call -> run(call, SqlBody.parameters(call.body().path("parameters")))),
                new Route(
                        Method.GET,
                        one + "/rows",
                        Access.VIEWER,
                        new Doc(
                                "query",
                                "runSavedQueryByLink",
                                "Run a saved query whose values stand in the address",
                                "For what reads an address, such as Grafana's Infinity data source and spreadsheets."),
                        new Shape(List.of(SqlBody.PARAMETER, SqlBody.FORMAT), null, rows),
                        call -> run(call, SqlBody.parameters(call))));
    }

    private Optional<SavedQuery> found(Call call) {
        return queries.find(call.tenant(), call.place("name"));
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("queries");
        queries.all(call.tenant()).forEach(saved -> all.add(json(saved)));
        return Answer.ok(answer);
    }

    private Answer add(Call call) {
        String name = call.text("name", "");
        if (queries.find(call.tenant(), name).isPresent()) {
            throw new AlreadyExistsException("there is a saved query '" + name + "' already");
        }
        SavedQuery saved = new SavedQuery(
                call.tenant(),
                name,
                call.text("sql", ""),
                call.text("description", ""),
                defaults(call, "{}"),
                clock.instant());
        Flaws.kept(() -> queries.save(saved));
        return Answer.created(json(saved));
    }

    private Answer patch(Call call) {
        Optional<SavedQuery> known = found(call);
        if (known.isEmpty()) {
            return Answer.notFound();
        }
        SavedQuery before = known.get();
        SavedQuery saved = new SavedQuery(
                before.tenant(),
                before.name(),
                call.text("sql", before.statement()),
                call.text("description", before.description()),
                defaults(call, before.parameters()),
                clock.instant());
        Flaws.kept(() -> queries.save(saved));
        return Answer.ok(json(saved));
    }

    private static String defaults(Call call, String fallback) {
        JsonNode given = call.body().path("parameters");
        if (!given.isObject()) {
            return fallback;
        }
        SqlBody.parameters(given);
        return Json.text(given);
    }

    private Answer run(Call call, Map<String, Object> given) {
        Optional<SavedQuery> known = found(call);
        if (known.isEmpty()) {
            return Answer.notFound();
        }
        SavedQuery saved = known.get();
        Map<String, Object> values = SqlBody.parameters(Json.read(saved.parameters()));
        values.keySet().retainAll(Statement.parameters(saved.statement()));
        values.putAll(given);
        Statement statement = new Statement(saved.statement(), values, call.text("id", ""));
        boolean limited = call.body().isObject();
        return SqlBody.rows(call, query, statement, limited ? SqlBody.limits(call) : QueryLimits.DEFAULTS);
    }

    private static ObjectNode json(SavedQuery saved) {
        ObjectNode node = Json.object();
        node.put("name", saved.name()).put("sql", saved.statement()).put("description", saved.description());
        node.set("parameters", Json.read(saved.parameters()));
        ArrayNode names = node.putArray("names");
        Statement.parameters(saved.statement()).forEach(names::add);
        node.put("changedAt", Json.time(saved.changedAt()));
        return node;
    }
}
