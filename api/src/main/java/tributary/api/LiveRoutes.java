package tributary.api;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.log.Log;

/// Live streams as server-sent events.
final class LiveRoutes {
    private final Stations stations;
    private final LiveStreams streams;
    private final InstantSource clock;

    LiveRoutes(Stations stations, LiveStreams streams, InstantSource clock) {
        this.stations = stations;
        this.streams = streams;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.GET,
                "/api/v1/live",
                Access.DEVICE,
                new Doc(
                        "messages",
                        "live",
                        "Follow messages or values as they become durable",
                        "Server-sent events. An event's id says for each partition of the log where to go on, so that"
                                + " Last-Event-ID resumes without a gap and without a duplicate. A last"
                                + " event 'end' says"
                                + " why the server ended the stream; an event 'gap' names what is no longer kept."),
                new Shape(
                        List.of(
                                Param.of("device", "only of this device"),
                                Param.of("topic", "only topics that this filter matches, devices/+/telemetry"),
                                Param.of(
                                        "kind",
                                        Schema.oneOf(
                                                "what an event holds, messages where not said", "messages", "values")),
                                Param.of("since", "read history first; " + Times.MOMENT_DOC),
                                Param.of(
                                        "after", "go on behind this event id; the header Last-Event-ID says the same")),
                        null,
                        new Success(200, "Events, endless.", List.of("text/event-stream"), null)),
                this::live));
    }

    private Answer live(Call call) {
        Selection selection = Selection.of(call);
        Positions from = from(call, selection);
        LiveStream.Feed feed = call.query("kind").orElse("messages").equals("values")
                ? new ValuesFeed(selection, stations.decoders().get())
                : new MessagesFeed(selection);
        return new Answer.Streamed("text/event-stream", true, out -> {
            try (LiveStreams.Permit permit = streams.admit(call.tenant())) {
                EventWriter events = new EventWriter(permit, out);
                new LiveStream(stations.log(), selection.partitions(stations.log()), feed, permit, events)
                        .run(from, call.who());
            }
        });
    }

    /// The header of a resuming browser comes before the parameters, which it repeats from the first time.
    private Positions from(Call call, Selection selection) {
        Log log = stations.log();
        String header = call.asked().lastEventId();
        String id = header.isEmpty() ? call.query("after").orElse("") : header;
        if (!id.isEmpty()) {
            return Positions.parse(id, log.partitions())
                    .orElseThrow(() -> Flaws.parameter(
                            header.isEmpty() ? "after" : "Last-Event-ID",
                            "must be the id of an event, such as 0:1234,1:99",
                            id));
        }
        Instant now = clock.instant();
        return call.query("since")
                .map(text -> selection.at(log, Times.moment("since", text, now)))
                .orElseGet(() -> selection.end(log));
    }
}
