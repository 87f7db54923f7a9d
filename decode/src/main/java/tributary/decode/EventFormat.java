package tributary.decode;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Topic;

/// How an [Event] is written into the log: a message of the platform to `$events/<kind>`, so that rules read it as they
/// read any other, its fields a JSON object.
///
/// No client can write one: the doors say through which of them a message came, and none of them is the platform.
public final class EventFormat {
    /// What the topics of events begin with.
    public static final String TOPICS = "$events/";

    private static final JsonFactory JSON = new JsonFactory();
    private static final MessageProperties PROPERTIES = MessageProperties.ofType("application/json");
    private static final String COUNT = "count";

    private EventFormat() {}

    /// @return whether the message is an event; cheap enough to be asked of each
    public static boolean is(Message message) {
        return message.origin() == Message.Origin.PLATFORM
                && message.topic().value().startsWith(TOPICS);
    }

    /// @return the event as it goes into the log, among the messages of its device
    public static Message message(Event event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("kind", event.kind().slug());
            json.writeStringProperty("ts", moment(event.atMicros()).toString());
            text(json, "device", event.device() == null ? "" : event.device().value());
            text(json, "door", Event.doorName(event.door()));
            text(json, "through", event.through() == null ? "" : event.through().value());
            text(json, "client", event.client());
            text(json, "address", event.address());
            text(json, "subject", event.subject());
            text(json, "cause", event.cause());
            text(json, "reason", event.reason());
            json.writeNumberProperty(COUNT, event.count());
            json.writeEndObject();
        }
        return new Message(
                event.tenant(),
                event.device(),
                new Topic(TOPICS + event.kind().slug()),
                out.toByteArray(),
                event.atMicros(),
                Message.Origin.PLATFORM,
                "",
                1,
                false,
                PROPERTIES);
    }

    /// @return the event that the message is, or null where it is none that this build knows
    public static @Nullable Event event(Message message) {
        if (!is(message)) {
            return null;
        }
        Event.Kind kind = Event.Kind.of(message.topic().value().substring(TOPICS.length()));
        if (kind == null) {
            return null;
        }
        Map<String, String> fields;
        try {
            fields = fields(message.payload());
        } catch (JacksonException e) {
            return null;
        }
        String through = fields.getOrDefault("through", "");
        return new Event(
                message.tenant(),
                message.device(),
                kind,
                message.receivedMicros(),
                origin(fields.getOrDefault("door", "")),
                DeviceId.valid(through) ? new DeviceId(through) : null,
                fields.getOrDefault("client", ""),
                fields.getOrDefault("address", ""),
                fields.getOrDefault("subject", ""),
                fields.getOrDefault("cause", ""),
                fields.getOrDefault("reason", ""),
                count(fields.getOrDefault(COUNT, "1")));
    }

    private static Message.Origin origin(String door) {
        for (Message.Origin origin : Message.Origin.values()) {
            if (Event.doorName(origin).equals(door)) {
                return origin;
            }
        }
        return Message.Origin.PLATFORM;
    }

    private static void text(JsonGenerator json, String name, String value) {
        if (!value.isEmpty()) {
            json.writeStringProperty(name, value);
        }
    }

    private static Instant moment(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static long count(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 1;
        }
    }

    private static Map<String, String> fields(byte[] payload) {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), payload)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return fields;
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                if (json.nextToken().isScalarValue()) {
                    fields.put(name, json.getString());
                } else {
                    json.skipChildren();
                }
            }
        }
        return fields;
    }
}
