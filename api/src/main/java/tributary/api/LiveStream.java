package tributary.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.registry.Principal;

/// One client's live stream, on its own virtual thread with its own reader of the log.
///
/// There is no queue between log and client: what the client has not taken yet is still in the log, so a slow client
/// costs no memory, and history and present need no seam. A client that falls too far behind after it had caught up
/// is told so and ended.
final class LiveStream {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RECHECK_MILLIS = 5_000;
    private static final int CHUNK_BYTES = 64 * 1024;

    private final Log log;
    private final Selection selection;
    private final Feed feed;
    private final LiveStreams.Permit permit;
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(4096);

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

    LiveStream(Log log, Selection selection, Feed feed, LiveStreams.Permit permit) {
        this.log = log;
        this.selection = selection;
        this.feed = feed;
        this.permit = permit;
    }

    /// Streams until the client leaves, falls behind, loses its right, or the server stops.
    void run(Positions from, Identity identity, OutputStream out) throws IOException {
        try (LogReader reader = log.reader()) {
            for (int partition : selection.partitions(log)) {
                long position = from.next().getOrDefault(partition, log.end(partition));
                next.put(partition, position);
                reader.seek(partition, position);
            }
            caughtUp = lag() == 0;
            comment("retry: 1000\n: tributary " + feed.event() + " stream\n");
            send(out);
            loop(reader, identity, out);
        }
    }

    private void loop(LogReader reader, Identity identity, OutputStream out) throws IOException {
        Principal admitted = identity.principal();
        long heardMillis = permit.nowMillis();
        long checkedMillis = heardMillis;
        while (true) {
            Batch batch = reader.poll(POLL);
            long now = permit.nowMillis();
            if (permit.stopping()) {
                end("stopping", "The server is stopping; connect again with the last event id.", out);
                return;
            }
            if (now - checkedMillis >= RECHECK_MILLIS) {
                checkedMillis = now;
                Principal again = identity.again().get();
                if (again == null
                        || !again.tenant().equals(admitted.tenant())
                        || !again.role().equals(admitted.role())) {
                    end(
                            "credential",
                            "The credential expired, was revoked or changed; connect again with a good one.",
                            out);
                    return;
                }
            }
            if (batch != null && next.containsKey(batch.partition())) {
                take(batch, out);
            }
            long lag = lag();
            caughtUp |= lag <= permit.lagMax() / 2;
            if (caughtUp && lag > permit.lagMax()) {
                end(
                        "slow",
                        "This client is " + lag + " records behind, more than " + permit.lagMax()
                                + ". Narrow the stream with device or topic, or read faster; then connect"
                                + " again with the last"
                                + " event id.",
                        out);
                return;
            }
            if (chunk.size() > 0) {
                send(out);
                heardMillis = now;
            } else if (now - heardMillis >= permit.heartbeatMillis()) {
                comment(": heartbeat\nid: " + id() + "\n");
                send(out);
                heardMillis = now;
            }
        }
    }

    private void take(Batch batch, OutputStream out) throws IOException {
        int partition = batch.partition();
        long expected = next.getOrDefault(partition, 0L);
        if (batch.first() > expected) {
            next.put(partition, batch.first());
            ObjectNode gap = Json.object();
            gap.put("partition", partition).put("from", expected).put("to", batch.first());
            gap.put("detail", "These records are no longer kept, or damaged; see /api/v1/status.");
            event("gap", gap);
        }
        for (int index = (int) Math.max(0, expected - batch.first()); index < batch.size(); index++) {
            Message message = batch.message(index);
            long position = batch.first() + index;
            next.put(partition, position + 1);
            if (selection.includes(message)) {
                ObjectNode shown = feed.show(partition, position, message);
                if (shown != null) {
                    event(feed.event(), shown);
                }
            }
            if (chunk.size() >= CHUNK_BYTES) {
                send(out);
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

    private void end(String reason, String detail, OutputStream out) throws IOException {
        event("end", Json.object().put("reason", reason).put("detail", detail));
        send(out);
    }

    /// JSON has no line break outside of strings, and inside they are escaped: one `data` line is enough.
    private void event(String name, ObjectNode data) {
        write("event: " + name + "\nid: " + id() + "\ndata: ");
        chunk.writeBytes(Json.bytes(data));
        write("\n\n");
    }

    private void comment(String lines) {
        write(lines + "\n");
    }

    private String id() {
        return Positions.of(next).toString();
    }

    private void write(String text) {
        chunk.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Blocks while the client does not read; the permit's watch breaks that off in the end.
    private void send(OutputStream out) throws IOException {
        permit.writing(true);
        try {
            chunk.writeTo(out);
            chunk.reset();
            out.flush();
        } finally {
            permit.writing(false);
        }
    }
}
