package tributary.api;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.decode.EventFormat;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.Micros;

/// "Where is my message?": all that is known of one, or of a device at a moment, in one answer.
final class ExplainRoutes {
    private static final int AT_ONCE = 2;
    private static final int NEAR_MAX = 1_000;
    private static final Duration LEAD_MAX = Duration.ofDays(1);
    private static final Duration AROUND_MAX = Duration.ofHours(1);

    private static final Param LEAD = Param.of(
            "lead",
            "how much of what came before rules that remember are given, 1h where not said, at most a day; "
                    + Times.LENGTH_DOC);

    private static final String DETAIL = "Received, rights, quota, what it was decoded to, where it is stored, how it"
            + " fared in each rule step by step, and what became of what rules said. Rules run over it again, as they"
            + " were then, and act on nothing. Two run at once; more are asked to wait.";

    private final Stations stations;
    private final Explanation explanation;
    private final InstantSource clock;
    private final Semaphore places = new Semaphore(AT_ONCE);

    ExplainRoutes(Stations stations, InstantSource clock) {
        this.stations = stations;
        this.explanation = new Explanation(stations, clock);
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/messages/{message}/explain",
                        Access.VIEWER,
                        new Doc(
                                "messages",
                                "explainMessage",
                                "Say where a message is",
                                "Named by its partition and position, as msgid() in rules: 0-1234. " + DETAIL),
                        new Shape(List.of(LEAD), null, Success.json(200, ExplainSchemas.EXPLANATION)),
                        this::message),
                new Route(
                        Method.GET,
                        "/api/v1/devices/{device}/explain",
                        Access.VIEWER,
                        new Doc(
                                "messages",
                                "explainDevice",
                                "Say where a device's message of a moment is",
                                "The one that came nearest to the moment; where none came, what was refused around it. "
                                        + DETAIL),
                        new Shape(
                                List.of(
                                        Param.of("at", "when, now where not said; " + Times.MOMENT_DOC),
                                        Param.of(
                                                "within",
                                                "how far from it to look, 1m where not said, at most an hour; "
                                                        + Times.LENGTH_DOC),
                                        LEAD),
                                null,
                                Success.json(200, ExplainSchemas.EXPLANATION)),
                        this::device));
    }

    private Answer message(Call call) {
        Optional<LogScan.Found> found = LogScan.named(stations.log(), call.place("message"));
        return found.filter(one -> one.message().tenant().equals(call.tenant()) && !EventFormat.is(one.message()))
                .map(one -> guarded(() -> explanation.of(one, List.of(), lead(call))))
                .orElseGet(Answer::notFound);
    }

    private Answer device(Call call) {
        Instant now = clock.instant();
        Instant at = Times.moment("at", call.query("at").orElse("now"), now);
        Duration around = Times.length("within", call.query("within").orElse("1m"));
        if (around.compareTo(AROUND_MAX) > 0) {
            throw Flaws.parameter(
                    "within", "is at most 1h", call.query("within").orElse(""));
        }
        DeviceId device = call.device();
        Selection selection = new Selection(call.tenant(), device, null);
        Explanation.Around window = new Explanation.Around(call.tenant(), device, at, around);
        List<LogScan.Found> near = LogScan.read(
                        stations.log(), selection, selection.at(stations.log(), window.from()), window.to(), NEAR_MAX)
                .found();
        Duration lead = lead(call);
        return guarded(() -> near.stream()
                .min(Comparator.comparing(found -> distance(found.message(), at)))
                .map(found -> explanation.of(found, near, lead))
                .orElseGet(() -> explanation.ofNothing(window)));
    }

    private static Duration distance(Message message, Instant at) {
        return Duration.between(Micros.instant(message.receivedMicros()), at).abs();
    }

    private static Duration lead(Call call) {
        Duration lead = Times.length("lead", call.query("lead").orElse("1h"));
        if (lead.compareTo(LEAD_MAX) > 0) {
            throw Flaws.parameter("lead", "is at most 1d", call.query("lead").orElse(""));
        }
        return lead;
    }

    private interface Work {
        JsonNode answer();
    }

    private Answer guarded(Work work) {
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(ProblemCode.QUERY_BUSY, "Two messages are looked for already. Try again in a moment.")
                            .retryAfter(Duration.ofSeconds(1)));
        }
        try {
            return Answer.ok(work.answer());
        } finally {
            places.release();
        }
    }
}
