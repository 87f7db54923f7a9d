package tributary.api;

import java.io.StringWriter;
import java.time.Instant;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.Micros;

/// JSON as the API reads and writes it: strict on the way in, ISO 8601 UTC on the way out.
final class Json {
    private static final int DEPTH_MAX = 32;
    private static final int WRITTEN_CHARACTERS = 16_384;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /// @throws tools.jackson.core.JacksonException where the bytes are not one JSON value
    static JsonNode read(byte[] bytes) {
        return MAPPER.readTree(bytes);
    }

    /// @throws tools.jackson.core.JacksonException where the text is not one JSON value
    static JsonNode read(String text) {
        return MAPPER.readTree(text);
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    static String text(JsonNode node) {
        return MAPPER.writeValueAsString(node);
    }

    /// @return what `body` writes, without a tree of it in memory: for answers of many small values
    static String written(Consumer<JsonGenerator> body) {
        StringWriter text = new StringWriter(WRITTEN_CHARACTERS);
        try (JsonGenerator out = MAPPER.createGenerator(text)) {
            body.accept(out);
        }
        return text.toString();
    }

    /// @return ISO 8601 UTC
    static String time(Instant instant) {
        return instant.toString();
    }

    /// @return ISO 8601 UTC
    static String time(long micros) {
        return Micros.text(micros);
    }
}
