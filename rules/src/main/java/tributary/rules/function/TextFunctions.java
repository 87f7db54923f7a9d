package tributary.rules.function;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Convert;
import tributary.rules.value.Json;
import tributary.rules.value.Missing;

/// Texts. Arguments that are no text are read as one: numbers, booleans, arrays and objects as JSON.
final class TextFunctions {
    private static final int PAD_MAX = 1000;

    private TextFunctions() {}

    static void register(Functions all) {
        all.text("upper", text -> text.toUpperCase(Locale.ROOT));
        all.text("lower", text -> text.toLowerCase(Locale.ROOT));
        all.text("trim", String::strip);
        all.text("ltrim", String::stripLeading);
        all.text("rtrim", String::stripTrailing);
        all.text("reverse", text -> new StringBuilder(text).reverse().toString());
        all.text("numbytes", text -> (long) text.getBytes(StandardCharsets.UTF_8).length);
        all.add(
                "length",
                1,
                1,
                a -> a[0] instanceof List<?> list
                        ? (Object) (long) list.size()
                        : a[0] instanceof Map<?, ?> map ? (Object) (long) map.size() : textLength(a[0]));
        all.alias("cardinality", "length");
        all.add("string_length", 1, 1, a -> textLength(a[0]));
        all.add("lpad", 2, 3, a -> pad(a, true));
        all.add("rpad", 2, 3, a -> pad(a, false));
        all.add("substring", 2, 3, TextFunctions::substring);
        all.alias("substr", "substring");
        all.add("indexof", 2, 2, a -> both(a, (text, part) -> (long) text.indexOf(part)));
        all.add("startswith", 2, 2, a -> both(a, String::startsWith));
        all.add("endswith", 2, 2, a -> both(a, String::endsWith));
        all.add("contains", 2, 2, a -> a[0] instanceof List ? ArrayFunctions.contains(a) : both(a, String::contains));
        all.add("replace", 3, 3, TextFunctions::replace);
        all.add("split", 2, 3, TextFunctions::split);
        all.add("join", 2, 2, a -> join(a[0], a[1]));
        all.add("concat", 1, 100, TextFunctions::concat);
        all.add("format", 1, 100, TextFunctions::format);
        all.add("chr", 1, 1, a -> {
            Long code = Convert.whole(a[0]);
            return code == null || code < 0 || code > Character.MAX_CODE_POINT
                    ? Missing.UNDEFINED
                    : new String(Character.toChars(code.intValue()));
        });
    }

    private interface TwoTexts {
        Object of(String text, String part);
    }

    private static Object both(Object[] a, TwoTexts body) {
        String text = Convert.text(a[0]);
        String part = Convert.text(a[1]);
        return text == null || part == null ? Missing.UNDEFINED : body.of(text, part);
    }

    private static Object textLength(Object value) {
        String text = Convert.text(value);
        return text == null ? Missing.UNDEFINED : (Object) (long) text.codePointCount(0, text.length());
    }

    /// As AWS has it: the number says how many to add, not how long the result is. A third argument is what to
    /// add.
    private static Object pad(Object[] a, boolean left) {
        String text = Convert.text(a[0]);
        Long count = Convert.whole(a[1]);
        String with = Convert.text(Functions.argument(a, 2, " "));
        if (text == null || count == null || with == null || with.length() > PAD_MAX) {
            return Missing.UNDEFINED;
        }
        String padding = with.repeat((int) Math.clamp(count, 0, PAD_MAX));
        return checked(left ? padding + text : text + padding);
    }

    private static Object substring(Object[] a) {
        String text = Convert.text(a[0]);
        Long from = Convert.whole(a[1]);
        Long to = Functions.whole(a, 2, Long.MAX_VALUE);
        if (text == null || from == null || to == null) {
            return Missing.UNDEFINED;
        }
        int length = text.codePointCount(0, text.length());
        int begin = (int) Math.clamp(from, 0, length);
        int end = (int) Math.clamp(to, begin, Math.max(begin, length));
        return text.substring(text.offsetByCodePoints(0, begin), text.offsetByCodePoints(0, end));
    }

