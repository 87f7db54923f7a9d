package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.engine.RuleEngine;
import tributary.engine.RuleFigures;
import tributary.engine.TestBench;
import tributary.registry.RuleStore.Text;

/// The test bench: a statement over what was recorded.
final class RuleTestRoutes {
    private static final Duration TIME_MAX = Duration.ofSeconds(30);
    private static final int AT_ONCE = 2;
    private static final int SHOWN = 100;
    private static final int SHOWN_MAX = 10_000;

    private static final Schema.Obj STEP = new Schema.Obj(
            "RuleTestStep",
            "How often a step ended how.",
            List.of(
                    must("name", Schema.text("of the step: where, window, alert and so on", 40)),
                    must("passed", new Schema.Whole("went on", 0, Long.MAX_VALUE)),
                    must("dropped", new Schema.Whole("ended here", 0, Long.MAX_VALUE)),
                    must("waits", new Schema.Whole("waited for something", 0, Long.MAX_VALUE)),
                    must("said", new Schema.Whole("were said", 0, Long.MAX_VALUE))));

    private static final Schema.Obj ASK = new Schema.Obj(
            "RuleTest",
            "A statement, and over which messages.",
            List.of(
                    must("sql", Schema.name("the statement", 64 << 10)),
                    may("sqlVersion", Schema.oneOf("whose SQL it is", "tributary", "2015-10-08", "2016-03-23", "beta")),
                    may("zone", Schema.name("where days begin", 100)),
                    may(
                            "from",
                            Schema.name("the first moment of arrival, -24h where not said; " + Times.MOMENT_DOC, 40)),
                    may("to", Schema.name("the first moment behind, now where not said; " + Times.MOMENT_DOC, 40)),
                    PastWindow.warmUpField(),
                    may("shown", new Schema.Whole("how many outputs to show, 100 where not said", 0, SHOWN_MAX))));

    private static final Schema.Obj UNMATCHED = new Schema.Obj(
            "RuleTestUnmatched",
            "Why it looked at nothing: no message's topic matched.",
            List.of(
                    must("filters", new Schema.ListOf("of the statement", Schema.text("a topic filter", 65_535), 100)),
                    must(
                            "topics",
                            new Schema.ListOf(
                                    "of the tenant's newest messages; empty where there was none",
                                    Schema.text("a topic", 65_535),
                                    3))));

    private static final Schema.Obj REPORT = new Schema.Obj(
            "RuleTestReport",
            "What the rule would have said.",
            List.of(
                    must("complete", new Schema.Flag("whether all was looked at within 30 s")),
                    must("upTo", new Schema.Moment("what arrived before was looked at; go on from here")),
                    orNull(
                            "begins",
                            new Schema.Moment("what the log has of the window begins here, the rest of it is gone")),
                    must("read", new Schema.Whole("messages that were read past", 0, Long.MAX_VALUE)),
                    must("taken", new Schema.Whole("messages that the rule looked at", 0, Long.MAX_VALUE)),
                    must("saidCount", new Schema.Whole("outputs", 0, Long.MAX_VALUE)),
                    must("failedCount", new Schema.Whole("what it failed at", 0, Long.MAX_VALUE)),
                    must("late", new Schema.Whole("messages too late for their window", 0, Long.MAX_VALUE)),
                    must("skewed", new Schema.Whole("with a time too far ahead of arrival", 0, Long.MAX_VALUE)),
                    must("unstamped", new Schema.Whole("without the time that is asked for", 0, Long.MAX_VALUE)),
                    must("unread", new Schema.Whole("that are neither JSON nor CBOR", 0, Long.MAX_VALUE)),
                    must("millis", new Schema.Whole("how long it took", 0, Long.MAX_VALUE)),
                    must("microsPerMessage", new Schema.Decimal("in the rule, of those that it looked at")),
                    must("steps", new Schema.ListOf("in the order of a message's way", STEP, 100)),
                    must(
                            "said",
                            new Schema.ListOf(
                                    "the first outputs",
                                    new Schema.Obj(
                                            "RuleTestSaying",
                                            "An output.",
                                            List.of(
                                                    must("at", new Schema.Moment("when, by the clock of the stream")),
                                                    must("device", Schema.text("which it is about, or empty", 200)),
                                                    must("payload", Schema.text("its beginning", 4096)),
                                                    must(
                                                            "alert",
                                                            Schema.text("what became of an alert, or empty", 20)))),
                                    SHOWN_MAX)),
                    must("failed", new Schema.ListOf("the first failures", RuleSchemas.FAILURE, 20)),
                    may("unmatched", UNMATCHED)));

