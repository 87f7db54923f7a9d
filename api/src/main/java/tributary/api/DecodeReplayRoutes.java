package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.DecodeComparison.Difference;
import tributary.api.DecodeComparison.Kind;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;

/// The decoder again over what was, compared with what is in the tables, and put in its place.
final class DecodeReplayRoutes {
    private static final Schema.Obj ASK = new Schema.Obj(
            "DecodeReplay",
            "Which window, and what to do.",
            List.of(
                    PastWindow.fromField("whose messages are decoded"),
                    PastWindow.toField(),
                    may(
                            "apply",
                            Schema.name(
                                    "the digest of a report that was looked at: what the decoder gives is put in the"
                                            + " place of what is there",
                                    64))));

    private static final Schema.Obj DIFFERENCE = new Schema.Obj(
            "DecodeDifference",
            "Where what the decoder gives and what is there differ.",
            List.of(
                    must(
                            "kind",
                            Schema.oneOf(
                                    "missing: a reading is not there; changed: it is there with another value; extra:"
                                            + " it is there and not decoded now; recovered: a message was rejected and"
                                            + " is not now; rejected: it is now and was not; otherwise: it is, for"
                                            + " another reason",
                                    "missing",
                                    "changed",
                                    "extra",
                                    "recovered",
                                    "rejected",
                                    "otherwise")),
                    must("message", Schema.text("partition and position: 0-1234", 40)),
                    may("device", Schema.text("of the reading", 200)),
                    may("sensor", Schema.text("of the reading", 300)),
                    may("ts", new Schema.Moment("when it was measured")),
                    must("was", Schema.text("the value or reason that is there, or empty", 4096)),
                    must("is", Schema.text("the value or reason that the decoder gives, or empty", 4096))));

    private static final Schema.Obj REPORT = new Schema.Obj(
            "DecodeReport",
            "What the decoder gives now, and what is there.",
            List.of(
                    must("from", new Schema.Moment("the first moment whose messages were decoded")),
                    must("to", new Schema.Moment("the first moment behind")),
                    must("complete", new Schema.Flag("whether all was looked at; else counts are 0")),
                    must("why", Schema.text("what it was too much for, or empty", 200)),
                    must("messages", whole("messages that were decoded")),
                    must("same", whole("readings that are there as the decoder gives them")),
                    must("replaced", whole("readings that later messages replaced")),
                    must("missing", whole("readings that are not there")),
                    must("changed", whole("readings that are there with another value")),
                    must("extra", whole("readings that are there and not decoded now")),
                    must("rejectedSame", whole("messages that are rejected as they were")),
                    must("recovered", whole("messages that were rejected and are not now")),
                    must("rejected", whole("messages that are rejected now and were not")),
                    must("otherwise", whole("messages that are rejected for other reasons than they were")),
                    must("digest", Schema.text("equal where all of it is; apply it; empty where not complete", 64)),
                    must("applied", new Schema.Flag("whether the tables have it now as the decoder gives it")),
                    must("differences", new Schema.ListOf("the first ones", DIFFERENCE, DecodeComparison.SHOWN_MAX))));

    private final DecodeReplay replay;
    private final InstantSource clock;

    /// One at a time: it holds what it compares.
    private final Semaphore places = new Semaphore(1);

    DecodeReplayRoutes(DecodeReplay replay, InstantSource clock) {
        this.replay = replay;
        this.clock = clock;
    }

    private static Schema.Whole whole(String doc) {
        return new Schema.Whole(doc, 0, Long.MAX_VALUE);
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.POST,
                "/api/v1/decode/replay",
                Access.OPERATOR,
                new Doc(
                        "messages",
                        "replayDecoder",
                        "Decode a past window again",
                        "What the decoder gives now of the messages of a window is compared with the tables 'readings'"
                                + " and 'rejected'. Without 'apply' nothing else happens; with the digest of a report,"
                                + " the tables get what the decoder gives in the place of what they have of the window,"
                                + " all of it or nothing. One runs at once."),
                new Shape(List.of(), ASK, Success.json(200, REPORT)),
                this::replay));
    }

    private Answer replay(Call call) {
        PastWindow window = PastWindow.of(call, clock.instant());
        Instant from = window.from();
        Instant to = window.to();
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(ProblemCode.QUERY_BUSY, "A window is decoded again already. Try again in a moment.")
                            .retryAfter(Duration.ofSeconds(2)));
        }
        try {
            DecodeReplay.Window past = new DecodeReplay.Window(call.tenant(), from, to);
            return call.body().has("apply")
                    ? applied(past, replay.apply(past, call.text("apply", "")))
                    : Answer.ok(json(past, replay.compare(past), false));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the server stops", e);
        } finally {
            places.release();
        }
    }

    private static Answer applied(DecodeReplay.Window window, DecodeReplay.Applied applied) {
        return switch (applied) {
            case DecodeReplay.Applied.Done(DecodeComparison report) -> Answer.ok(json(window, report, true));
            case DecodeReplay.Applied.Refused(String why) ->
                throw new ProblemException(
                        Problem.of(ProblemCode.CHANGED_MEANWHILE, "Nothing was applied: " + why + "."));
        };
    }

    private static ObjectNode json(DecodeReplay.Window window, DecodeComparison found, boolean applied) {
        ObjectNode node = Json.object()
                .put("from", Json.time(window.from()))
                .put("to", Json.time(window.to()))
                .put("complete", found.complete())
                .put("why", found.why())
                .put("messages", found.messages())
                .put("same", found.count(Kind.SAME))
                .put("replaced", found.count(Kind.REPLACED))
                .put("missing", found.count(Kind.MISSING))
                .put("changed", found.count(Kind.CHANGED))
                .put("extra", found.count(Kind.EXTRA))
                .put("rejectedSame", found.count(Kind.REJECTED_SAME))
                .put("recovered", found.count(Kind.RECOVERED))
                .put("rejected", found.count(Kind.REJECTED))
                .put("otherwise", found.count(Kind.OTHERWISE))
                .put("digest", found.digest())
                .put("applied", applied);
        ArrayNode differences = node.putArray("differences");
        for (Difference difference : found.differences()) {
            ObjectNode one = differences
                    .addObject()
                    .put("kind", difference.kind().name().toLowerCase(Locale.ROOT))
                    .put("message", difference.message());
            if (!difference.sensor().isEmpty()) {
                one.put("device", difference.device())
                        .put("sensor", difference.sensor())
                        .put("ts", Json.time(difference.tsMicros()));
            }
            one.put("was", difference.was()).put("is", difference.is());
        }
        return node;
    }
}
