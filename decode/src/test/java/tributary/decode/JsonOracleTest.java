package tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The scanner agrees with Jackson about what is JSON and what stands in it: random documents, and the same documents
/// with a few bytes changed.
class JsonOracleTest {
    private static final JsonFactory JACKSON = new JsonFactory();
    private static final int DOCUMENTS = 20_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void scannerAndJacksonReadTheSame(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PayloadDecoder decoder = new PayloadDecoder();
        int malformed = 0;
        int readings = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] document = Heard.utf8(random.nextInt(4) == 0 ? batch(random) : object(random, 0));
            byte[] payload = random.nextInt(3) == 0 ? document : mutated(random, document);
            if (payload.length == 0) {
                continue;
            }
            List<String> expected = expected(payload);
            Heard heard = Heard.of(decoder, Heard.TOPIC, "application/json", payload);
            String shown = "seed " + seed + " document " + i + ": " + new String(payload, StandardCharsets.UTF_8);
            if (expected == null) {
                malformed++;
                assertThat(heard.readings).as(shown).isEmpty();
                assertThat(heard.rejections).as(shown).hasSize(1);
                assertThat(heard.rejections.getFirst()).as(shown).contains("the payload is not JSON");
            } else {
                readings += expected.size();
                assertThat(heard.readings).as(shown).isEqualTo(expected);
                assertThat(String.join(" ", heard.rejections)).as(shown).doesNotContain("not JSON");
            }
        }
        assertThat(malformed).as("malformed documents met").isGreaterThan(DOCUMENTS / 4);
        assertThat(readings).as("readings compared").isGreaterThan(DOCUMENTS / 2);
    }

    private static String object(SplittableRandom random, int depth) {
        StringBuilder text = new StringBuilder("{").append(space(random));
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ",")
                    .append(space(random))
                    .append('"')
                    .append(key(random))
                    .append('"');
            text.append(space(random)).append(':').append(space(random)).append(value(random, depth + 1));
            text.append(space(random));
        }
        if (depth == 0 && random.nextInt(3) == 0) {
            text.append(count == 0 ? "" : ",").append("\"ts\":").append(time(random));
        }
        return text.append('}').toString();
    }

    private static String batch(SplittableRandom random) {
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            elements.add(random.nextInt(6) == 0 ? value(random, 1) : object(random, 0));
        }
        return space(random) + "[" + String.join(space(random) + ",", elements) + "]" + space(random);
    }

    private static String key(SplittableRandom random) {
        String[] keys = {"a", "b", "temperature", "x.y", "", "a.", "ts", "é", "\\u0061", "q\\\"", "n\\n", "😀", "t[0]"};
        return keys[random.nextInt(keys.length)];
    }

    private static String time(SplittableRandom random) {
        String[] times = {
            "1690000000000",
            "1690000000000.25",
            "\"2026-02-28T23:59:59.123456789+05:30\"",
            "null",
            "-5",
            "\"2024-02-29t00:00z\"",
            "1690000000",
            "true",
            "\"x\"",
            "1.69e12"
        };
        return times[random.nextInt(times.length)];
    }

    private static String value(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 4 ? 7 : 9)) {
            case 0 -> Integer.toString(random.nextInt());
            case 1 ->
                Double.toString(Double.longBitsToDouble(random.nextLong()))
                        .replace("NaN", "0")
                        .replace("Infinity", "1e500");
            case 2 ->
                random.nextInt(1000) + "." + random.nextInt(1_000_000)
                        + (random.nextBoolean() ? "e-" + random.nextInt(30) : "");
            case 3 -> new String[] {"true", "false", "null"}[random.nextInt(3)];
            case 4 ->
                "\""
                        + new String[] {"", "on", "é\\t\\u20AC", "\\ud83d\\ude00", "\\uD83D", "\\u0000", "a\\/b"}
                                [random.nextInt(7)]
                        + "\"";
            case 5 -> Long.toString(random.nextLong());
            case 6 ->
                new String[] {"0", "-0", "0.0", "1e5", "1E-5", "12345678901234567890123", "1e400"}[random.nextInt(7)];
            case 7 -> object(random, depth);
            default -> "[" + value(random, depth + 1) + "," + space(random) + value(random, depth + 1) + "]";
        };
    }

    private static String space(SplittableRandom random) {
        return new String[] {"", "", "", " ", "\n\t", "\r\n"}[random.nextInt(6)];
    }

    private static byte[] mutated(SplittableRandom random, byte[] document) {
        byte[] bytes = document.clone();
        String telling = "{}[]\",:\\0123456789eE+-. \ntfnu\u0001\u001f";
        for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) telling.charAt(random.nextInt(telling.length()));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                default -> {
                    byte[] without = Arrays.copyOf(bytes, bytes.length - 1);
                    System.arraycopy(bytes, at + 1, without, at, bytes.length - at - 1);
                    bytes = without;
                }
            }
        }
        return bytes;
    }

    /// @return the readings that the contract with devices gives, by Jackson's reading of the payload, or null where
    ///         it is not JSON
    private static List<String> expected(byte[] payload) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
        List<String> readings = new ArrayList<>();
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return null;
            }
            Object root = tree(parser, first);
            if (parser.nextToken() != null) {
                return null;
            }
            if (root instanceof Fields fields) {
                element(fields, readings);
            } else if (root instanceof List<?> elements) {
                for (Object element : elements) {
                    if (element instanceof Fields fields) {
                        element(fields, readings);
                    }
                }
            }
            return readings;
        } catch (JacksonException e) {
            return null;
        }
    }

    /// Members in order, duplicates kept.
    private record Fields(List<String> names, List<Object> values) {}

    private static Object tree(JsonParser parser, JsonToken token) {
        switch (token) {
            case START_OBJECT -> {
                Fields fields = new Fields(new ArrayList<>(), new ArrayList<>());
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    fields.names().add(parser.currentName());
                    fields.values().add(tree(parser, parser.nextToken()));
                }
                return fields;
            }
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    elements.add(tree(parser, next));
                }
                return elements;
            }
            case VALUE_STRING -> {
                return parser.getString();
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                return Double.parseDouble(parser.getString());
            }
            case VALUE_TRUE -> {
                return true;
            }
            case VALUE_FALSE -> {
                return false;
            }
            default -> {
                return token;
            }
        }
    }

    private static void element(Fields fields, List<String> readings) {
        List<String> values = new ArrayList<>();
        long micros = Heard.ARRIVAL_MICROS;
        boolean lost = false;
        for (int i = 0; i < fields.names().size(); i++) {
            Object value = fields.values().get(i);
            if (!fields.names().get(i).equals("ts")) {
                flatten(fields.names().get(i), value, values);
            } else if (value != JsonToken.VALUE_NULL) {
                Long read = micros(value);
                lost = read == null;
                micros = read == null ? micros : read;
            }
        }
        String at = micros == Heard.ARRIVAL_MICROS ? "" : " @" + micros;
        if (!lost) {
            values.forEach(value -> readings.add(value + at));
        }
    }

    private static Long micros(Object ts) {
        if (ts instanceof Double millis) {
            boolean like = millis >= 1e9 && millis < 7_258_118_400.0;
            return millis >= 0 && millis < 7_258_118_400_000.0 && !like ? (Long) Math.round(millis * 1000) : null;
        }
        try {
            Instant instant = OffsetDateTime.parse(String.valueOf(ts)).toInstant();
            long micros = ChronoUnit.MICROS.between(Instant.EPOCH, instant);
            return micros >= 0 && micros < 7_258_118_400_000_000L ? (Long) micros : null;
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static void flatten(String path, Object value, List<String> values) {
        if (path.isEmpty()) {
            return;
        }
        switch (value) {
            case Fields fields -> {
                for (int i = 0; i < fields.names().size(); i++) {
                    if (!fields.names().get(i).isEmpty()) {
                        flatten(
                                path + "." + fields.names().get(i),
                                fields.values().get(i),
                                values);
                    }
                }
            }
            case List<?> elements -> {
                for (int i = 0; i < elements.size(); i++) {
                    flatten(path + "[" + i + "]", elements.get(i), values);
                }
            }
            case Double number when !number.isInfinite() && named(path) -> values.add(path + "=" + number);
            case Boolean flag when named(path) -> values.add(path + "=" + flag);
            case String text when whole(text) && named(path) -> values.add(path + "='" + text + "'");
            default -> {}
        }
    }

    private static boolean named(String path) {
        boolean parts = Arrays.stream(path.split("\\.", -1)).noneMatch(String::isEmpty);
        return parts && path.chars().noneMatch(c -> c < 0x20 || c == 0x7f) && whole(path);
    }

    private static boolean whole(String text) {
        return text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }
}
