package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.sinks.Parcel;
import tributary.sinks.SinkStatus;
import tributary.sinks.SinkView;
import tributary.sinks.Sinks;
import tributary.sinks.SourceStatus;

/// Where outputs of rules go: definitions, how they do, tests, and what could not be delivered.
final class SinkRoutes {
    private static final String ONE = "/api/v1/sinks/{sink}";
    private static final String DEAD = ONE + "/dead";
    private static final String LETTER = DEAD + "/{position}";
    private static final int PAGE_MAX = 500;

    private static final Schema.Text NAME =
            Schema.name("letters, digits, '.', '_' and '-', beginning with a letter or digit", 100);
    private static final Schema.Text TYPE = Schema.name("webhook, folder and so on; docs/sinks.md has all", 100);
    private static final Schema CONFIG = new Schema.FreeObject("the fields of its type; no secret is in it");
    private static final Schema.Whole COUNT = new Schema.Whole("how many", 0, Long.MAX_VALUE);
    private static final Schema.Text POSITION =
            Schema.shaped("names the letter: the parcel's place in the outbox", 20, "\\d{1,19}");

    private static final Schema.Obj INCOMING = new Schema.Obj(
            "SinkIncoming",
            "How it goes with what a sink brings in. Counts are since the start of the server.",
            List.of(
                    must("state", Schema.oneOf("away: cannot listen, and tries again", "listening", "away")),
                    must("taken", COUNT),
                    must("refused", COUNT),
                    must("own", new Schema.Whole("messages of its own that came back", 0, Long.MAX_VALUE)),
                    may("awaySince", new Schema.Moment("since when nothing can come")),
                    may("lastError", Schema.text("what went wrong last", 5000)),
                    may("lastErrorAt", new Schema.Moment("when")),
                    may("lastTaken", new Schema.Moment("when something was taken last"))));

    private static final Schema.Obj SINK = new Schema.Obj(
            "Sink",
            "A receiver of outputs of rules, and how it does. Counts are since the start of the server.",
            List.of(
                    must("name", NAME),
                    must("type", TYPE),
                    must("config", CONFIG),
                    must("secrets", new Schema.ListOf("names of those that are set", Schema.text("a name", 100), 20)),
                    must("changedAt", new Schema.Moment("when it was changed last")),
                    must(
                            "state",
                            Schema.oneOf(
                                    "running; retrying: the last attempt failed; blocked: no room for dead letters;"
                                            + " broken: the definition cannot be used",
                                    "running",
                                    "retrying",
                                    "blocked",
                                    "broken")),
                    must("delivered", COUNT),
                    must("failures", COUNT),
                    must("putAside", COUNT),
                    must("behind", new Schema.Whole("positions of the outbox that are before it", 0, Long.MAX_VALUE)),
                    must(
                            "waitingBytes",
                            new Schema.Whole("in its own files, because it was away for long", 0, Long.MAX_VALUE)),
                    must("lost", new Schema.Whole("parcels that went because more waited than may", 0, Long.MAX_VALUE)),
                    may("lostAt", new Schema.Moment("when the last of them went")),
                    may("lostWhy", Schema.text("why", 5000)),
                    must("deadLetters", COUNT),
                    must("deadBytes", COUNT),
                    may("retryingSince", new Schema.Moment("when the failure began that is not over")),
                    may("nextTry", new Schema.Moment("when it is tried again")),
                    may("lastError", Schema.text("what went wrong last", 5000)),
                    may("lastErrorAt", new Schema.Moment("when")),
                    may("lastDelivered", new Schema.Moment("when something was delivered last")),
                    may("incoming", INCOMING)));

    private static final Schema.Obj DEFINITION = new Schema.Obj(
            "SinkDefinition",
            "A receiver. What is left out stays as it is; a new one needs its type. A secret that is an empty text goes.",
            List.of(
                    may("type", TYPE),
                    may("config", CONFIG),
                    may(
                            "secrets",
                            new Schema.Texts("passwords and keys by name; never shown again", 100, 16_384, 20))));

