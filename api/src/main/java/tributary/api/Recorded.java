package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;

/// A message of the log as JSON.
final class Recorded {
    private static final Schema.Obj PAIR = new Schema.Obj(
            "UserProperty",
            "A pair of the publisher's own; names may repeat.",
            List.of(must("name", Schema.text("its name", 65_535)), must("value", Schema.text("its value", 65_535))));

    static final Schema.Obj SCHEMA = new Schema.Obj(
            "Message",
            "A message as the log keeps it.",
            List.of(
                    must("partition", new Schema.Whole("of the log", 0, Integer.MAX_VALUE)),
                    must("position", new Schema.Whole("in its partition", 0, Long.MAX_VALUE)),
                    must("receivedAt", new Schema.Moment("when it was accepted")),
                    orNull("device", Schema.text("the device it is of", 128)),
                    must("topic", Schema.text("where it was published", 65_535)),
                    must("origin", Schema.oneOf("the door it came through", "mqtt", "http", "websocket", "platform")),
                    must("publisher", Schema.text("who published it", 65_535)),
                    must("qos", new Schema.Whole("0 to 2", 0, 2)),
                    must("retain", new Schema.Flag("whether to keep it as the topic's last message")),
                    may("contentType", Schema.text("what the publisher called the payload", 65_535)),
                    may("responseTopic", Schema.text("where the publisher expects an answer", 65_535)),
                    may("correlationData", Schema.text("what the answer is to carry, base64", 87_384)),
                    may("expirySeconds", new Schema.Whole("how long it was worth delivering", 0, 0xFFFF_FFFFL)),
                    may("utf8", new Schema.Flag("that the publisher declared the payload to be UTF-8 text")),
                    may("userProperties", new Schema.ListOf("the publisher's own, in order", PAIR, Integer.MAX_VALUE)),
                    must("bytes", new Schema.Whole("length of the payload", 0, Integer.MAX_VALUE)),
                    must("encoding", Schema.oneOf("how 'payload' shows the bytes", "json", "text", "base64")),
                    must("payload", new Schema.Anything("a JSON value, a text, or base64"))));

    private Recorded() {}

    static ObjectNode json(int partition, long position, Message message) {
        DeviceId device = message.device();
        ObjectNode node = Json.object();
        node.put("partition", partition);
        node.put("position", position);
        node.put("receivedAt", Json.time(message.receivedMicros()));
        node.put("device", device == null ? null : device.value());
        node.put("topic", message.topic().value());
        node.put("origin", message.origin().name().toLowerCase(Locale.ROOT));
        node.put("publisher", message.publisher());
        node.put("qos", message.qos());
        node.put("retain", message.retain());
        properties(node, message.properties());
        node.put("bytes", message.payload().length);
        payload(node, message.payload());
        return node;
    }

    /// What the publisher said beside the payload; most say nothing.
    private static void properties(ObjectNode node, MessageProperties said) {
        if (!said.contentType().isEmpty()) {
            node.put("contentType", said.contentType());
        }
        if (!said.responseTopic().isEmpty()) {
            node.put("responseTopic", said.responseTopic());
        }
        if (said.correlationData().length > 0) {
            node.put("correlationData", Base64.getEncoder().encodeToString(said.correlationData()));
        }
        if (said.expirySeconds() >= 0) {
            node.put("expirySeconds", said.expirySeconds());
        }
        if (said.utf8()) {
            node.put("utf8", true);
        }
        if (!said.user().isEmpty()) {
            ArrayNode pairs = node.putArray("userProperties");
            said.user()
                    .forEach(pair -> pairs.addObject().put("name", pair.name()).put("value", pair.value()));
        }
    }

    private static void payload(ObjectNode node, byte[] payload) {
        String text = text(payload);
        if (text == null) {
            node.put("encoding", "base64");
            node.put("payload", Base64.getEncoder().encodeToString(payload));
            return;
        }
        JsonNode value = value(text);
        if (value == null) {
            node.put("encoding", "text");
            node.put("payload", text);
        } else {
            node.put("encoding", "json");
            node.set("payload", value);
        }
    }

    private static @Nullable String text(byte[] payload) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static @Nullable JsonNode value(String text) {
        try {
            JsonNode value = Json.read(text);
            return value.isMissingNode() ? null : value;
        } catch (JacksonException e) {
            return null;
        }
    }
}
