package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.registry.Silences;
import tributary.registry.Silences.Kind;
import tributary.registry.Silences.Silence;

/// Times of maintenance, in which alerts are kept and go nowhere.
final class SilenceRoutes {
    private static final String TAG = "alerts";

    private static final Schema.Obj SILENCE = new Schema.Obj(
            "Silence",
            "A time in which alerts of some devices are kept and go nowhere.",
            List.of(
                    must("id", Schema.text("names it", 40)),
                    must("kind", Schema.oneOf("what it is about", "device", "type", "label")),
                    must("what", Schema.text("the device, the type, or the label as name=value", 2000)),
                    must("from", new Schema.Moment("the first moment")),
                    must("to", new Schema.Moment("the first moment behind")),
                    must("now", new Schema.Flag("whether it is under way")),
                    must("reason", Schema.text("for people, or empty", 2000)),
                    must("createdAt", new Schema.Moment("when it was made")),
                    must("createdBy", Schema.text("who made it", 300))));

    private static final Schema.Obj LIST = new Schema.Obj(
            "Silences",
            "Those that end last first.",
            List.of(must("silences", new Schema.ListOf("each of them", SILENCE, Silences.PER_TENANT_MAX))));

    private static final Schema.Obj NEW = new Schema.Obj(
            "NewSilence",
            "Which alerts go nowhere, and when.",
            List.of(
                    must("kind", Schema.oneOf("what it is about", "device", "type", "label")),
                    must("what", Schema.name("the device, the type, or the label as name=value", 2000)),
                    may("from", Schema.name("the first moment, now where not said; " + Times.MOMENT_DOC, 40)),
                    may("to", Schema.name("the first moment behind; " + Times.MOMENT_DOC, 40)),
                    may("length", Schema.name("in place of 'to': how long; " + Times.LENGTH_DOC, 40)),
                    may("reason", Schema.text("for people", 2000))));

    private final Silences silences;
    private final InstantSource clock;

    SilenceRoutes(Silences silences, InstantSource clock) {
        this.silences = silences;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/silences",
                        Access.VIEWER,
                        new Doc(TAG, "listSilences", "List times of maintenance", "Those over for a month are gone."),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/silences",
                        Access.OPERATOR,
                        new Doc(
                                TAG,
                                "addSilence",
                                "Say that there is maintenance",
                                "Alerts of these devices are kept, and go to no topic and no sink, for that time."),
                        new Shape(List.of(), NEW, Success.json(201, SILENCE)),
                        this::add),
                new Route(
                        Method.DELETE,
                        "/api/v1/silences/{silence}",
                        Access.OPERATOR,
                        new Doc(TAG, "removeSilence", "End a time of maintenance", ""),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> silences.remove(call.tenant(), call.place("silence"))
                                ? Answer.done()
                                : Answer.notFound()));
    }

    private Answer list(Call call) {
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("silences");
        silences.all(call.tenant()).forEach(silence -> all.add(json(silence)));
        return Answer.ok(answer);
    }

    private Answer add(Call call) {
        Instant now = clock.instant();
        Instant from = call.moment("from", "now", now);
        boolean ends = call.body().has("to");
        if (ends == call.body().has("length")) {
            throw Flaws.field("to", "must be given, or 'length', and not both");
        }
        Instant to = ends
                ? call.moment("to", "", now)
                : from.plus(Times.length(call.text("length", ""))
                        .orElseThrow(() -> Flaws.field("length", "must be " + Times.LENGTH_DOC)));
        String id = HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextLong());
        Silence silence = new Silence(
                id,
                call.tenant(),
                Kind.of(call.text("kind", "")),
                call.text("what", ""),
                from,
                to,
                call.text("reason", ""),
                now,
                call.principal().subject());
        return Answer.created(json(Flaws.kept(() -> silences.add(silence))));
    }

    private ObjectNode json(Silence silence) {
        Instant now = clock.instant();
        return Json.object()
                .put("id", silence.id())
                .put("kind", silence.kind().slug())
                .put("what", silence.what())
                .put("from", Json.time(silence.from()))
                .put("to", Json.time(silence.to()))
                .put("now", !now.isBefore(silence.from()) && now.isBefore(silence.to()))
                .put("reason", silence.reason())
                .put("createdAt", Json.time(silence.createdAt()))
                .put("createdBy", silence.createdBy());
    }
}
