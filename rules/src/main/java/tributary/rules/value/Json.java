package tributary.rules.value;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values as JSON text and back. Bytes that are not JSON print as base64.
public final class Json {
    private Json() {}

    /// @return the value that `text` is as JSON, or undefined where it is none
    public static Object read(String text) {
        return new JsonReader().read(text.getBytes(StandardCharsets.UTF_8));
    }

    /// @return `value` as JSON; what is undefined prints as null
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    /// @return `value` as the bytes of a payload: JSON, or the bytes themselves where it is bytes
    public static byte[] bytes(Object value) {
        return value instanceof byte[] raw ? raw : write(value).getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder out, Object value) {
        switch (value) {
            case String text -> quote(out, text);
            case Map<?, ?> map -> {
                char before = '{';
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(before);
                    quote(out, entry.getKey().toString());
                    out.append(':');
                    append(out, entry.getValue());
                    before = ',';
                }
                out.append(before == '{' ? "{}" : "}");
            }
            case List<?> list -> {
                char before = '[';
                for (Object item : list) {
                    out.append(before);
                    append(out, item);
                    before = ',';
                }
                out.append(before == '[' ? "[]" : "]");
            }
            case byte[] bytes -> quote(out, Base64.getEncoder().encodeToString(bytes));
            case Missing _ -> out.append("null");
            default -> out.append(value);
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f || Character.isSurrogate(c) && !paired(text, i)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    /// @return `bytes` as UTF-8 text, or null where they are not
    public static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
