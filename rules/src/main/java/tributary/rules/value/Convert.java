package tributary.rules.value;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The standard conversions of AWS IoT SQL. Null from any of them means that the value cannot be converted.
public final class Convert {
    private static final int DIGITS_MAX = 400;
    private static final int EXPONENT_MAX = 999;

    private Convert() {}

    /// @return numbers as they are, texts that are a number, else null
    public static @Nullable Number number(Object value) {
        return value instanceof Number number ? number : value instanceof String text ? number(text) : null;
    }

    /// @return the number that `text` is by `-?digits[.digits][E[-]digits]`, or null
    public static @Nullable Number number(String text) {
        if (!numeric(text)) {
            return null;
        }
        BigDecimal exact = new BigDecimal(text);
        return Numbers.of(exact) instanceof Number number ? number : null;
    }

    private static boolean numeric(String text) {
        int end = text.length();
        int at = end > 0 && text.charAt(0) == '-' ? 1 : 0;
        if (end > DIGITS_MAX) {
            return false;
        }
        int digits = digits(text, at);
        if (digits == at) {
            return false;
        }
        at = digits;
        if (at < end && text.charAt(at) == '.') {
            digits = digits(text, at + 1);
            if (digits == at + 1) {
                return false;
            }
            at = digits;
        }
        if (at < end && (text.charAt(at) | 0x20) == 'e') {
            at++;
            at += at < end && (text.charAt(at) == '-' || text.charAt(at) == '+') ? 1 : 0;
            digits = digits(text, at);
            if (digits == at || digits - at > 3 || Integer.parseInt(text, at, digits, 10) > EXPONENT_MAX) {
                return false;
            }
            at = digits;
        }
        return at == end;
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /// @return the text of anything that is there; arrays and objects as JSON; null for what is missing
    public static @Nullable String text(Object value) {
        return switch (value) {
            case String text -> text;
            case Long number -> Long.toString(number);
            case Boolean flag -> flag ? "true" : "false";
            case Double _, BigDecimal _, List<?> _, Map<?, ?> _ -> Json.write(value);
            case byte[] bytes -> Json.text(bytes);
            default -> null;
        };
    }

    /// @return booleans, and the texts `true` and `false` in any case; else null
    public static @Nullable Boolean bool(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String text) {
            if (text.equalsIgnoreCase("true")) {
                return true;
            }
            if (text.equalsIgnoreCase("false")) {
                return false;
            }
        }
        return null;
    }

    /// @return the whole number at or below what `value` is as a number, or null
    public static @Nullable Long whole(Object value) {
        Number number = number(value);
        return number == null ? null : (Long) Numbers.floor(number);
    }

    /// @return what `typeof` says of a value
    public static String kind(Object value) {
        return switch (value) {
            case Missing missing -> missing == Missing.NULL ? "null" : "undefined";
            case Long _ -> "int";
            case Number _ -> "decimal";
            case Boolean _ -> "boolean";
            case String _ -> "string";
            case List<?> _ -> "array";
            case Map<?, ?> _ -> "object";
            default -> "binary";
        };
    }
}
