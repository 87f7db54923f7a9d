package tributary.rules.value;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON from bytes into values. For one thread: it remembers the keys that it has seen.
///
/// Strict RFC 8259; the last of repeated keys holds. Not JSON is an answer (undefined), never an exception.
public final class JsonReader {
    private static final int DEPTH_MAX = 100;
    private static final int KEYS = 512;
    private static final double[] TENS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private final String[] keys = new String[KEYS];
    private byte[] in = new byte[0];
    private int at;
    private boolean broken;

    /// @return the value, or undefined where `bytes` are not one JSON value
    public Object read(byte[] bytes) {
        in = bytes;
        at = 0;
        broken = false;
        Object value = value(0);
        blank();
        boolean whole = !broken && at == in.length;
        in = new byte[0];
        return whole ? value : Missing.UNDEFINED;
    }

    private Object value(int depth) {
        blank();
        if (at >= in.length || depth > DEPTH_MAX) {
            return fail();
        }
        return switch (in[at]) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string(false);
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", Missing.NULL);
            default -> number();
        };
    }

    private Object fail() {
        broken = true;
        return Missing.UNDEFINED;
    }

    private void blank() {
        while (at < in.length && (in[at] == ' ' || in[at] == '\n' || in[at] == '\r' || in[at] == '\t')) {
            at++;
        }
    }

    private Object word(String word, Object value) {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= in.length || in[at + i] != word.charAt(i)) {
                return fail();
            }
        }
        at += word.length();
        return value;
    }

    private Object object(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        blank();
        if (at < in.length && in[at] == '}') {
            at++;
            return map;
        }
        while (!broken) {
            blank();
            if (at >= in.length || in[at] != '"') {
                return fail();
            }
            String key = string(true);
            blank();
            if (broken || at >= in.length || in[at++] != ':') {
                return fail();
            }
            map.put(key, value(depth + 1));
            blank();
            if (at >= in.length) {
                return fail();
            }
            byte next = in[at++];
            if (next == '}') {
                return map;
            }
            if (next != ',') {
                return fail();
            }
        }
        return Missing.UNDEFINED;
    }

    private Object array(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        blank();
        if (at < in.length && in[at] == ']') {
            at++;
            return list;
        }
        while (!broken) {
            list.add(value(depth + 1));
            blank();
            if (at >= in.length) {
                return fail();
            }
            byte next = in[at++];
            if (next == ']') {
                return list;
            }
            if (next != ',') {
                return fail();
            }
        }
        return Missing.UNDEFINED;
    }

    private String string(boolean key) {
        int start = ++at;
        int hash = 0;
        while (at < in.length) {
            byte b = in[at];
            if (b == '"') {
                String text = key ? remembered(start, at, hash) : latin(start, at);
                at++;
                return text;
            }
            if (b == '\\' || b < 0x20) {
                return escaped(start);
            }
            hash = hash * 31 + b;
            at++;
        }
        broken = true;
        return "";
    }

    private String latin(int start, int end) {
        return new String(in, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /// The key's text, the same object for the same bytes where the table still has it.
    private String remembered(int start, int end, int hash) {
        int slot = hash & KEYS - 1;
        String known = keys[slot];
        if (known != null && known.length() == end - start) {
            int i = 0;
            while (i < known.length() && known.charAt(i) == in[start + i]) {
                i++;
            }
            if (i == known.length()) {
                return known;
            }
        }
        String text = latin(start, end);
        if (text.length() <= 64) {
            keys[slot] = text;
        }
        return text;
    }

    /// The rest of a string that has escapes or characters outside ASCII.
    private String escaped(int start) {
        int end = start;
        while (end < in.length && in[end] != '"') {
            if (in[end] >= 0 && in[end] < 0x20) {
                broken = true;
                return "";
            }
            end += in[end] == '\\' ? 2 : 1;
        }
        if (end >= in.length) {
            broken = true;
            return "";
        }
        byte[] piece = new byte[end - start];
        System.arraycopy(in, start, piece, 0, piece.length);
        String raw = Json.text(piece);
        at = end + 1;
        if (raw == null) {
            broken = true;
            return "";
        }
        return raw.indexOf('\\') < 0 ? raw : unescape(raw);
    }

    private String unescape(String raw) {
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            i++;
            switch (i < raw.length() ? raw.charAt(i) : ' ') {
                case '"' -> out.append('"');
                case '\\' -> out.append('\\');
                case '/' -> out.append('/');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'u' -> {
                    int code = hex(raw, i + 1);
                    if (code < 0) {
                        broken = true;
                        return "";
                    }
                    out.append((char) code);
                    i += 4;
                }
                default -> {
                    broken = true;
                    return "";
                }
            }
        }
        return out.toString();
    }

    private static int hex(String raw, int from) {
        int code = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = i < raw.length() ? Character.digit(raw.charAt(i), 16) : -1;
            if (digit < 0 || raw.charAt(i) > 'f') {
                return -1;
            }
            code = code * 16 + digit;
        }
        return code;
    }

    private Object number() {
        int start = at;
        at += in[at] == '-' ? 1 : 0;
        int first = at;
        long mantissa = 0;
        int digits = 0;
        while (at < in.length && in[at] >= '0' && in[at] <= '9') {
            mantissa = mantissa * 10 + (in[at++] - '0');
            digits++;
        }
        if (digits == 0 || digits > 1 && in[first] == '0') {
            return fail();
        }
        int places = 0;
        boolean plain = true;
        if (at < in.length && in[at] == '.') {
            at++;
            while (at < in.length && in[at] >= '0' && in[at] <= '9') {
                mantissa = mantissa * 10 + (in[at++] - '0');
                places++;
            }
            if (places == 0) {
                return fail();
            }
        }
        if (at < in.length && (in[at] | 0x20) == 'e') {
            plain = false;
            exponent();
        }
        if (broken) {
            return Missing.UNDEFINED;
        }
        boolean negative = in[start] == '-';
        if (plain && digits + places <= 15) {
            return places == 0
                    ? (Object) (negative ? -mantissa : mantissa)
                    : Numbers.of((negative ? -mantissa : mantissa) / TENS[places]);
        }
        if (plain && places == 0 && digits <= 18) {
            return negative ? -mantissa : mantissa;
        }
        return exact(start);
    }

    private void exponent() {
        at++;
        at += at < in.length && (in[at] == '+' || in[at] == '-') ? 1 : 0;
        int start = at;
        while (at < in.length && in[at] >= '0' && in[at] <= '9') {
            at++;
        }
        broken |= start == at;
    }

    /// A number of many digits or with an exponent. One beyond all measure is undefined, and the rest of the
    /// payload stands.
    private Object exact(int start) {
        String text = latin(start, at);
        int e = Math.max(text.indexOf('e'), text.indexOf('E'));
        if (text.length() > 1000 || e >= 0 && text.length() - e > 5) {
            return Missing.UNDEFINED;
        }
        return Numbers.of(new BigDecimal(text));
    }
}
