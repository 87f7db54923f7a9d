package tributary.app.load;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Pieces of a file as one request: a line for each message, a message for a stretch of one device's pieces.
final class Batch {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Well below what a message may have at the doors: 10,000 readings and 256 KB.
    private static final int MESSAGE_READINGS_MAX = 5_000;

    private static final int MESSAGE_BYTES_MAX = 96 << 10;
    private static final int BATCH_BYTES = 1 << 20;
    private static final int BATCH_PIECES = 20_000;

    /// Times that the decoder would take for seconds are written as text.
    private static final long PLAIN_MILLIS = 10_000_000_000L;

    private final String precision;
    private final Map<String, Message> open = new HashMap<>();
    private final List<Message> messages = new ArrayList<>();
    private int bytes;
    private int pieces;

    /// @param precision of times in line protocol
    Batch(String precision) {
        this.precision = precision;
    }

    /// A message while it grows.
    static final class Message {
        final String device;

        /// The piece of the file that each element of the message is.
        final List<Item> items = new ArrayList<>();

        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final boolean lines;
        private int readings;

        Message(String device, boolean lines) {
            this.device = device;
            this.lines = lines;
        }
    }

    /// @return whether it should be sent before more is added
    boolean full() {
        return bytes >= BATCH_BYTES || pieces >= BATCH_PIECES;
    }

    boolean isEmpty() {
        return pieces == 0;
    }

    void add(Item.Row row) {
        ObjectNode element = JSON.createObjectNode();
        long millis = Math.floorDiv(row.micros(), 1_000L);
        if (row.micros() % 1_000 == 0 && millis >= PLAIN_MILLIS) {
            element.put("ts", millis);
        } else {
            element.put(
                    "ts", Instant.EPOCH.plus(row.micros(), ChronoUnit.MICROS).toString());
        }
        row.values().forEach(element::putPOJO);
        add(row, row.device(), JSON.writeValueAsBytes(element), row.values().size());
    }

    void add(Item.Line line) {
        int fields = (int) line.text().chars().filter(c -> c == '=').count();
        add(line, line.device(), line.text().getBytes(StandardCharsets.UTF_8), fields);
    }

    private void add(Item item, String device, byte[] element, int readings) {
        boolean lines = item instanceof Item.Line;
        Message message = open.get(device);
        if (message == null
                || message.readings + readings > MESSAGE_READINGS_MAX
                || message.content.size() + element.length > MESSAGE_BYTES_MAX) {
            message = new Message(device, lines);
            open.put(device, message);
            messages.add(message);
        } else {
            message.content.write(lines ? '\n' : ',');
        }
        message.content.writeBytes(element);
        message.items.add(item);
        message.readings += readings;
        bytes += element.length + 2;
        pieces++;
    }

    /// @return the message of a line of [#body]
    @Nullable
    Message message(int line) {
        return line >= 0 && line < messages.size() ? messages.get(line) : null;
    }

    byte[] body() {
        ByteArrayOutputStream body = new ByteArrayOutputStream(bytes + 64 * messages.size());
        for (Message message : messages) {
            text(body, "{\"device\":" + JSON.writeValueAsString(message.device));
            if (message.lines) {
                text(body, ",\"precision\":\"" + precision + "\",\"lines\":");
                text(body, JSON.writeValueAsString(message.content.toString(StandardCharsets.UTF_8)));
            } else {
                text(body, ",\"readings\":[");
                body.writeBytes(message.content.toByteArray());
                text(body, "]");
            }
            text(body, "}\n");
        }
        return body.toByteArray();
    }

    private static void text(ByteArrayOutputStream body, String text) {
        body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
