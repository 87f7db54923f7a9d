package tributary.decode;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.cbor.CBORFactory;

/// Reads CBOR (RFC 8949) into a draft, with the same meaning as JSON of the same shape.
final class TokenWalk {
    private final CBORFactory cbor = new CBORFactory();
    private final SensorPath path;
    private final Draft draft;

    private int depth;
    private int muted;

    TokenWalk(SensorPath path, Draft draft) {
        this.path = path;
        this.draft = draft;
    }

    /// Reads a whole document.
    void read(byte[] payload) throws Unreadable {
        depth = 0;
        muted = 0;
        try (JsonParser parser = cbor.createParser(ObjectReadContext.empty(), payload)) {
            JsonToken first = next(parser);
            switch (first) {
                case START_OBJECT -> element(parser);
                case START_ARRAY -> batch(parser);
                default -> bare(parser, first);
            }
            if (parser.nextToken() != null) {
                throw new Unreadable("the payload is not CBOR: more follows behind the first item; send an array");
            }
        } catch (JacksonException e) {
            throw new Unreadable("the payload is not CBOR: " + e.getOriginalMessage());
        }
    }

    private static JsonToken next(JsonParser parser) throws Unreadable {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new Unreadable("the payload is not CBOR: it ends in the middle");
        }
        return token;
    }

    private void element(JsonParser parser) throws Unreadable {
        object(parser, true);
        draft.endElement();
    }

    private void batch(JsonParser parser) throws Unreadable {
        enter();
        int root = path.mark();
        int index = 0;
        for (JsonToken token = next(parser); token != JsonToken.END_ARRAY; token = next(parser)) {
            draft.element(index);
            if (token == JsonToken.START_OBJECT) {
                element(parser);
            } else {
                boolean named = path.rooted() && path.down(index);
                if (!named) {
                    draft.reject(path.rooted() ? SensorPath.tooLong() : NameNeeded.IN_ARRAY);
                    muted++;
                }
                value(parser, token);
                draft.endElement();
                muted -= named ? 0 : 1;
                path.back(root);
            }
            index++;
        }
        depth--;
    }

    private void bare(JsonParser parser, JsonToken token) throws Unreadable {
        if (!path.rooted()) {
            draft.reject(NameNeeded.BARE);
            muted++;
        }
        value(parser, token);
        draft.endElement();
    }

    private void object(JsonParser parser, boolean timed) throws Unreadable {
        enter();
        int mark = path.mark();
        for (JsonToken token = next(parser); token != JsonToken.END_OBJECT; token = next(parser)) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            if (timed && muted == 0 && key.equals("ts")) {
                time(parser, value);
            } else if (muted == 0 && (key.isEmpty() || !path.down(key))) {
                draft.reject(key.isEmpty() ? SensorPath.EMPTY : SensorPath.tooLong());
                mutedValue(parser, value);
            } else {
                value(parser, value);
            }
            path.back(mark);
        }
        depth--;
    }

    private void array(JsonParser parser) throws Unreadable {
        enter();
        int mark = path.mark();
        int index = 0;
        for (JsonToken token = next(parser); token != JsonToken.END_ARRAY; token = next(parser)) {
            if (muted == 0 && !path.down(index)) {
                draft.reject(SensorPath.tooLong());
                mutedValue(parser, token);
            } else {
                value(parser, token);
            }
            path.back(mark);
            index++;
        }
        depth--;
    }

    private void mutedValue(JsonParser parser, JsonToken token) throws Unreadable {
        muted++;
        value(parser, token);
        muted--;
    }

    private void value(JsonParser parser, JsonToken token) throws Unreadable {
        switch (token) {
            case START_OBJECT -> object(parser, false);
            case START_ARRAY -> array(parser);
            case VALUE_NULL -> {}
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_EMBEDDED_OBJECT ->
                scalar(parser, token);
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME ->
                throw new Unreadable("the payload is not CBOR: expected a value");
        }
    }

    private void scalar(JsonParser parser, JsonToken token) throws Unreadable {
        // strings are read in any case: the parser checks them only then
        String text = token == JsonToken.VALUE_STRING ? parser.getString() : "";
        if (muted > 0) {
            return;
        }
        String sensor = sensor();
        if (sensor == null) {
            return;
        }
        switch (token) {
            case VALUE_STRING -> text(sensor, text);
            case VALUE_NUMBER_INT -> whole(sensor, parser);
            case VALUE_NUMBER_FLOAT -> draft.number(sensor, parser.getDoubleValue());
            case VALUE_TRUE -> draft.bool(sensor, true);
            case VALUE_FALSE -> draft.bool(sensor, false);
            default -> draft.reject("'" + sensor + "' is a byte string; send a number, text or boolean");
        }
    }

    private void whole(String sensor, JsonParser parser) throws Unreadable {
        double value = parser.getDoubleValue();
        if (Whole.mayDiffer(value) && Double.isFinite(value)) {
            draft.whole(sensor, value, Whole.digits(parser.getBigIntegerValue(), value));
        } else {
            draft.number(sensor, value);
        }
    }

    private void text(String sensor, String text) throws Unreadable {
        if (text.length() > Draft.TEXT_BYTES_MAX
                || text.length() * 3 > Draft.TEXT_BYTES_MAX
                        && text.getBytes(StandardCharsets.UTF_8).length > Draft.TEXT_BYTES_MAX) {
            draft.rejectLongText(sensor);
        } else {
            draft.text(sensor, text);
        }
    }

    private void time(JsonParser parser, JsonToken token) throws Unreadable {
        switch (token) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                double millis = parser.getDoubleValue();
                long micros = Timestamps.ofMillis(millis);
                if (micros == Timestamps.NONE) {
                    draft.measuredWrong(Timestamps.millisFault(millis));
                } else {
                    draft.measuredAt(micros);
                }
            }
            case VALUE_STRING -> {
                long micros = Timestamps.ofIso(parser.getString());
                if (micros == Timestamps.NONE) {
                    draft.measuredWrong(Timestamps.isoFault());
                } else {
                    draft.measuredAt(micros);
                }
            }
            case VALUE_NULL -> {}
            default -> {
                draft.measuredWrong(Timestamps.isoFault());
                mutedValue(parser, token);
            }
        }
    }

    private @Nullable String sensor() throws Unreadable {
        String sensor = path.sensor();
        if (sensor == null) {
            draft.reject(path.fault());
        }
        return sensor;
    }

    private void enter() throws Unreadable {
        if (++depth > JsonScanner.DEPTH_MAX) {
            throw new Unreadable("nested deeper than " + JsonScanner.DEPTH_MAX + " levels; flatten the payload");
        }
    }
}
