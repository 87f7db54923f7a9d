package tributary.api;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.engine.RuleCheck;
import tributary.engine.RuleEngine;
import tributary.engine.RuleFigures;
import tributary.engine.RuleFunctions;
import tributary.registry.Registry;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.Action;
import tributary.registry.RuleStore.Change;
import tributary.registry.RuleStore.KeptRule;
import tributary.registry.RuleStore.RuleName;
import tributary.registry.RuleStore.State;
import tributary.registry.RuleStore.Text;
import tributary.registry.SinkDefinitions;

/// Rules of a tenant: their text, what they do, what they did.
final class RuleRoutes {
    private static final String TAG = "rules";

    private static final Text NEW = new Text("", "tributary", "UTC", "", List.of());

    private final RuleStore rules;
    private final SinkDefinitions sinks;
    private final RuleEngine engine;
    private final InstantSource clock;

    RuleRoutes(Registry registry, RuleEngine engine, InstantSource clock) {
        this.rules = registry.rules();
        this.sinks = registry.sinks();
        this.engine = engine;
        this.clock = clock;
    }

    List<Route> routes() {
        String one = "/api/v1/rules/{rule}";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/rules",
                        Access.VIEWER,
                        new Doc(TAG, "listRules", "List rules", ""),
                        new Shape(List.of(), null, Success.json(200, RuleSchemas.LIST)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/rules/check",
                        Access.VIEWER,
                        new Doc(TAG, "checkRule", "Check a rule", "Compiles it and keeps nothing."),
                        new Shape(
                                List.of(),
                                RuleSchemas.toCheck(FunctionRoutes.CHECK),
                                Success.json(200, RuleSchemas.CHECKED)),
                        this::check),
                new Route(
                        Method.GET,
                        one,
                        Access.VIEWER,
                        new Doc(TAG, "getRule", "Show a rule", ""),
                        new Shape(List.of(), null, Success.json(200, RuleSchemas.RULE)),
                        call -> answer(rules.find(name(call)))),
                new Route(
                        Method.PUT,
                        one,
                        Access.OPERATOR,
                        new Doc(
                                TAG,
                                "putRule",
                                "Save a rule",
                                "A text that differs is a new version, and the rule begins afresh where its statement"
                                        + " differs. A statement that cannot run is refused."),
                        new Shape(List.of(), RuleSchemas.NEW_RULE, Success.json(200, RuleSchemas.RULE)),
                        this::put),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc(TAG, "removeRule", "Remove a rule", "With its versions and all that it remembers."),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> rules.remove(name(call)) ? Answer.done() : Answer.notFound()),
                new Route(
                        Method.POST,
                        one + "/state",
                        Access.OPERATOR,
                        new Doc(TAG, "putRuleState", "Switch a rule on, to shadow, to paused or back to draft", ""),
                        new Shape(List.of(), RuleSchemas.STATE_BODY, Success.json(200, RuleSchemas.RULE)),
                        this::putState),
                new Route(
                        Method.GET,
                        one + "/versions",
                        Access.VIEWER,
                        new Doc(TAG, "listRuleVersions", "List the texts that a rule had", ""),
                        new Shape(List.of(), null, Success.json(200, RuleSchemas.VERSIONS)),
                        this::versions),
                new Route(
                        Method.GET,
                        one + "/log",
                        Access.VIEWER,
                        new Doc(TAG, "getRuleLog", "What a rule said and failed at last", ""),
                        new Shape(List.of(), null, Success.json(200, RuleSchemas.LOG)),
                        this::log));
    }

    private static RuleName name(Call call) {
        return new RuleName(call.tenant(), call.place("rule"));
    }

    private Change change(Call call) {
        return new Change(call.principal().subject(), clock.instant());
    }

    private Answer answer(Optional<KeptRule> rule) {
        return rule.map(known -> Answer.ok(json(known))).orElseGet(Answer::notFound);
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("rules");
        rules.all(call.tenant()).forEach(rule -> all.add(json(rule)));
        return Answer.ok(answer);
    }

    private Answer check(Call call) {
        Text text = text(call, NEW);
        RuleFunctions functions = engine.functions(call.tenant());
        for (JsonNode function : call.body().path("functions")) {
            functions = functions.with(
                    function.path("name").asString(""), function.path("text").asString(""));
        }
        for (JsonNode table : call.body().path("tables")) {
            functions = functions.withTable(table.asString(""));
        }
        Optional<RuleCheck.Flaw> flaw = RuleCheck.flaw(text, functions);
        ObjectNode answer = Json.object().put("good", flaw.isEmpty());
        if (flaw.isEmpty()) {
            ArrayNode topics = answer.putArray("topics");
            RuleCheck.topics(text, functions).forEach(topics::add);
            ArrayNode warnings = answer.putArray("warnings");
            RuleCheck.warnings(text, functions).forEach(warnings::add);
            RuleCheck.missing(text, sink -> sinks.find(call.tenant(), sink).isPresent())
                    .forEach(warnings::add);
        } else {
            RuleCheck.Flaw wrong = flaw.get();
            answer.put("field", wrong.field())
                    .put("line", wrong.line())
                    .put("column", wrong.column())
                    .put("message", wrong.what())
                    .put("suggestion", wrong.suggestion());
        }
        return Answer.ok(answer);
    }

    private Answer put(Call call) {
        Optional<KeptRule> known = rules.find(name(call));
        if (known.isEmpty() && !call.body().has("sql")) {
            return Answer.notFound();
        }
        Text text = text(call, known.map(KeptRule::text).orElse(NEW));
        RuleCheck.flaw(text, engine.functions(call.tenant())).ifPresent(flaw -> {
            throw Flaws.field(flaw.field(), flaw.sentence());
        });
        JsonNode version = call.body().path("version");
        OptionalInt expected = version.isNumber() ? OptionalInt.of(version.intValue()) : OptionalInt.empty();
        String state = call.text("state", "");
        Optional<State> next = state.isEmpty() ? Optional.empty() : Optional.of(State.of(state));
        return Answer.ok(json(Flaws.kept(() -> rules.save(name(call), text, expected, next, change(call)))));
    }

    private Answer putState(Call call) {
        if (rules.find(name(call)).isEmpty()) {
            return Answer.notFound();
        }
        if (!call.body().has("state")) {
            throw Flaws.field("state", "is missing: draft, shadow, on or paused");
        }
        return answer(rules.put(name(call), State.of(call.text("state", "")), change(call)));
    }

    /// @param before what stays of what the call leaves out
    private static Text text(Call call, Text before) {
        List<Action> actions = new ArrayList<>();
        for (JsonNode action : call.body().path("actions")) {
            actions.add(action(action));
        }
        return new Text(
                call.text("sql", before.sql()),
                call.text("sqlVersion", before.sqlVersion()),
                call.text("zone", before.zone()),
                call.text("description", before.description()),
                call.body().has("actions") ? actions : before.actions());
    }

    private static Action action(JsonNode action) {
        int size = action.size() - (action.has("raw") ? 1 : 0);
        if (size != 1 || action.has("raw") && !action.has("sink")) {
            throw Flaws.field("actions", "each is either a topic, a sink or a command; raw goes with a sink");
        }
        if (action.has("sink")) {
            return new Action(
                    action.path("raw").asBoolean(false) ? Action.Kind.SINK_WITH_RAW : Action.Kind.SINK,
                    action.path("sink").stringValue());
        }
        return action.has("topic")
                ? new Action(Action.Kind.TOPIC, action.path("topic").stringValue())
                : new Action(Action.Kind.COMMAND, action.path("command").stringValue());
    }

    private Answer versions(Call call) {
        if (rules.find(name(call)).isEmpty()) {
            return Answer.notFound();
        }
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("versions");
        for (RuleStore.Version version : rules.versions(name(call))) {
            ObjectNode node = all.addObject().put("version", version.number());
            text(node, version.text());
            node.put("savedAt", Json.time(version.savedAt())).put("savedBy", version.savedBy());
        }
        return Answer.ok(answer);
    }

    private Answer log(Call call) {
        if (rules.find(name(call)).isEmpty()) {
            return Answer.notFound();
        }
        RuleFigures.Shown shown =
                engine.shown(call.tenant(), call.place("rule")).orElseGet(() -> RuleFigures.Shown.NOTHING);
        ObjectNode answer = Json.object();
        answer.set("figures", figures(shown));
        ArrayNode said = answer.putArray("said");
        for (RuleFigures.Saying saying : shown.sayings()) {
            said.addObject()
                    .put("at", moment(saying.atMillis()))
                    .put("device", saying.device())
                    .put("payload", saying.payload())
                    .put("sent", saying.sent());
        }
        ArrayNode failed = answer.putArray("failed");
        for (RuleFigures.Failure failure : shown.failures()) {
            failed.add(json(failure));
        }
        return Answer.ok(answer);
    }

    static ObjectNode json(RuleFigures.Failure failure) {
        return Json.object()
                .put("at", moment(failure.atMillis()))
                .put("what", failure.what())
                .put("topic", failure.topic())
                .put("device", failure.device())
                .put("payload", failure.payload());
    }

    private static String moment(long millis) {
        return Json.time(Instant.ofEpochMilli(millis));
    }

    private ObjectNode json(KeptRule rule) {
        ObjectNode node = Json.object()
                .put("name", rule.name())
                .put("version", rule.version())
                .put("state", rule.state().slug());
        text(node, rule.text());
        node.put("createdAt", Json.time(rule.createdAt()))
                .put("changedAt", Json.time(rule.changedAt()))
                .put("changedBy", rule.changedBy());
        engine.shown(rule.tenant(), rule.name())
                .ifPresentOrElse(shown -> node.set("figures", figures(shown)), () -> node.putNull("figures"));
        return node;
    }

    private static ObjectNode figures(RuleFigures.Shown shown) {
        return Json.object()
                .put("taken", shown.taken())
                .put("said", shown.said())
                .put("failed", shown.failed())
                .put("late", shown.odd().late())
                .put("skewed", shown.odd().skewed())
                .put("unstamped", shown.odd().unstamped())
                .put("unread", shown.odd().unread())
                .put("microsAMessage", shown.nanos() / 1000.0);
    }

    private static void text(ObjectNode node, Text text) {
        node.put("sql", text.sql())
                .put("sqlVersion", text.sqlVersion())
                .put("zone", text.zone())
                .put("description", text.description());
        ArrayNode actions = node.putArray("actions");
        for (Action action : text.actions()) {
            ObjectNode one = actions.addObject();
            switch (action.kind()) {
                case TOPIC -> one.put("topic", action.to());
                case COMMAND -> one.put("command", action.to());
                case SINK, SINK_OF_ALERTS -> one.put("sink", action.to());
                case SINK_WITH_RAW -> one.put("sink", action.to()).put("raw", true);
            }
        }
    }
}
