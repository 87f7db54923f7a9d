package tributary.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/// Gathers server-sent events and sends them together. Of one stream's thread.
final class EventWriter {
    private final LiveStreams.Permit permit;
    private final OutputStream out;
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(4096);

    /// When the client last got something.
    private long heardMillis;

    EventWriter(LiveStreams.Permit permit, OutputStream out) {
        this.permit = permit;
        this.out = out;
        this.heardMillis = permit.nowMillis();
    }

    /// JSON has no line break outside of strings, and inside they are escaped: one `data` line is enough.
    void event(String name, String id, ObjectNode data) {
        write("event: " + name + "\nid: " + id + "\ndata: ");
        chunk.writeBytes(Json.bytes(data));
        write("\n\n");
    }

    /// The last event, which says why the server ends the stream.
    void end(String id, String reason, String detail) throws IOException {
        event("end", id, Json.object().put("reason", reason).put("detail", detail));
        send();
    }

    /// Greets the client, whatever there is to show.
    void begin(String what) throws IOException {
        write("retry: 1000\n: tributary " + what + " stream\n\n");
        send();
    }

    /// Sends what is gathered, or shows a client that heard nothing for long that the stream lives.
    void pulse(String id) throws IOException {
        if (size() == 0) {
            if (permit.nowMillis() - heardMillis < permit.heartbeatMillis()) {
                return;
            }
            write(": heartbeat\nid: " + id + "\n\n");
        }
        send();
    }

    /// @return bytes that wait for [#send]
    int size() {
        return chunk.size();
    }

    private void write(String text) {
        chunk.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Blocks while the client does not read; the permit's watch breaks that off in the end.
    void send() throws IOException {
        heardMillis = permit.nowMillis();
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
