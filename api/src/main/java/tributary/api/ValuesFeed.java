package tributary.api;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.model.DeviceId;
import tributary.model.Message;

/// Shows the readings of each message, all of a message in one event: an event is either seen whole or not at all,
/// so that resuming at its id loses none.
final class ValuesFeed implements LiveStream.Feed {
    private final Selection selection;
    private final Decoder decoder;

    /// @param selection of which messages
    ValuesFeed(Selection selection, Decoder decoder) {
        this.selection = selection;
        this.decoder = decoder;
    }

    @Override
    public String event() {
        return "values";
    }

    @Override
    public void show(int partition, long position, Message message, LiveStream.Out out) {
        ObjectNode shown = selection.includes(message) ? values(decoder, partition, position, message) : null;
        if (shown != null) {
            out.event(event(), shown);
        }
    }

    /// @return what the message says, or null where there is no reading in it
    static @Nullable ObjectNode values(Decoder decoder, int partition, long position, Message message) {
        DeviceId device = message.device();
        if (device == null) {
            return null;
        }
        ArrayNode values = Json.array();
        decoder.decode(message, new Collector(values));
        if (values.isEmpty()) {
            return null;
        }
        ObjectNode node = Json.object();
        node.put("partition", partition);
        node.put("position", position);
        node.put("device", device.value());
        node.put("receivedAt", Json.time(message.receivedMicros()));
        node.set("values", values);
        return node;
    }

    /// Numbers and booleans are `value`, texts are `text`, as in last values.
    private record Collector(ArrayNode values) implements ReadingSink {
        @Override
        public void number(String sensor, long tsMicros, double value) {
            item(sensor, tsMicros).put("value", value);
        }

        @Override
        public void whole(String sensor, long tsMicros, double value, String digits) {
            item(sensor, tsMicros).put("value", new BigInteger(digits));
        }

        @Override
        public void text(String sensor, long tsMicros, String value) {
            item(sensor, tsMicros).put("text", value);
        }

        @Override
        public void bool(String sensor, long tsMicros, boolean value) {
            item(sensor, tsMicros).put("value", value);
        }

        @Override
        public void rejected(int index, String reason) {
            // what could not be decoded is in the table `rejected`; this stream shows values
        }

        private ObjectNode item(String sensor, long tsMicros) {
            return values.addObject().put("sensor", sensor).put("ts", Json.time(tsMicros));
        }
    }
}
