package tributary.sinks;

import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// A parcel as the JSON object that dead letters, batches and files hold.
public final class ParcelText {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ParcelText() {}

    /// @return the parcel with everything that is known about it
    public static ObjectNode node(Parcel parcel) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", parcel.id());
        node.put("position", parcel.position());
        node.put("rule", parcel.rule()).put("version", parcel.version());
        if (!parcel.device().isEmpty()) {
            node.put("device", parcel.device());
        }
        node.put("at", parcel.atMillis());
        Parcel.Alert alert = parcel.alert();
        if (alert != null) {
            node.putObject("alert")
                    .put("name", alert.name())
                    .put("key", alert.key())
                    .put("state", alert.state())
                    .put("severity", alert.severity())
                    .put("raisedAt", alert.raisedMillis());
        }
        Raw raw = parcel.raw();
        if (raw != null) {
            raw.describe(node.putObject("raw"));
        }
        node.set("payload", payload(parcel));
        return node;
    }

    /// @return the same as text
    public static String text(Parcel parcel) {
        return JSON.writeValueAsString(node(parcel));
    }

    /// @return the payload; a text where it is not JSON, which rules do not write
    static JsonNode payload(Parcel parcel) {
        try {
            return JSON.readTree(parcel.payload());
        } catch (JacksonException e) {
            return JSON.getNodeFactory().stringNode(parcel.payload());
        }
    }

    /// @return what keeps a parcel that was not delivered: its payload byte for byte
    static String kept(Parcel parcel) {
        ObjectNode node = node(parcel);
        node.put("payload", parcel.payload());
        Raw raw = parcel.raw();
        if (raw != null) {
            raw.keep(node.putObject("raw"));
        }
        return JSON.writeValueAsString(node);
    }

    /// @return the parcel that a letter holds, or empty where it cannot be read
    static Optional<Parcel> parcel(SinkDefinition sink, DeadLetter letter) {
        try {
            return Optional.of(read(sink, letter.position(), letter.parcel()));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /// @param text as [#kept] wrote it
    static Parcel read(SinkDefinition sink, long position, String text) {
        JsonNode node = JSON.readTree(text);
        return new Parcel(
                position,
                sink.tenant(),
                node.path("rule").asString(""),
                node.path("version").asLong(0),
                sink.name(),
                node.path("device").asString(""),
                node.path("at").asLong(0),
                node.path("payload").asString(""),
                alert(node.path("alert")),
                raw(node.path("raw")));
    }

    private static @Nullable Raw raw(JsonNode node) {
        return node.isObject()
                ? new Raw(
                        node.path("id").asString(""),
                        node.path("topic").asString(""),
                        node.path("at").asLong(0),
                        Base64.getDecoder().decode(node.path("base64").asString("")))
                : null;
    }

    private static Parcel.@Nullable Alert alert(JsonNode node) {
        return node.isObject()
                ? new Parcel.Alert(
                        node.path("name").asString(""),
                        node.path("key").asString(""),
                        node.path("state").asString(""),
                        node.path("severity").asString(""),
                        node.path("raisedAt").asLong(0))
                : null;
    }
}
