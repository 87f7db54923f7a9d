package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.engine.RuleEngine;
import tributary.engine.RuleFunctions;
import tributary.model.Quote;
import tributary.registry.Functions;
import tributary.registry.Functions.FunctionName;
import tributary.registry.Functions.KeptFunction;
import tributary.registry.Registry;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;

/// Functions in JavaScript that the tenant's rules call.
final class FunctionRoutes {
    private static final String TAG = "rules";
    private static final Schema.Text NAME = Schema.name("small letters, digits and '_', no digit first", 63);
    private static final Schema.Text TEXT = Schema.name("JavaScript: function name(a, b) { ... }", 64 << 10);

    private static final Schema.Obj FUNCTION = new Schema.Obj(
            "Function",
            "A function that the tenant's rules may call.",
            List.of(
                    must("name", NAME),
                    must("version", new Schema.Whole("one more with each change of the text", 1, Integer.MAX_VALUE)),
                    must("parameters", new Schema.ListOf("what it takes", Schema.text("a name", 65_536), 20)),
                    must("text", TEXT),
                    must("savedAt", new Schema.Moment("when it was changed last")),
                    must("savedBy", Schema.text("who did that", 200))));

    private static final Schema.Obj NEW_FUNCTION =
            new Schema.Obj("NewFunction", "The text of a function.", List.of(may("text", TEXT)));

    static final Schema.Obj CHECK =
            new Schema.Obj("FunctionCheck", "What to look at.", List.of(must("name", NAME), must("text", TEXT)));

    private static final Schema.Obj LIST = new Schema.Obj(
            "Functions",
            "The functions of the tenant.",
            List.of(must("functions", new Schema.ListOf("by name", FUNCTION, Functions.PER_TENANT_MAX))));

    private static final Schema.Obj VERSIONS = new Schema.Obj(
            "FunctionVersions",
            "The texts that a function had.",
            List.of(must("versions", new Schema.ListOf("the newest first", FUNCTION, Functions.VERSIONS_MAX))));

    private static final Schema.Obj CHECKED = new Schema.Obj(
            "CheckedFunction",
            "Whether a text can be kept.",
            List.of(
                    must("good", new Schema.Flag("whether it can")),
                    may("message", Schema.text("what is wrong, with line and column", 4096))));

    private final Functions functions;
    private final RuleStore rules;
    private final RuleEngine engine;
    private final Dependents dependents;
    private final InstantSource clock;

    FunctionRoutes(Registry registry, RuleEngine engine, InstantSource clock) {
        this.functions = registry.functions();
        this.rules = registry.rules();
        this.engine = engine;
        this.dependents = new Dependents(rules, engine);
        this.clock = clock;
    }

    List<Route> routes() {
        String one = "/api/v1/functions/{function}";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/functions",
                        Access.VIEWER,
                        new Doc(TAG, "listFunctions", "List the functions that rules may call", ""),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.GET,
                        one,
                        Access.VIEWER,
                        new Doc(TAG, "getFunction", "Show a function", ""),
                        new Shape(List.of(), null, Success.json(200, FUNCTION)),
                        call -> functions
                                .find(name(call))
                                .map(known -> Answer.ok(json(known)))
                                .orElseGet(Answer::notFound)),
                new Route(
                        Method.POST,
                        "/api/v1/functions/check",
                        Access.OPERATOR,
                        new Doc(TAG, "checkFunction", "Check a function", "Reads the text and keeps nothing."),
                        new Shape(List.of(), CHECK, Success.json(200, CHECKED)),
                        this::check),
                new Route(
                        Method.PUT,
                        one,
                        Access.OPERATOR,
                        new Doc(
                                TAG,
                                "putFunction",
                                "Save a function",
                                "A text that differs is a new version, and rules that call it begin afresh. A text that"
                                        + " cannot be read, or with which a rule could not run any more, is refused."),
                        new Shape(List.of(), NEW_FUNCTION, Success.json(200, FUNCTION)),
                        this::put),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc(TAG, "removeFunction", "Remove a function", "Refused while a rule calls it."),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        this::remove),
                new Route(
                        Method.GET,
                        one + "/versions",
                        Access.VIEWER,
                        new Doc(TAG, "listFunctionVersions", "List the texts that a function had", ""),
                        new Shape(List.of(), null, Success.json(200, VERSIONS)),
                        this::versions));
    }

    private static FunctionName name(Call call) {
        return new FunctionName(call.tenant(), call.place("function"));
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("functions");
        functions.all(call.tenant()).forEach(function -> all.add(json(function)));
        return Answer.ok(answer);
    }

    private Answer check(Call call) {
        Optional<String> flaw = flaw(call, call.text("name", ""));
        ObjectNode answer = Json.object().put("good", flaw.isEmpty());
        flaw.ifPresent(what -> answer.put("message", what));
        return Answer.ok(answer);
    }

    private Answer put(Call call) {
        if (!call.body().has("text")) {
            if (functions.find(name(call)).isEmpty()) {
                return Answer.notFound();
            }
            throw Flaws.field("text", "is missing");
        }
        flaw(call, call.place("function")).ifPresent(what -> {
            throw Flaws.field("text", what);
        });
        return Answer.ok(json(Flaws.kept(() -> functions.save(
                name(call),
                call.text("text", ""),
                callers(call),
                call.principal().subject(),
                clock.instant()))));
    }

    /// @return the names of rules that call it
    private List<String> callers(Call call) {
        RuleFunctions now = engine.functions(call.tenant());
        String name = call.place("function");
        return rules.all(call.tenant()).stream()
                .filter(rule -> now.calledBy(rule.text()).containsKey(name))
                .map(KeptRule::name)
                .toList();
    }

    private Optional<String> flaw(Call call, String name) {
        String text = call.text("text", "");
        RuleFunctions now = engine.functions(call.tenant());
        return now.flaw(name, text).or(() -> {
            List<String> broken = dependents.broken(call.tenant(), now.with(name, text));
            return broken.isEmpty()
                    ? Optional.empty()
                    : Optional.of("rules that call it could not run any more: " + String.join(", ", broken));
        });
    }

    private Answer remove(Call call) {
        String name = call.place("function");
        RuleFunctions then = engine.functions(call.tenant()).with(name, null);
        dependents.spare(call.tenant(), then, "Rules call " + Quote.shorten(name) + "()");
        return functions.remove(name(call)) ? Answer.done() : Answer.notFound();
    }

    private Answer versions(Call call) {
        List<KeptFunction> kept = functions.versions(name(call));
        if (kept.isEmpty()) {
            return Answer.notFound();
        }
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("versions");
        kept.forEach(version -> all.add(json(version)));
        return Answer.ok(answer);
    }

    private static ObjectNode json(KeptFunction function) {
        ObjectNode node = Json.object().put("name", function.name()).put("version", function.version());
        ArrayNode parameters = node.putArray("parameters");
        RuleFunctions.parameters(function.text()).forEach(parameters::add);
        return node.put("text", function.text())
                .put("savedAt", Json.time(function.savedAt()))
                .put("savedBy", function.savedBy());
    }
}
