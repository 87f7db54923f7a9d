package tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.model.Message;
import tributary.model.Quote;

/// The decoder of the platform: by topic and content type, as `docs/payloads.md` says.
///
/// Readings come to the sink only after the whole payload is read, so a payload that breaks off gives none. A message
/// with the same sensor and time twice gives both, in order: whoever stores them keeps the last.
public final class PayloadDecoder implements Decoder {
    private static final String DEVICES = "devices/";
    private static final String TELEMETRY = "telemetry";
    private static final byte[] SELF_DESCRIBED = {(byte) 0xd9, (byte) 0xd9, (byte) 0xf7};

    private final SensorPath path = new SensorPath();
    private final Draft draft = new Draft();
    private final JsonScanner json = new JsonScanner(path, draft);
    private final TokenWalk cbor = new TokenWalk(path, draft);
    private final SenmlPack senml = new SenmlPack(path, draft);
    private final LineProtocol lines = new LineProtocol(path, draft);

    @Override
    public void decode(Message message, ReadingSink sink) {
        String prefix = sensorPrefix(message.topic().value());
        if (prefix == null) {
            return;
        }
        draft.begin(message.receivedMicros());
        try {
            read(message, prefix);
        } catch (Unreadable e) {
            draft.clear();
            sink.rejected(0, e.reason());
            return;
        }
        draft.deliver(sink);
    }

    /// @return the sensor path that the topic names, "" where it names none, or null where it is not telemetry
    static @Nullable String sensorPrefix(String topic) {
        if (!topic.startsWith(DEVICES)) {
            return null;
        }
        int telemetry = topic.indexOf('/', DEVICES.length()) + 1;
        if (telemetry <= DEVICES.length() + 1 || !topic.startsWith(TELEMETRY, telemetry)) {
            return null;
        }
        int end = telemetry + TELEMETRY.length();
        if (end == topic.length()) {
            return "";
        }
        return topic.charAt(end) == '/' ? named(topic.substring(end + 1)) : null;
    }

    private static String named(String levels) {
        // an empty level is kept as an empty part, which the path then refuses with its reason
        return levels.isEmpty() ? "." : levels.replace('/', '.');
    }

    private void read(Message message, String prefix) throws Unreadable {
        byte[] payload = message.payload();
        if (!path.begin(prefix)) {
            throw new Unreadable(SensorPath.tooLong());
        }
        if (path.rooted() && path.sensor() == null) {
            throw new Unreadable("in the topic: " + path.fault());
        }
        String contentType = message.properties().contentType();
        Format format = Format.of(contentType);
        if (format == null) {
            throw new Unreadable("content type '" + Quote.shorten(contentType) + "' cannot be read; send"
                    + " application/json, application/cbor, application/senml+json, application/senml+cbor or"
                    + " application/x-influx-line-protocol");
        }
        if (payload.length == 0) {
            throw new Unreadable("the payload is empty; send an object, {\"temperature\": 21.5}");
        }
        String device = message.device() == null ? "" : message.device().value();
        switch (format) {
            case JSON -> json.read(payload);
            case CBOR -> cbor.read(payload);
            case SENML_JSON -> senml.read(payload, false);
            case SENML_CBOR -> senml.read(payload, true);
            case LINES -> lines.read(payload, device, contentType);
            case TEXT -> {
                if (path.rooted()) {
                    word(payload);
                } else if (structured(payload, firstVisible(payload))) {
                    json.read(payload); // browsers call a body text that their page said nothing of
                } else {
                    lines.read(payload, device, contentType);
                }
            }
            case UNSAID -> unsaid(payload, device);
        }
    }

    /// Nobody said what it is, as in MQTT 3.1.1: the first byte does, and an equals sign where JSON has none.
    private void unsaid(byte[] payload, String device) throws Unreadable {
        int first = firstVisible(payload);
        boolean structured = structured(payload, first);
        if (looksLikeCbor(payload)) {
            cbor.read(payload);
        } else if (path.rooted() && !structured) {
            word(payload);
        } else if (!structured && LineCursor.unescaped(payload, first, payload.length, '=') < payload.length) {
            lines.read(payload, device, "");
        } else {
            json.read(payload);
        }
    }

    private static int firstVisible(byte[] payload) {
        int first = 0;
        while (first < payload.length - 1 && payload[first] >= 0 && payload[first] <= ' ') {
            first++;
        }
        return first;
    }

    private static boolean structured(byte[] payload, int first) {
        return "{[\"".indexOf(payload[first]) >= 0;
    }

    /// A value alone, of the sensor that the topic names: a JSON value, else the text itself.
    private void word(byte[] payload) throws Unreadable {
        int root = path.mark();
        try {
            json.read(payload);
        } catch (Unreadable _) {
            draft.clear();
            path.back(root);
            String sensor = path.sensor();
            if (sensor == null || !Utf8.wellFormed(payload, 0, payload.length)) {
                throw new Unreadable("the payload is neither JSON, CBOR nor UTF-8 text");
            }
            if (payload.length > Draft.TEXT_BYTES_MAX) {
                draft.rejectLongText(sensor);
            } else {
                draft.text(sensor, new String(payload, StandardCharsets.UTF_8));
            }
            draft.endElement();
        }
    }

    /// @return whether the payload begins as a CBOR map, array or self-described item does
    static boolean looksLikeCbor(byte[] payload) {
        int first = payload[0] & 0xff;
        return first >= 0x80 && first <= 0xbf
                || payload.length > 2 && Arrays.equals(payload, 0, 3, SELF_DESCRIBED, 0, 3);
    }
}
