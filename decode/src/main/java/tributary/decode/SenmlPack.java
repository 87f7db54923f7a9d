package tributary.decode;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.cbor.CBORFactory;

/// Reads a SenML pack (RFC 8428) in JSON or CBOR: records whose base fields hold for those after them.
///
/// The name is the sensor, `/` in it parting levels; a sum is the sensor's `sum`; units are read over.
final class SenmlPack {
    private static final int VERSION_MAX = 10;

    /// Times below it are relative to now (RFC 8428, 4.5.3).
    private static final double RELATIVE_BELOW = 1 << 28;

    private final TokenStreamFactory json = new JsonFactory();
    private final TokenStreamFactory cbor = new CBORFactory();
    private final SensorPath path;
    private final Draft draft;

    private String baseName = "";
    private double baseTime;
    private double baseValue;
    private double baseSum;
    private boolean baseSumGiven;

    private @Nullable String name;
    private double time;
    private @Nullable Double value;
    private @Nullable String text;
    private @Nullable Boolean flag;
    private @Nullable Double sum;
    private @Nullable String fault;

    SenmlPack(SensorPath path, Draft draft) {
        this.path = path;
        this.draft = draft;
    }

    /// Reads a whole pack.
    void read(byte[] payload, boolean binary) throws Unreadable {
        baseName = "";
        baseTime = 0;
        baseValue = 0;
        baseSum = 0;
        baseSumGiven = false;
        String encoding = binary ? "CBOR" : "JSON";
        if (!binary && !Utf8.wellFormed(payload, 0, payload.length)) {
            throw new Unreadable("the payload is not JSON: it is not UTF-8");
        }
        try (JsonParser parser = (binary ? cbor : json).createParser(ObjectReadContext.empty(), payload)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new Unreadable("a SenML pack is an array of records, [{\"n\":\"temperature\",\"v\":21.5}]");
            }
            int index = 0;
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                draft.element(index++);
                if (token != JsonToken.START_OBJECT) {
                    throw new Unreadable("a SenML pack is an array of records; element " + (index - 1) + " is none");
                }
                record(parser, binary);
            }
            if (parser.nextToken() != null) {
                throw new Unreadable("more follows behind the SenML pack; send one pack a message");
            }
        } catch (JacksonException e) {
            throw new Unreadable("the payload is not " + encoding + ": " + e.getOriginalMessage());
        }
    }

    private void record(JsonParser parser, boolean binary) throws Unreadable {
        name = null;
        time = 0;
        value = null;
        text = null;
        flag = null;
        sum = null;
        fault = null;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            if (token != JsonToken.PROPERTY_NAME) {
                throw new Unreadable("the payload ends in the middle");
            }
            String label = parser.currentName();
            field(binary ? label(label) : label, parser, parser.nextToken());
        }
        resolve();
        draft.endElement();
    }

    /// The labels of SenML CBOR are numbers (RFC 8428, table 4).
    private static String label(String number) {
        return switch (number) {
            case "-1" -> "bver";
            case "-2" -> "bn";
            case "-3" -> "bt";
            case "-4" -> "bu";
            case "-5" -> "bv";
            case "-6" -> "bs";
            case "0" -> "n";
            case "1" -> "u";
            case "2" -> "v";
            case "3" -> "vs";
            case "4" -> "vb";
            case "5" -> "s";
            case "6" -> "t";
            case "7" -> "ut";
            case "8" -> "vd";
            default -> number;
        };
    }

    private void field(String label, JsonParser parser, @Nullable JsonToken token) {
        switch (label) {
            case "bn" -> baseName = string(label, parser, token);
            case "bt" -> baseTime = number(label, parser, token);
            case "bv" -> baseValue = number(label, parser, token);
            case "bs" -> {
                baseSum = number(label, parser, token);
                baseSumGiven = true;
            }
            case "bver" -> {
                if (number(label, parser, token) > VERSION_MAX) {
                    fault = "SenML versions above " + VERSION_MAX + " are not known; send bver " + VERSION_MAX;
                }
            }
            case "n" -> name = string(label, parser, token);
            case "t" -> time = number(label, parser, token);
            case "v" -> value = number(label, parser, token);
            case "vs" -> text = string(label, parser, token);
            case "vb" -> {
                if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
                    flag = token == JsonToken.VALUE_TRUE;
                } else {
                    fault = "'vb' has to be true or false";
                }
            }
            case "s" -> sum = number(label, parser, token);
            case "vd" -> fault = "data values (vd) are not stored; send v, vs or vb";
            default -> {
                if (label.endsWith("_")) {
                    fault = "the field '" + label + "' has to be understood, and is not; leave it out";
                }
                parser.skipChildren();
            }
        }
        if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
            parser.skipChildren();
        }
    }

    private double number(String label, JsonParser parser, @Nullable JsonToken token) {
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            return parser.getDoubleValue();
        }
        fault = "'" + label + "' has to be a number";
        return 0;
    }

    private String string(String label, JsonParser parser, @Nullable JsonToken token) {
        if (token == JsonToken.VALUE_STRING) {
            return parser.getString();
        }
        fault = "'" + label + "' has to be a text";
        return "";
    }

    private void resolve() throws Unreadable {
        boolean valued = value != null || text != null || flag != null;
        boolean summed = sum != null || baseSumGiven && name != null;
        if (fault != null) {
            draft.reject(fault);
            return;
        }
        if (!valued && !summed) {
            if (name != null) {
                draft.reject("the record has no value; add v, vs, vb or s");
            }
            return;
        }
        long micros = micros();
        if (micros == Timestamps.NONE) {
            draft.reject("bt + t is not a time in seconds since 1970 and before 2200");
            return;
        }
        draft.measuredAt(micros);
        String full = (baseName + (name == null ? "" : name)).replace('/', '.');
        int mark = path.mark();
        if (!full.isEmpty() && !path.down(full)) {
            draft.reject(SensorPath.tooLong());
        } else if (full.isEmpty() && !path.rooted()) {
            draft.reject("the record has no name; add n or bn");
        } else {
            emit();
        }
        path.back(mark);
    }

    private long micros() {
        double seconds = baseTime + time;
        if (seconds == 0) {
            return draft.arrivalMicros();
        }
        double micros = seconds * 1e6;
        if (seconds < RELATIVE_BELOW) {
            micros += draft.arrivalMicros();
        }
        long rounded = Math.round(micros);
        return Timestamps.plausible(rounded) ? rounded : Timestamps.NONE;
    }

    private void emit() throws Unreadable {
        String sensor = path.sensor();
        if (sensor == null) {
            draft.reject(path.fault());
            return;
        }
        if (value != null) {
            draft.number(sensor, baseValue + value);
        } else if (text != null) {
            if (text.getBytes(StandardCharsets.UTF_8).length > Draft.TEXT_BYTES_MAX) {
                draft.rejectLongText(sensor);
            } else {
                draft.text(sensor, text);
            }
        } else if (flag != null) {
            draft.bool(sensor, flag);
        }
        if (sum != null || baseSumGiven) {
            String total = path.down("sum") ? path.sensor() : null;
            if (total == null) {
                draft.reject(SensorPath.tooLong());
            } else {
                draft.number(total, baseSum + (sum == null ? 0 : sum));
            }
        }
    }
}