    private static final Schema.Obj TESTED = new Schema.Obj(
            "SinkTest",
            "What became of a test message.",
            List.of(
                    must("delivered", new Schema.Flag("whether the receiver has it")),
                    must("what", Schema.text("what happened", 5000)),
                    must("millis", new Schema.Whole("how long it took", 0, Long.MAX_VALUE))));

    private static final Schema.Obj LETTER_SHAPE = new Schema.Obj(
            "DeadLetter",
            "An output of a rule that could not be delivered.",
            List.of(
                    must("position", POSITION),
                    must("rule", Schema.text("which rule said it", 200)),
                    must("device", Schema.text("what it is about, or empty", 200)),
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("payload", new Schema.Anything("what the rule said")),
                    must("reason", Schema.text("why it could not be delivered", 5000)),
                    must("attempts", COUNT),
                    must("triedAt", new Schema.Moment("when it was tried last"))));

    private static final Schema.Obj EDIT = new Schema.Obj(
            "DeadLetterEdit",
            "Another payload for a dead letter.",
            List.of(may("payload", new Schema.Anything("what to deliver instead"))));

    private final Sinks sinks;

    SinkRoutes(Sinks sinks) {
        this.sinks = sinks;
    }

    List<Route> routes() {
        Schema.Obj list = new Schema.Obj(
                "Sinks", "All of the tenant's by name.", List.of(must("sinks", new Schema.ListOf("each", SINK, 100))));
        return List.of(
                route(
                        Method.GET,
                        "/api/v1/sinks",
                        new Doc("sinks", "listSinks", "List sinks and how they do", ""),
                        new Shape(List.of(), null, Success.json(200, list)),
                        this::list),
                route(
                        Method.GET,
                        ONE,
                        new Doc("sinks", "getSink", "Show a sink", ""),
                        new Shape(List.of(), null, Success.json(200, SINK)),
                        call -> sinks.find(call.tenant(), call.place("sink"))
                                .map(view -> Answer.ok(json(view)))
                                .orElseGet(Answer::notFound)),
                route(
                        Method.PUT,
                        ONE,
                        new Doc(
                                "sinks",
                                "putSink",
                                "Add or change a sink",
                                "A new one begins with what rules say from now on; one that changes goes on where it was."),
                        new Shape(List.of(), DEFINITION, Success.json(200, SINK)),
                        this::put),
                route(
                        Method.DELETE,
                        ONE,
                        new Doc("sinks", "removeSink", "Remove a sink with its dead letters", ""),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> sinks.remove(call.tenant(), call.place("sink")) ? Answer.done() : Answer.notFound()),
                route(
                        Method.POST,
                        ONE + "/test",
                        new Doc("sinks", "testSink", "Deliver a test message and say what happened", ""),
                        new Shape(List.of(), null, Success.json(200, TESTED)),
                        this::test),
                route(
                        Method.GET,
                        DEAD,
                        new Doc("sinks", "listDeadLetters", "List what could not be delivered", ""),
                        new Shape(
                                List.of(Paging.limit(PAGE_MAX), Paging.AFTER),
                                null,
                                Success.json(200, Schema.page("DeadLetters", "letters", LETTER_SHAPE))),
                        call -> sink(call, sink -> letters(call, sink))),
                route(
                        Method.DELETE,
                        DEAD,
                        new Doc("sinks", "dropDeadLetters", "Drop all dead letters of a sink", ""),
                        new Shape(List.of(), null, Success.json(200, counted("DroppedLetters"))),
                        call -> sink(call, sink -> count(sinks.dropAll(sink)))),
                route(
                        Method.POST,
                        DEAD + "/retry",
                        new Doc("sinks", "retryDeadLetters", "Deliver all dead letters of a sink again", ""),
                        new Shape(List.of(), null, Success.json(200, counted("RetriedLetters"))),
                        call -> sink(call, sink -> count(sinks.allAgain(sink)))),
                route(
                        Method.PUT,
                        LETTER,
                        new Doc("sinks", "editDeadLetter", "Give a dead letter another payload", ""),
                        new Shape(List.of(), EDIT, Success.json(200, LETTER_SHAPE)),
                        call -> sink(call, sink -> edit(call, sink))),
                route(
                        Method.DELETE,
                        LETTER,
                        new Doc("sinks", "dropDeadLetter", "Drop a dead letter", ""),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> sink(
                                call,
                                sink -> position(call)
                                                .filter(p -> sinks.drop(sink, p))
                                                .isPresent()
                                        ? Answer.done()
                                        : Answer.notFound())),
                route(
                        Method.POST,
                        LETTER + "/retry",
                        new Doc(
                                "sinks",
                                "retryDeadLetter",
                                "Deliver a dead letter again",
                                "Soon, and beside the order of the others. Where that fails it stays, with the new reason."),
                        new Shape(List.of(), null, Success.none(204, "It is tried soon.")),
                        call -> sink(
                                call,
                                sink -> position(call)
                                                .filter(p -> sinks.again(sink, p))
                                                .isPresent()
                                        ? Answer.done()
                                        : Answer.notFound())));
    }

