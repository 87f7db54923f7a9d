package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.engine.RuleReplay;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;
import tributary.registry.RuleStore.RuleName;

/// A rule of the server again over what was, compared with what is there, and what is missing made.
final class RuleReplayRoutes {
    private static final Duration TIME_MAX = Duration.ofSeconds(60);
    private static final int SHOWN_MAX = 10_000;

    private static final Schema.Obj ASK = new Schema.Obj(
            "RuleReplay",
            "Which window, and what to do.",
            List.of(
                    PastWindow.fromField("whose outputs count"),
                    PastWindow.toField(),
                    PastWindow.warmUpField(),
                    may("shown", new Schema.Whole("how many outputs to show, none where not said", 0, SHOWN_MAX)),
                    may(
                            "apply",
                            Schema.name("the digest of a report that was looked at: what was missing is made", 64))));

    private static final Schema.Obj DIFFERENCE = new Schema.Obj(
            "RuleReplayDifference",
            "Where what the rule says and what is there differ.",
            List.of(
                    must(
                            "kind",
                            Schema.oneOf(
                                    "missing: the rule says it and it is not there; extra: it is there and the rule does"
                                            + " not say it",
                                    "missing",
                                    "extra")),
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("topic", Schema.text("of the message", 1024)),
                    must("payload", Schema.text("its beginning", 4096))));

    private static final Schema.Obj SAYING = new Schema.Obj(
            "RuleReplaySaying",
            "An output.",
            List.of(
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("device", Schema.text("which it is about, or empty", 200)),
                    must("payload", Schema.text("its beginning", 4096)),
                    must("to", new Schema.ListOf("topics, sink:name, alerts", Schema.text("where to", 1100), 100))));

    private static final Schema.Obj REPORT = new Schema.Obj(
            "RuleReplayReport",
            "What the rule says now, and what is there.",
            List.of(
                    must("from", new Schema.Moment("the first moment whose outputs count")),
                    must("to", new Schema.Moment("the first moment behind")),
                    must("complete", new Schema.Flag("whether all was looked at; else it cannot be applied")),
                    must("why", Schema.text("what it was too much for, or empty", 200)),
                    orNull("begins", new Schema.Moment("what the log has begins here, the rest of the window is gone")),
                    must("taken", new Schema.Whole("messages that the rule looked at", 0, Long.MAX_VALUE)),
                    must("saidCount", new Schema.Whole("outputs within the window", 0, Long.MAX_VALUE)),
                    must("failedCount", new Schema.Whole("what it failed at", 0, Long.MAX_VALUE)),
                    must("same", new Schema.Whole("messages that are there as the rule says them", 0, Long.MAX_VALUE)),
                    must("missing", new Schema.Whole("that are not there", 0, Long.MAX_VALUE)),
                    must("extra", new Schema.Whole("that are there and not said now", 0, Long.MAX_VALUE)),
                    must("toSinks", new Schema.Whole("outputs for sinks, which are not compared", 0, Long.MAX_VALUE)),
                    must("digest", Schema.text("equal where all outputs are; apply it", 64)),
                    must("applied", new Schema.Whole("messages that were made", 0, Long.MAX_VALUE)),
                    must("refused", new Schema.ListOf("why some were not", Schema.text("why", 400), 100)),
                    must("differences", new Schema.ListOf("the first ones", DIFFERENCE, 100)),
                    must("said", new Schema.ListOf("the first outputs", SAYING, SHOWN_MAX)),
                    must("failed", new Schema.ListOf("the last failures", RuleSchemas.FAILURE, 20))));

    private final RuleStore rules;
    private final RuleReplay replay;
    private final InstantSource clock;

    /// One at a time: it holds what it compares.
    private final Semaphore places = new Semaphore(1);

    RuleReplayRoutes(RuleStore rules, RuleReplay replay, InstantSource clock) {
        this.rules = rules;
        this.replay = replay;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.POST,
                "/api/v1/rules/{rule}/replay",
                Access.OPERATOR,
                new Doc(
                        "rules",
                        "replayRule",
                        "Run a rule again over a past window",
                        "What it says is compared with the messages that it made of that window. Without 'apply' nothing"
                                + " else happens; with the digest of a report, the messages that are missing are made."
                                + " One runs at once."),
                new Shape(List.of(), ASK, Success.json(200, REPORT)),
                this::replay));
    }

    private Answer replay(Call call) {
        KeptRule rule =
                rules.find(new RuleName(call.tenant(), call.place("rule"))).orElse(null);
        if (rule == null) {
            return Answer.notFound();
        }
        RuleReplay.Window window = window(call);
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(ProblemCode.QUERY_BUSY, "A rule is run again already. Try again in a moment.")
                            .retryAfter(Duration.ofSeconds(2)));
        }
        try {
            return call.body().has("apply")
                    ? applied(window, replay.apply(rule, window, call.text("apply", "")))
                    : Answer.ok(json(window, replay.compare(rule, window), 0, List.of()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the server stops", e);
        } finally {
            places.release();
        }
    }

    private static Answer applied(RuleReplay.Window window, RuleReplay.Applied applied) {
        return switch (applied) {
            case RuleReplay.Applied.Done(RuleReplay.Report report, long made, List<String> refused) ->
                Answer.ok(json(window, report, made, refused));
            case RuleReplay.Applied.Refused(String why) ->
                throw new ProblemException(
                        Problem.of(ProblemCode.CHANGED_MEANWHILE, "Nothing was applied: " + why + "."));
        };
    }

    private RuleReplay.Window window(Call call) {
        // what rules say has its time in milliseconds
        PastWindow past = PastWindow.of(call, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        Instant from = past.from();
        Instant to = past.to();
        return new RuleReplay.Window(
                PastWindow.warm(call, from),
                from,
                to,
                TIME_MAX,
                call.body().path("shown").asInt(0));
    }

    private static ObjectNode json(
            RuleReplay.Window window, RuleReplay.Report report, long made, List<String> refused) {
        ObjectNode node = Json.object()
                .put("from", Json.time(window.from()))
                .put("to", Json.time(window.to()))
                .put("complete", report.complete())
                .put("why", report.why())
                .put("taken", report.taken())
                .put("saidCount", report.said())
                .put("failedCount", report.failed())
                .put("same", report.same())
                .put("missing", report.missing())
                .put("extra", report.extra())
                .put("toSinks", report.toSinks())
                .put("digest", report.digest())
                .put("applied", made);
        Instant begins = report.begins();
        node.put("begins", begins == null ? null : Json.time(begins));
        refused.forEach(node.putArray("refused")::add);
        ArrayNode differences = node.putArray("differences");
        for (RuleReplay.Difference difference : report.differences()) {
            differences
                    .addObject()
                    .put("kind", difference.kind().name().toLowerCase(Locale.ROOT))
                    .put("at", Json.time(difference.at()))
                    .put("topic", difference.topic())
                    .put("payload", difference.payload());
        }
        ArrayNode said = node.putArray("said");
        for (RuleReplay.Saying saying : report.outputs()) {
            ObjectNode one = said.addObject()
                    .put("at", Json.time(saying.at()))
                    .put("device", saying.device())
                    .put("payload", saying.payload());
            saying.to().forEach(one.putArray("to")::add);
        }
        ArrayNode failed = node.putArray("failed");
        report.failures().forEach(failure -> failed.add(RuleRoutes.json(failure)));
        return node;
    }
}
