package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.gateway.Cause;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.TenantId;

/// The attempts log: what was refused at the doors, read and followed. A tenant's people read its own; who looks after
/// the installation also reads what nobody knows the tenant of.
final class AttemptRoutes {
    private static final int PAGE_MAX = 1000;

    static final Schema.Obj ATTEMPT = new Schema.Obj(
            "Attempt",
            "A refused connection, subscription, publish or payload, with all that were equal to it.",
            List.of(
                    must(
                            "sequence",
                            new Schema.Whole(
                                    "grows with each line that is new or shown again; unique", 0, Long.MAX_VALUE)),
                    must("firstAt", new Schema.Moment("when it first happened")),
                    must("lastAt", new Schema.Moment("when it last happened")),
                    must("count", new Schema.Whole("how often", 1, Long.MAX_VALUE)),
                    orNull("tenant", Schema.text("whose it is; null where that cannot be known", 64)),
                    must("door", Schema.oneOf("the door", "mqtt", "http", "websocket", "platform")),
                    must("address", Schema.text("where from; empty where it is not known or they are many", 100)),
                    must("userName", Schema.text("the user name given", 500)),
                    must("clientId", Schema.text("the client id given", 500)),
                    must("subject", Schema.text("whom the credential is of, or says to be of", 500)),
                    orNull("device", Schema.text("the device, where it is known", 128)),
                    must(
                            "cause",
                            Schema.oneOf(
                                    "countable; docs/attempts.md explains each",
                                    Arrays.stream(Cause.values())
                                            .map(Cause::slug)
                                            .toArray(String[]::new))),
                    must("detail", Schema.text("what is wrong, and what to do about it", 1000))));

    private static final Schema.Obj PAGE = Schema.page("AttemptPage", "attempts", ATTEMPT);

    private static final List<Param> FILTER = List.of(
            Param.of("device", "only this device's"),
            Param.of("door", Schema.oneOf("only this door's", "mqtt", "http", "websocket")),
            Param.of("since", "only what happened then or later; " + Times.MOMENT_DOC));

    private final Attempts attempts;
    private final LiveStreams streams;
    private final InstantSource clock;

    AttemptRoutes(Attempts attempts, LiveStreams streams, InstantSource clock) {
        this.attempts = attempts;
        this.streams = streams;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                list(
                        "/api/v1/attempts",
                        Access.VIEWER,
                        new Doc(
                                "attempts",
                                "listAttempts",
                                "List what was refused",
                                "The tenant's refused connections, subscriptions, publishes and payloads, newest first."),
                        false),
                live(
                        "/api/v1/attempts/live",
                        Access.VIEWER,
                        new Doc(
                                "attempts",
                                "liveAttempts",
                                "Follow what is refused",
                                "Server-sent events; a line that repeats comes again with its count, now and then."),
                        false),
                list(
                        "/api/v1/installation/attempts",
                        Access.OPERATIONS,
                        new Doc(
                                "attempts",
                                "listInstallationAttempts",
                                "List what was refused, of nobody's too",
                                "As /api/v1/attempts, with the attempts whose tenant cannot be known."),
                        true),
                live(
                        "/api/v1/installation/attempts/live",
                        Access.OPERATIONS,
                        new Doc(
                                "attempts",
                                "liveInstallationAttempts",
                                "Follow what is refused, of nobody's too",
                                "As /api/v1/attempts/live, with the attempts whose tenant cannot be known."),
                        true));
    }

    private Route list(String path, Access access, Doc doc, boolean unclaimed) {
        List<Param> query = new ArrayList<>(FILTER);
        query.add(Paging.limit(PAGE_MAX));
        query.add(Numbered.OLDER);
        return new Route(
                Method.GET,
                path,
                access,
                doc,
                new Shape(query, null, Success.json(200, PAGE)),
                call -> page(call, unclaimed));
    }

    private Route live(String path, Access access, Doc doc, boolean unclaimed) {
        List<Param> query = new ArrayList<>(FILTER);
        query.add(Numbered.NEWER);
        return new Route(
                Method.GET,
                path,
                access,
                doc,
                new Shape(query, null, new Success(200, "Events, endless.", List.of("text/event-stream"), null)),
                call -> follow(call, unclaimed));
    }

    private Answer page(Call call, boolean unclaimed) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        List<Attempt> found = attempts.before(wanted(call, unclaimed), Numbered.below(call), limit + 1);
        return Answer.ok(Paging.page(
                "attempts", found, limit, AttemptRoutes::json, attempt -> Long.toString(attempt.sequence())));
    }

    /// Goes on behind the last event that the client saw, else with all of the time asked for, else with what comes
    /// now.
    private Answer follow(Call call, boolean unclaimed) {
        Attempts.Wanted wanted = wanted(call, unclaimed);
        long from = Numbered.seen(call).orElseGet(() -> call.query("since").isPresent() ? 0L : attempts.newest());
        return Numbered.follow(call, streams, "attempt", from, source(attempts, wanted));
    }

    /// Numbers of lines that somebody else asked for are passed, too.
    static Numbered.Source source(Attempts attempts, Attempts.Wanted wanted) {
        return number -> {
            long newest = attempts.newest();
            List<Attempt> lines = newest > number ? attempts.after(wanted, number, Numbered.AT_ONCE) : List.of();
            return new Numbered.Seen(
                    lines.stream()
                            .map(line -> new Numbered.Line(line.sequence(), json(line)))
                            .toList(),
                    lines.size() < Numbered.AT_ONCE ? newest : number);
        };
    }

    private Attempts.Wanted wanted(Call call, boolean unclaimed) {
        Instant now = clock.instant();
        long since = call.query("since")
                .map(text -> Micros.of(Times.moment("since", text, now)))
                .orElse(0L);
        return new Attempts.Wanted(
                call.tenant(),
                unclaimed,
                call.deviceAsked().orElse(null),
                call.query("door")
                        .map(door -> Set.of(Message.Origin.valueOf(door.toUpperCase(Locale.ROOT))))
                        .orElse(Set.of()),
                since);
    }

    static ObjectNode json(Attempt attempt) {
        TenantId tenant = attempt.tenant();
        DeviceId device = attempt.device();
        return Json.object()
                .put("sequence", attempt.sequence())
                .put("firstAt", Json.time(attempt.firstMicros()))
                .put("lastAt", Json.time(attempt.lastMicros()))
                .put("count", attempt.count())
                .put("tenant", tenant == null ? null : tenant.value())
                .put("door", attempt.door().name().toLowerCase(Locale.ROOT))
                .put("address", attempt.address())
                .put("userName", attempt.userName())
                .put("clientId", attempt.clientId())
                .put("subject", attempt.subject())
                .put("device", device == null ? null : device.value())
                .put("cause", attempt.cause().slug())
                .put("detail", attempt.sentence());
    }
}