    private static Route route(Method method, String path, Doc doc, Shape shape, Route.Handler handler) {
        return new Route(
                method, path, method.equals(Method.GET) ? Access.VIEWER : Access.OPERATOR, doc, shape, handler);
    }

    private static Schema.Obj counted(String name) {
        return new Schema.Obj(name, "How many there were.", List.of(must("count", COUNT)));
    }

    private static Answer count(int count) {
        return Answer.ok(Json.object().put("count", count));
    }

    private Answer sink(Call call, Function<SinkDefinition, Answer> then) {
        return sinks.find(call.tenant(), call.place("sink"))
                .map(SinkView::definition)
                .map(then)
                .orElseGet(Answer::notFound);
    }

    private static Optional<Long> position(Call call) {
        String text = call.place("position");
        return text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("sinks");
        sinks.all(call.tenant()).forEach(view -> all.add(json(view)));
        return Answer.ok(answer);
    }

    private Answer put(Call call) {
        String name = call.place("sink");
        Optional<SinkDefinition> known = sinks.find(call.tenant(), name).map(SinkView::definition);
        String type = call.text("type", known.map(SinkDefinition::type).orElse(""));
        if (type.isEmpty()) {
            return Answer.notFound();
        }
        Map<String, String> secrets = new LinkedHashMap<>();
        call.body()
                .path("secrets")
                .properties()
                .forEach(
                        secret -> secrets.put(secret.getKey(), secret.getValue().asString("")));
        JsonNode config = call.body().path("config");
        JsonNode kept = known.filter(before -> before.type().equals(type))
                .map(before -> Json.read(before.config()))
                .orElseGet(Json::object);
        Sinks.Put put =
                Flaws.kept(() -> sinks.put(call.tenant(), name, type, config.isObject() ? config : kept, secrets));
        return switch (put) {
            case Sinks.Put.Saved saved -> Answer.ok(json(saved.sink()));
            case Sinks.Put.Flawed flawed ->
                throw new ProblemException(Problem.flawed(
                        ProblemCode.INVALID_BODY,
                        flawed.flaws().stream()
                                .map(flaw -> new Problem.Flaw(flaw.where(), flaw.what()))
                                .toList()));
        };
    }

    private Answer test(Call call) {
        try {
            return sinks.test(call.tenant(), call.place("sink"))
                    .map(tested -> Answer.ok(Json.object()
                            .put("delivered", tested.delivered())
                            .put("what", tested.what())
                            .put("millis", tested.took().toMillis())))
                    .orElseGet(Answer::notFound);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.refused(ProblemCode.STOPPING, "The server is stopping.");
        }
    }

