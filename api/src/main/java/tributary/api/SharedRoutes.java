package tributary.api;

import io.helidon.http.Method;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.gateway.Attempts;
import tributary.model.TenantId;
import tributary.registry.Alerts;

/// One live stream for all that a client shows, so that a browser needs no more than one connection for it.
final class SharedRoutes {
    private static final int WISHES_MAX = 64;

    private static final Param WANT =
            new Param("want", Schema.name("what to follow: values?device=pump-1", 8192), true, true);

    private static final String DETAIL = "Server-sent events of all wishes, each with 'for': the places of the wishes"
            + " that it is for, from 0. Wishes are messages?device=&topic=, values?device=, alerts, attempts and"
            + " latest?device=&type=&label=&sensor=&limit=, the last values of devices, all at first ('whole') and then"
            + " what changes. An event's id says where everything goes on, for other wishes too: what is new among"
            + " them begins now. An event 'at' has nothing but that id. A device that is not there has no events.";

    private final Stations stations;
    private final LiveStreams streams;
    private final InstantSource clock;

    SharedRoutes(Stations stations, LiveStreams streams, InstantSource clock) {
        this.stations = stations;
        this.streams = streams;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                route(
                        "/api/v1/live/shared",
                        Access.VIEWER,
                        new Doc("messages", "liveShared", "Follow many things in one stream", DETAIL),
                        false),
                route(
                        "/api/v1/installation/live/shared",
                        Access.OPERATIONS,
                        new Doc(
                                "messages",
                                "liveInstallationShared",
                                "Follow many things in one stream, with attempts of nobody's too",
                                "As /api/v1/live/shared; its attempts have those whose tenant cannot be known."),
                        true));
    }

    private Route route(String path, Access access, Doc doc, boolean unclaimed) {
        return new Route(
                Method.GET,
                path,
                access,
                doc,
                new Shape(
                        List.of(WANT, Param.of("after", "go on behind this event id, as Last-Event-ID says")),
                        null,
                        new Success(200, "Events, endless.", List.of("text/event-stream"), null)),
                call -> live(call, unclaimed));
    }

    private Answer live(Call call, boolean unclaimed) {
        List<String> texts = call.queries("want");
        if (texts.size() > WISHES_MAX) {
            throw Flaws.parameter("want", "may be given " + WISHES_MAX + " times", texts.size() + " of them");
        }
        List<Wish> wishes =
                texts.stream().map(text -> Wish.read(text, call.tenant())).toList();
        Where from = where(call);
        SharedFeed feed = feed(wishes, call.tenant(), from.beside(), unclaimed);
        return new Answer.Streamed("text/event-stream", true, out -> {
            try (LiveStreams.Permit permit = streams.admit(call.tenant())) {
                EventWriter events = new EventWriter(permit, out);
                new LiveStream(stations.log(), feed.partitions(stations.log()), feed, permit, events)
                        .run(from.positions(), call.who());
            }
        });
    }

    private SharedFeed feed(List<Wish> wishes, TenantId tenant, Map<String, Long> from, boolean unclaimed) {
        SharedFeed feed = new SharedFeed(wishes, stations.decoders().get(), clock::millis);
        if (wishes.contains(new Wish.Attempts())) {
            Attempts attempts = stations.attempts();
            Attempts.Wanted wanted = new Attempts.Wanted(tenant, unclaimed, null, Set.of(), 0);
            long newest = attempts.newest();
            feed.beside(
                    "attempt",
                    AttemptRoutes.source(attempts, wanted),
                    Wish.Attempts.class,
                    Math.min(newest, from.getOrDefault("attempt", newest)));
        }
        if (wishes.contains(new Wish.Alerts())) {
            long newest = stations.registry().alerts().newest(tenant);
            feed.beside(
                    "alert",
                    AlertEventRoutes.source(stations.registry().alerts(), tenant, Alerts.Wanted.ALL),
                    Wish.Alerts.class,
                    Math.min(newest, from.getOrDefault("alert", newest)));
        }
        feed.latest(new LatestFeed.Known(stations.registry().devices(), stations.lake()), tenant);
        return feed;
    }

    /// @param beside numbers of the last lines seen, by the name of their events
    private record Where(Positions positions, Map<String, Long> beside) {}

    /// The header of a resuming browser comes before the parameter, which it repeats from the first time.
    private Where where(Call call) {
        String header = call.asked().lastEventId();
        String id = header.isEmpty() ? call.query("after").orElse("") : header;
        if (id.isEmpty()) {
            return new Where(Positions.of(Map.of()), Map.of());
        }
        String[] parts = id.split(";", -1);
        Optional<Positions> positions = parts[0].isEmpty()
                ? Optional.of(Positions.of(Map.of()))
                : Positions.parse(parts[0], stations.log().partitions());
        Map<String, Long> beside = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", -1);
            if (pair.length != 2 || !Set.of("alert", "attempt").contains(pair[0]) || !pair[1].matches("\\d{1,18}")) {
                positions = Optional.empty();
                break;
            }
            beside.put(pair[0], Long.parseLong(pair[1]));
        }
        return new Where(
                positions.orElseThrow(() -> Flaws.parameter(
                        header.isEmpty() ? "after" : "Last-Event-ID",
                        "must be the id of an event, such as 0:1234,1:99;alert=7",
                        id)),
                beside);
    }
}
