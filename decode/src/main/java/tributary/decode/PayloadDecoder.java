package tributary.decode;

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
        switch (format) {
            case JSON -> json.read(payload);
            case CBOR -> cbor.read(payload);
            case UNSAID -> {
                if (looksLikeCbor(payload)) {
                    cbor.read(payload);
                } else {
                    json.read(payload);
                }
            }
            case SENML_JSON, SENML_CBOR, LINES, TEXT ->
                throw new Unreadable("content type '" + contentType + "' is not readable by this build");
        }
    }

    /// @return whether the payload begins as a CBOR map, array or self-described item does
    static boolean looksLikeCbor(byte[] payload) {
        int first = payload[0] & 0xff;
        return first >= 0x80 && first <= 0xbf
                || payload.length > 2 && Arrays.equals(payload, 0, 3, SELF_DESCRIBED, 0, 3);
    }
}