    private Answer letters(Call call, SinkDefinition sink) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        String after = call.query("after").orElse("");
        if (!after.matches("\\d{0,18}")) {
            throw Flaws.parameter("after", "must be the value of 'next' in the page before", after);
        }
        List<Sinks.Dead> found = sinks.dead(sink, after.isEmpty() ? -1 : Long.parseLong(after), limit + 1);
        return Answer.ok(Paging.page(
                "letters",
                found,
                limit,
                SinkRoutes::json,
                dead -> Long.toString(dead.letter().position())));
    }

    private Answer edit(Call call, SinkDefinition sink) {
        if (!call.body().has("payload")) {
            throw Flaws.field("payload", "is missing: what to deliver instead");
        }
        String payload = Json.text(call.body().path("payload"));
        return position(call)
                .flatMap(position -> Flaws.kept(() -> sinks.edit(sink, position, payload)))
                .map(dead -> Answer.ok(json(dead)))
                .orElseGet(Answer::notFound);
    }

    private static ObjectNode json(SinkView view) {
        ObjectNode node = Json.object();
        SinkDefinition definition = view.definition();
        SinkStatus status = view.status();
        node.put("name", definition.name()).put("type", definition.type());
        node.set("config", Json.read(definition.config()));
        ArrayNode secrets = node.putArray("secrets");
        view.secrets().forEach(secrets::add);
        node.put("changedAt", Json.time(definition.changedAt()));
        node.put(
                "state",
                switch (status.state()) {
                    case RUNNING -> "running";
                    case RETRYING -> "retrying";
                    case BLOCKED -> "blocked";
                    case BROKEN -> "broken";
                });
        node.put("delivered", status.delivered()).put("failures", status.failures());
        node.put("putAside", status.putAside()).put("behind", status.behind());
        node.put("waitingBytes", status.waiting()).put("lost", status.lost());
        time(node, "lostAt", status.lostAt());
        if (!status.lostWhy().isEmpty()) {
            node.put("lostWhy", status.lostWhy());
        }
        node.put("deadLetters", view.dead().letters())
                .put("deadBytes", view.dead().bytes());
        time(node, "retryingSince", status.retryingSince());
        time(node, "nextTry", status.nextTry());
        if (!status.lastError().isEmpty()) {
            node.put("lastError", status.lastError());
        }
        time(node, "lastErrorAt", status.lastErrorAt());
        time(node, "lastDelivered", status.lastDelivered());
        incoming(node, view.source());
        return node;
    }

    private static void incoming(ObjectNode sink, SourceStatus status) {
        if (status.state() == SourceStatus.State.OFF) {
            return;
        }
        ObjectNode node = sink.putObject("incoming");
        node.put("state", status.state() == SourceStatus.State.LISTENING ? "listening" : "away");
        node.put("taken", status.taken()).put("refused", status.refused()).put("own", status.own());
        time(node, "awaySince", status.awaySince());
        if (!status.lastError().isEmpty()) {
            node.put("lastError", status.lastError());
        }
        time(node, "lastErrorAt", status.lastErrorAt());
        time(node, "lastTaken", status.lastTaken());
    }

    private static void time(ObjectNode node, String name, @Nullable Instant moment) {
        if (moment != null) {
            node.put(name, Json.time(moment));
        }
    }

    private static ObjectNode json(Sinks.Dead dead) {
        Parcel parcel = dead.parcel();
        ObjectNode node = Json.object();
        node.put("position", Long.toString(parcel.position()));
        node.put("rule", parcel.rule()).put("device", parcel.device());
        node.put("at", Json.time(Instant.ofEpochMilli(parcel.atMillis())));
        try {
            node.set("payload", Json.read(parcel.payload()));
        } catch (JacksonException e) {
            node.put("payload", parcel.payload());
        }
        node.put("reason", dead.letter().reason()).put("attempts", dead.letter().attempts());
        node.put("triedAt", Json.time(dead.letter().at()));
        return node;
    }
}
