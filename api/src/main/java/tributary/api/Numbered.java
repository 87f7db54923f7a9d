package tributary.api;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Param;

/// Lists whose lines are numbered as they come: read in pages from the newest on, and followed live, where an event's
/// id is the line's number, so that Last-Event-ID goes on behind it as long as the lines are kept.
final class Numbered {
    /// Lines that are written at once.
    static final int AT_ONCE = 200;

    private static final Schema.Text NUMBER = Schema.shaped("the number of a line", 18, "\\d{1,18}");
    private static final long LOOK_NANOS = 200_000_000;

    /// Where a page goes on.
    static final Param OLDER =
            new Param(Paging.AFTER.name(), NUMBER.saying(Paging.AFTER.schema().doc()), false, false);

    /// Where a live stream goes on.
    static final Param NEWER = new Param(
            "after", NUMBER.saying("go on behind this event id; the header Last-Event-ID says the same"), false, false);

    private Numbered() {}

    /// What there is at a moment.
    ///
    /// @param lines   the first ones that the client has not seen, [#AT_ONCE] at most
    /// @param reached the number up to which it then has all that it asked for
    record Seen(List<Line> lines, long reached) {}

    record Line(long number, ObjectNode json) {}

    /// Asked by one stream's thread, again and again.
    interface Source {
        Seen behind(long number);
    }

    /// @return below which number a page begins
    static long below(Call call) {
        return call.query(OLDER.name()).map(Long::parseLong).orElse(Long.MAX_VALUE);
    }

    /// @return the last line that the client saw, if it says so
    /// @throws ProblemException where that is no number
    static OptionalLong seen(Call call) {
        String header = call.asked().lastEventId();
        if (header.isEmpty()) {
            return call.query(NEWER.name())
                    .map(text -> OptionalLong.of(Long.parseLong(text)))
                    .orElseGet(OptionalLong::empty);
        }
        if (SchemaCheck.flaw(header, NUMBER) != null) {
            throw Flaws.parameter("Last-Event-ID", "must be the id of an event, a whole number", header);
        }
        return OptionalLong.of(Long.parseLong(header));
    }

    /// Streams until the client leaves, loses its right, or the server stops.
    ///
    /// @param event what its events are called
    static Answer follow(Call call, LiveStreams streams, String event, long from, Source source) {
        return new Answer.Streamed("text/event-stream", true, out -> {
            try (LiveStreams.Permit permit = streams.admit(call.tenant())) {
                run(permit.right(call.who()), new EventWriter(permit, out), event, from, source);
            }
        });
    }

    private static void run(LiveStreams.Right right, EventWriter events, String event, long from, Source source)
            throws IOException {
        long after = from;
        events.begin(event);
        while (!right.ended(events, Long.toString(after))) {
            Seen seen = source.behind(after);
            for (Line line : seen.lines()) {
                after = line.number();
                events.event(event, Long.toString(after), line.json());
            }
            after = Math.max(after, seen.reached());
            events.pulse(Long.toString(after));
            if (seen.lines().size() < AT_ONCE) {
                LockSupport.parkNanos(source, LOOK_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
            }
        }
    }
}