    private final TestBench bench;
    private final RuleEngine engine;
    private final InstantSource clock;
    private final Semaphore places = new Semaphore(AT_ONCE);

    RuleTestRoutes(TestBench bench, RuleEngine engine, InstantSource clock) {
        this.bench = bench;
        this.engine = engine;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.POST,
                "/api/v1/rules/test",
                Access.OPERATOR,
                new Doc(
                        "rules",
                        "testRule",
                        "Run a statement over recorded messages",
                        "It acts on nothing. Two tests run at once; more are asked to wait."),
                new Shape(List.of(), ASK, Success.json(200, REPORT)),
                this::test));
    }

    private Answer test(Call call) {
        Text text = new Text(
                call.text("sql", ""), call.text("sqlVersion", "tributary"), call.text("zone", "UTC"), "", List.of());
        TestBench.Window window = window(call);
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(ProblemCode.QUERY_BUSY, "Two tests of rules run already. Try again in a moment.")
                            .retryAfter(Duration.ofSeconds(1)));
        }
        try {
            return Answer.ok(
                    json(Flaws.kept(() -> bench.run(call.tenant(), text, window, engine.functions(call.tenant())))));
        } finally {
            places.release();
        }
    }

    private TestBench.Window window(Call call) {
        Instant now = clock.instant();
        Instant begin = call.moment("from", "-24h", now);
        Instant to = call.moment("to", "now", now);
        if (!begin.isBefore(to)) {
            throw Flaws.field("from", "must be before 'to'");
        }
        int shown = call.body().path("shown").asInt(SHOWN);
        return new TestBench.Window(PastWindow.warm(call, begin), begin, to, TIME_MAX, shown);
    }

    private static ObjectNode json(TestBench.Report report) {
        ObjectNode node = Json.object()
                .put("complete", report.complete())
                .put("upTo", Json.time(report.upTo()))
                .put("read", report.read())
                .put("taken", report.taken())
                .put("saidCount", report.said())
                .put("failedCount", report.failed())
                .put("late", report.late())
                .put("skewed", report.skewed())
                .put("unstamped", report.unstamped())
                .put("unread", report.unread())
                .put("millis", report.nanos() / 1_000_000)
                .put("microsPerMessage", report.ruleNanos() / 10 / Math.max(1, report.taken()) / 100.0);
        Instant begins = report.begins();
        node.put("begins", begins == null ? null : Json.time(begins));
        ArrayNode steps = node.putArray("steps");
        for (TestBench.Tally step : report.steps()) {
            steps.addObject()
                    .put("name", step.name())
                    .put("passed", step.passed())
                    .put("dropped", step.dropped())
                    .put("waits", step.waits())
                    .put("said", step.said());
        }
        ArrayNode said = node.putArray("said");
        for (TestBench.Saying saying : report.sayings()) {
            said.addObject()
                    .put("at", Json.time(saying.at()))
                    .put("device", saying.device())
                    .put("payload", saying.payload())
                    .put("alert", saying.alert());
        }
        ArrayNode failed = node.putArray("failed");
        for (RuleFigures.Failure failure : report.failures()) {
            failed.add(RuleRoutes.json(failure));
        }
        TestBench.Unmatched unmatched = report.unmatched();
        if (unmatched != null) {
            ObjectNode why = node.putObject("unmatched");
            unmatched.filters().forEach(why.putArray("filters")::add);
            unmatched.topics().forEach(why.putArray("topics")::add);
        }
        return node;
    }
}
