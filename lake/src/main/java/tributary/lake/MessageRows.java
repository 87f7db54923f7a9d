package tributary.lake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Message;
import tributary.model.MessageProperties;

/// Makes rows of the side tables of messages and events. Of the lake's thread.
final class MessageRows {
    private final SideCells cells = new SideCells();

    /// @return bytes of the row
    int message(SideTail tail, Message message, SideTail.Origin origin) {
        MessageProperties said = message.properties();
        DeviceId device = message.device();
        cells.clear()
                .text(device == null ? null : device.value())
                .text(message.topic().value())
                .time(message.receivedMicros())
                .bytes(message.payload(), Integer.MAX_VALUE)
                .text(orNull(said.contentType()))
                .integer(message.qos())
                .flag(message.retain())
                .text(said.user().isEmpty() ? null : json(said.user()))
                .text(orNull(said.responseTopic()));
        if (said.correlationData().length == 0) {
            cells.none();
        } else {
            cells.bytes(said.correlationData(), Integer.MAX_VALUE);
        }
        if (said.expirySeconds() < 0) {
            cells.none();
        } else {
            cells.whole(said.expirySeconds());
        }
        cells.text(message.origin().name().toLowerCase(Locale.ROOT))
                .text(message.publisher())
                .integer(origin.partition())
                .whole(origin.position());
        tail.add(cells, origin);
        return cells.size();
    }

    /// @param payloadBytesMax bytes of the payload that are kept
    /// @return bytes of the row
    int rejected(SideTail tail, Message message, int payloadBytesMax, String reason, SideTail.Origin origin) {
        DeviceId device = message.device();
        cells.clear()
                .text(device == null ? "" : device.value())
                .text(message.topic().value())
                .time(message.receivedMicros())
                .bytes(message.payload(), payloadBytesMax)
                .text(reason)
                .integer(origin.partition())
                .whole(origin.position());
        tail.add(cells, origin);
        return cells.size();
    }

    /// @return bytes of the row
    int event(SideTail tail, Event event, SideTail.Origin origin) {
        DeviceId device = event.device();
        DeviceId through = event.through();
        cells.clear()
                .text(device == null ? null : device.value())
                .text(event.kind().slug())
                .time(event.atMicros())
                .text(orNull(Event.doorName(event.door())))
                .text(through == null ? null : through.value())
                .text(orNull(event.client()))
                .text(orNull(event.address()))
                .text(orNull(event.subject()))
                .text(orNull(event.cause()))
                .text(orNull(event.reason()))
                .whole(event.count())
                .integer(origin.partition())
                .whole(origin.position());
        tail.add(cells, origin);
        return cells.size();
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /// An object of name to value; of a name that repeats, to the list of its values.
    static String json(List<MessageProperties.UserProperty> pairs) {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (MessageProperties.UserProperty pair : pairs) {
            byName.computeIfAbsent(pair.name(), _ -> new ArrayList<>()).add(pair.value());
        }
        StringBuilder json = new StringBuilder("{");
        byName.forEach((name, values) -> {
            quote(json.append(json.length() > 1 ? "," : ""), name);
            json.append(values.size() > 1 ? ":[" : ":");
            for (int i = 0; i < values.size(); i++) {
                quote(json.append(i > 0 ? "," : ""), values.get(i));
            }
            json.append(values.size() > 1 ? "]" : "");
        });
        return json.append('}').toString();
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append("\\u%04x".formatted((int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
