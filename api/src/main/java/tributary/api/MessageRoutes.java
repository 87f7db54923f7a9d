package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.decode.EventFormat;
import tributary.log.Log;
import tributary.model.TopicFilter;

/// Recorded messages, read from the log.
final class MessageRoutes {
    private static final int PAGE_MAX = 1000;
    private static final String BYTES = "application/octet-stream";

    private static final Schema.Obj PAGE = new Schema.Obj(
            "MessagePage",
            "One page of messages by time of arrival. Where `next` is present, ask again with `after=` that"
                    + " value; a page"
                    + " may have fewer messages than asked for, even none, where much had to be read to find them.",
            List.of(
                    must("messages", new Schema.ListOf("oldest first", Recorded.SCHEMA, PAGE_MAX)),
                    may("next", Schema.text("positions where the next page begins", 4096))));

    private final Log log;
    private final InstantSource clock;

    MessageRoutes(Log log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    List<Route> routes() {
        Route list = new Route(
                Method.GET,
                "/api/v1/messages",
                Access.DEVICE,
                new Doc(
                        "messages",
                        "messages",
                        "Read recorded messages",
                        "Every message that was accepted and is still kept, whether or not it could be decoded."),
                new Shape(
                        List.of(
                                Param.of("device", "only messages of this device"),
                                Param.of("topic", "only topics that this filter matches, devices/+/telemetry"),
                                Param.of("since", "received then or later, -1h where not said; " + Times.MOMENT_DOC),
                                Param.of("until", "received before then"),
                                Paging.limit(PAGE_MAX),
                                Paging.AFTER),
                        null,
                        Success.json(200, PAGE)),
                this::list);
        Route payload = new Route(
                Method.GET,
                "/api/v1/messages/{message}/payload",
                Access.VIEWER,
                new Doc(
                        "messages",
                        "messagePayload",
                        "Read the bytes of a message",
                        "Exactly as they came, of the message at that partition and position: 0-1234."),
                new Shape(List.of(), null, new Success(200, "The payload.", List.of(BYTES), null)),
                this::payload);
        return List.of(list, payload);
    }

    private Answer payload(Call call) {
        return LogScan.named(log, call.place("message"))
                .map(LogScan.Found::message)
                .filter(message -> message.tenant().equals(call.tenant()) && !EventFormat.is(message))
                .map(message -> (Answer) new Answer.Streamed(BYTES, false, out -> out.write(message.payload())))
                .orElseGet(Answer::notFound);
    }

    private Answer list(Call call) {
        Instant now = clock.instant();
        Instant until = call.query("until")
                .map(text -> Times.moment("until", text, now))
                .orElse(now);
        Selection selection = Selection.of(call);
        Positions from = from(call, selection, now);
        LogScan.Page page = LogScan.read(log, selection, from, until, Paging.limit(call, 100, PAGE_MAX));
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("messages");
        page.found().forEach(found -> items.add(Recorded.json(found.partition(), found.position(), found.message())));
        if (page.next() != null) {
            node.put("next", page.next().toString());
        }
        return Answer.ok(node);
    }

    private Positions from(Call call, Selection selection, Instant now) {
        Optional<String> after = call.query("after");
        if (after.isPresent()) {
            return Positions.parse(after.get(), log.partitions())
                    .orElseThrow(() -> Flaws.parameter(
                            "after",
                            "must be the value of 'next' in the page before, such as 0:1234,1:99",
                            after.get()));
        }
        Instant since = Times.moment("since", call.query("since").orElse("-1h"), now);
        return selection.at(log, since);
    }

    /// @return the filter in the parameter `topic`, or null where there is none
    static @Nullable TopicFilter topic(Call call) {
        String text = call.query("topic").orElse("");
        if (text.isEmpty()) {
            return null;
        }
        String fault = TopicFilter.fault(text);
        if (fault != null) {
            throw Flaws.parameter("topic", fault, text);
        }
        return new TopicFilter(text);
    }
}
