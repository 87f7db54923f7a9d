package tributary.api;

import java.io.IOException;
import java.time.Duration;
import java.util.TreeMap;
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
    private final int[] partitions;
    private final Feed feed;
    private final LiveStreams.Permit permit;
    private final EventWriter events;

    /// For each partition of the selection the position that comes next: the id of the event before it.
    private final TreeMap<Integer, Long> next = new TreeMap<>();

    /// Whether the client was near the end of the log once: before, it is reading history and may be far behind.
    private boolean caughtUp;

    /// What a stream is about. Called by the stream's thread only.
    interface Feed {
        /// @return what is streamed, for the greeting
        String event();

        /// Shows a message, where it is asked for.
        void show(int partition, long position, Message message, Out out);

        /// Shows what is new elsewhere than in the log; called several times a second.
        default void look(Out out) {}

        /// @return what an event's id says behind the positions: where to go on elsewhere than in the log
        default String beside() {
            return "";
        }

        /// @return how long nothing may be looked at
        default Duration patience() {
            return POLL;
        }
    }

    /// Takes events for the client.
    interface Out {
        void event(String name, ObjectNode data);
    }

    /// @param partitions what is read of the log
    /// @param events     where to write to the client
    LiveStream(Log log, int[] partitions, Feed feed, LiveStreams.Permit permit, EventWriter events) {
        this.log = log;
        this.partitions = partitions.clone();
        this.feed = feed;
        this.permit = permit;
        this.events = events;
    }

    /// Streams until the client leaves, falls behind, loses its right, or the server stops.
    void run(Positions from, Identity identity) throws IOException {
        try (LogReader reader = log.reader()) {
            for (int partition : partitions) {
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
            feed.look(this::say);
            Batch batch = reader.poll(feed.patience());
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
            feed.show(partition, position, message, this::say);
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

    private void say(String name, ObjectNode data) {
        events.event(name, id(), data);
    }

    private String id() {
        return Positions.of(next) + feed.beside();
    }
}
