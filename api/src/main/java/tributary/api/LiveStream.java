package tributary.api;

import java.io.IOException;
import java.time.Duration;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;

/// One client's live stream, on its own virtual thread with its own reader of the log.
///
/// There is no queue between log and client: what the client has not taken yet is still in the log, so a slow client
/// costs no memory, and history and present need no seam. A client that falls too far behind after it had caught up
/// is told so and ended.
final class LiveStream {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int CHUNK_BYTES = 64 * 1024;

    private final Log log;
    private final Selection selection;
    private final Feed feed;
    private final LiveStreams.Permit permit;
    private final EventWriter events;

    /// For each partition of the selection the position that comes next: the id of the event before it.
    private final TreeMap<Integer, Long> next = new TreeMap<>();

    /// Whether the client was near the end of the log once: before, it is reading history and may be far behind.
    private boolean caughtUp;

    /// Shows messages in one of the ways that a stream may have them.
    interface Feed {
        /// @return the name of its events
        String event();

        /// @return what the event holds, or null where the message is nothing to show
        @Nullable
        ObjectNode show(int partition, long position, Message message);
    }

    /// @param events where to write to the client
    LiveStream(Log log, Selection selection, Feed feed, LiveStreams.Permit permit, EventWriter events) {
        this.log = log;
        this.selection = selection;
        this.feed = feed;
        this.permit = permit;
        this.events = events;
    }

    /// Streams until the client leaves, falls behind, loses its right, or the server stops.
    void run(Positions from, Identity identity) throws IOException {
        try (LogReader reader = log.reader()) {
            for (int partition : selection.partitions(log)) {
                long position = from.next().getOrDefault(partition, log.end(partition));
                next.put(partition, position);
                reader.seek(partition, position);
            }
            caughtUp = lag() == 0;
            events.begin(feed.event());
            loop(reader, identity);
        }
    }

    private void loop(LogReader reader, Identity identity) throws IOException {
        LiveStreams.Right right = permit.right(identity);
        while (true) {
            Batch batch = reader.poll(POLL);
            if (right.ended(events, id())) {
                return;
            }
            if (batch != null && next.containsKey(batch.partition())) {
                take(batch);
            }
            long lag = lag();
            caughtUp |= lag <= permit.lagMax() / 2;
            if (caughtUp && lag > permit.lagMax()) {
                events.end(
                        id(),
                        "slow",
                        "This client is " + lag + " records behind, more than " + permit.lagMax()
                                + ". Narrow the stream with device or topic, or read faster; then connect"
                                + " again with the last"
                                + " event id.");
                return;
            }
            events.pulse(id());
        }
    }

    private void take(Batch batch) throws IOException {
        int partition = batch.partition();
        long expected = next.getOrDefault(partition, 0L);
        if (batch.first() > expected) {
            next.put(partition, batch.first());
            ObjectNode gap = Json.object();
            gap.put("partition", partition).put("from", expected).put("to", batch.first());
            gap.put("detail", "These records are no longer kept, or damaged; see /api/v1/status.");
            events.event("gap", id(), gap);
        }
        for (int index = (int) Math.max(0, expected - batch.first()); index < batch.size(); index++) {
            Message message = batch.message(index);
            long position = batch.first() + index;
            next.put(partition, position + 1);
            if (selection.includes(message)) {
                ObjectNode shown = feed.show(partition, position, message);
                if (shown != null) {
                    events.event(feed.event(), id(), shown);
                }
            }
            if (events.size() >= CHUNK_BYTES) {
                events.send();
            }
        }
    }

    private long lag() {
        long lag = 0;
        for (int partition : next.keySet()) {
            lag += Math.max(0, log.end(partition) - next.getOrDefault(partition, 0L));
        }
        return lag;
    }

    private String id() {
        return Positions.of(next).toString();
    }
}