    private static Object replace(Object[] a) {
        String text = Convert.text(a[0]);
        String part = Convert.text(a[1]);
        String by = Convert.text(a[2]);
        if (text == null || part == null || by == null) {
            return Missing.UNDEFINED;
        }
        if (part.isEmpty()) {
            return text;
        }
        return checked(text.replace(part, by));
    }

    private static Object split(Object[] a) {
        String text = Convert.text(a[0]);
        String by = Convert.text(a[1]);
        if (text == null || by == null || by.isEmpty()) {
            return Missing.UNDEFINED;
        }
        List<Object> parts = new ArrayList<>();
        int at = 0;
        for (int end = text.indexOf(by); end >= 0; end = text.indexOf(by, at)) {
            parts.add(text.substring(at, end));
            at = end + by.length();
        }
        parts.add(text.substring(at));
        if (a.length < 3) {
            return parts;
        }
        Long index = Convert.whole(a[2]);
        return index == null || index < 0 || index >= parts.size() ? Missing.UNDEFINED : parts.get(index.intValue());
    }

    static Object join(Object array, Object separator) {
        String between = Convert.text(separator);
        if (between == null || !(array instanceof List<?> list)) {
            return Missing.UNDEFINED;
        }
        StringBuilder out = new StringBuilder();
        for (Object item : list) {
            String text = Convert.text(item);
            if (text != null) {
                out.append(out.isEmpty() ? "" : between).append(text);
                tooLong(out.length());
            }
        }
        return out.toString();
    }

    /// Arrays and anything make an array; a text and anything make a text; anything missing makes nothing.
    private static Object concat(Object[] a) {
        if (a.length == 1) {
            return a[0];
        }
        boolean array = false;
        boolean text = false;
        for (Object value : a) {
            array |= value instanceof List;
            text |= value instanceof String;
        }
        if (array) {
            List<Object> all = new ArrayList<>();
            for (Object value : a) {
                if (value instanceof List<?> list) {
                    all.addAll(list);
                } else if (value == Missing.UNDEFINED) {
                    return value;
                } else {
                    all.add(value);
                }
                tooLong(all.size());
            }
            return all;
        }
        if (!text) {
            return Missing.UNDEFINED;
        }
        StringBuilder all = new StringBuilder();
        for (Object value : a) {
            String part = Convert.text(value);
            if (part == null) {
                return Missing.UNDEFINED;
            }
            all.append(part);
            tooLong(all.length());
        }
        return all.toString();
    }

    /// `format('{} is {:.1}', name, x)`: each `{}` is the next argument, `{:.n}` rounds it to n places.
    private static Object format(Object[] a) {
        String pattern = Convert.text(a[0]);
        if (pattern == null) {
            return Missing.UNDEFINED;
        }
        StringBuilder out = new StringBuilder();
        int next = 1;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            int end = c == '{' ? pattern.indexOf('}', i) : -1;
            if (end < 0) {
                out.append(c);
                continue;
            }
            String how = pattern.substring(i + 1, end);
            String shown = next < a.length ? shown(a[next++], how) : null;
            if (shown == null) {
                return Missing.UNDEFINED;
            }
            out.append(shown);
            tooLong(out.length());
            i = end;
        }
        return out.toString();
    }

    private static @Nullable String shown(Object value, String how) {
        if (how.isEmpty()) {
            return value == Missing.NULL ? "null" : Convert.text(value);
        }
        Number number = Convert.number(value);
        return number == null || !how.matches(":\\.\\d{1,2}")
                ? null
                : String.format(Locale.ROOT, "%." + how.substring(2) + "f", number.doubleValue());
    }

    private static String checked(String text) {
        tooLong(text.length());
        return text;
    }

    static void tooLong(int length) {
        if (length > Functions.LENGTH_MAX) {
            throw new RuleFailure("a text or array grew beyond %,d: look for a rule that feeds itself"
                    .formatted(Functions.LENGTH_MAX));
        }
    }

    /// The JSON text of a value, for those that need one.
    static String json(Object value) {
        return Json.write(value);
    }
}
