package tributary.rules.function;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.cbor.CBORFactory;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// CBOR as the values of JSON; byte strings stay bytes.
public final class Cbor {
    private static final int DEPTH_MAX = 100;
    private static final CBORFactory FACTORY = new CBORFactory();

    private Cbor() {}

    /// @return the one value that `bytes` are, or undefined
    public static Object read(byte[] bytes) {
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            JsonToken first = parser.nextToken();
            Object value = first == null ? Missing.UNDEFINED : value(parser, first, 0);
            return parser.nextToken() == null ? value : Missing.UNDEFINED;
        } catch (JacksonException | IllegalStateException e) {
            return Missing.UNDEFINED;
        }
    }

    private static Object value(JsonParser parser, JsonToken token, int depth) {
        if (depth > DEPTH_MAX) {
            throw new IllegalStateException("deep");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (JsonToken next = parser.nextToken(); next == JsonToken.PROPERTY_NAME; next = parser.nextToken()) {
                    String key = parser.currentName();
                    map.put(key, value(parser, parser.nextToken(), depth + 1));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    list.add(value(parser, next, depth + 1));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Missing.NULL;
            case VALUE_EMBEDDED_OBJECT -> parser.getBinaryValue();
            default -> throw new IllegalStateException("no value: " + token);
        };
    }

    private static Object number(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            case FLOAT, DOUBLE -> Numbers.of(parser.getDoubleValue());
            case BIG_INTEGER, BIG_DECIMAL -> Numbers.of(parser.getDecimalValue());
        };
    }
}
