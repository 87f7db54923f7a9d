package tributary.sinks;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The message that brought an output about, as it came.
///
/// @param id       names it in the log
/// @param atMillis when it arrived
public record Raw(String id, String topic, long atMillis, byte[] payload) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public Raw {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(payload, "payload");
    }

    /// @return the payload, or empty where its bytes are no text
    Optional<String> text() {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /// @return the payload as text, bytes that are none in base64
    String shown() {
        return text().orElseGet(this::base64);
    }

    /// Says what the message was: JSON as such, other text as a text, bytes in base64.
    public void describe(ObjectNode node) {
        node.put("id", id).put("topic", topic).put("at", atMillis);
        Optional<String> text = text();
        if (text.isEmpty()) {
            node.put("base64", base64());
            return;
        }
        try {
            node.set("payload", JSON.readTree(text.get()));
        } catch (JacksonException e) {
            node.put("payload", text.get());
        }
    }

    /// Keeps all of it, byte for byte.
    void keep(ObjectNode node) {
        node.put("id", id).put("topic", topic).put("at", atMillis).put("base64", base64());
    }

    private String base64() {
        return Base64.getEncoder().encodeToString(payload);
    }

    /// Equal content, bytes included.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Raw raw
                && id.equals(raw.id)
                && topic.equals(raw.topic)
                && atMillis == raw.atMillis
                && Arrays.equals(payload, raw.payload);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, topic, atMillis, Arrays.hashCode(payload));
    }

    /// Names the message without its payload, fit for a log line.
    @Override
    public String toString() {
        return "Raw[%s %s, %d bytes]".formatted(id, topic, payload.length);
    }
}
