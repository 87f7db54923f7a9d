package tributary.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/// Reads the inside of a JSON string: where it lies in the payload, or a copy where it has escapes.
final class JsonText {
    private final byte[] unescaped = new byte[Draft.TEXT_BYTES_MAX + 8];

    private byte[] bytes = unescaped;
    private int from;
    private int to;
    private boolean ascii;
    private boolean tooLong;
    private boolean unpaired;

    /// The bytes that [#from] and [#to] point into; lent until the next [#read].
    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /// Whether the text has more bytes than a value may; the bytes are not all there then.
    boolean tooLong() {
        return tooLong || to - from > Draft.TEXT_BYTES_MAX;
    }

    /// Whether an escape gave half of a surrogate pair.
    boolean unpaired() {
        return unpaired;
    }

    /// Whether the bytes are not the whole text.
    boolean broken() {
        return tooLong || unpaired;
    }

    String string() {
        return new String(bytes, from, to - from, ascii ? ISO_8859_1 : UTF_8);
    }

    /// Reads on behind the opening quote.
    ///
    /// @return where it goes on behind the closing quote
    int read(byte[] in, int start, int end) throws Unreadable {
        tooLong = false;
        unpaired = false;
        int seen = 0;
        int pos = start;
        while (pos < end) {
            byte c = in[pos];
            if (c == '"') {
                ascii = seen >= 0;
                bytes = in;
                from = start;
                to = pos;
                if (!ascii) {
                    check(in, start, pos, end);
                }
                return pos + 1;
            }
            if (c == '\\') {
                return readEscaped(in, start, pos, end);
            }
            if (c >= 0 && c < ' ') {
                throw malformed(in, pos, end, "control characters in strings are written as \\u00XX");
            }
            seen |= c;
            pos++;
        }
        throw new Unreadable("the payload is not JSON: it ends at byte " + end + " inside a string");
    }

    private static void check(byte[] in, int start, int pos, int end) throws Unreadable {
        if (!Utf8.wellFormed(in, start, pos)) {
            throw malformed(in, start, end, "the string here is not UTF-8");
        }
    }

    private int readEscaped(byte[] in, int start, int firstEscape, int end) throws Unreadable {
        bytes = unescaped;
        from = 0;
        to = 0;
        ascii = false;
        int run = start;
        int pos = firstEscape;
        while (pos < end) {
            byte c = in[pos];
            if (c == '"') {
                check(in, run, pos, end);
                copy(in, run, pos);
                return pos + 1;
            }
            if (c >= 0 && c < ' ') {
                throw malformed(in, pos, end, "control characters in strings are written as \\u00XX");
            }
            if (c == '\\') {
                check(in, run, pos, end);
                copy(in, run, pos);
                pos = escape(in, pos, end);
                run = pos;
            } else {
                pos++;
            }
        }
        throw new Unreadable("the payload is not JSON: it ends at byte " + end + " inside a string");
    }

    /// @return where it goes on behind the escape at `pos`
    private int escape(byte[] in, int pos, int end) throws Unreadable {
        int kind = pos + 1 < end ? in[pos + 1] : -1;
        int plain = "\"\\/bfnrt".indexOf(kind);
        if (plain >= 0) {
            append("\"\\/\b\f\n\r\t".charAt(plain));
            return pos + 2;
        }
        int unit = kind == 'u' ? unit(in, pos, end) : -1;
        if (unit < 0) {
            throw malformed(in, pos, end, "unknown escape");
        }
        if (!Character.isSurrogate((char) unit)) {
            append(unit);
            return pos + 6;
        }
        int low = Character.isHighSurrogate((char) unit) && pos + 7 < end && in[pos + 6] == '\\' && in[pos + 7] == 'u'
                ? unit(in, pos + 6, end)
                : -1;
        if (low >= 0 && Character.isLowSurrogate((char) low)) {
            append(Character.toCodePoint((char) unit, (char) low));
            return pos + 12;
        }
        unpaired = true;
        return pos + 6;
    }

    private static int unit(byte[] in, int pos, int end) {
        if (pos + 6 > end) {
            return -1;
        }
        int unit = 0;
        for (int i = pos + 2; i < pos + 6; i++) {
            int digit = in[i] < 0 ? -1 : Character.digit(in[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    private void copy(byte[] in, int run, int pos) {
        if (to + pos - run > Draft.TEXT_BYTES_MAX) {
            tooLong = true;
        } else {
            System.arraycopy(in, run, unescaped, to, pos - run);
            to += pos - run;
        }
    }

    private void append(int codePoint) {
        if (to + 4 > unescaped.length) {
            tooLong = true;
        } else if (codePoint < 0x80) {
            unescaped[to++] = (byte) codePoint;
        } else if (codePoint < 0x800) {
            unescaped[to++] = (byte) (0xc0 | codePoint >> 6);
            unescaped[to++] = (byte) (0x80 | codePoint & 0x3f);
        } else if (codePoint < 0x10000) {
            unescaped[to++] = (byte) (0xe0 | codePoint >> 12);
            unescaped[to++] = (byte) (0x80 | codePoint >> 6 & 0x3f);
            unescaped[to++] = (byte) (0x80 | codePoint & 0x3f);
        } else {
            unescaped[to++] = (byte) (0xf0 | codePoint >> 18);
            unescaped[to++] = (byte) (0x80 | codePoint >> 12 & 0x3f);
            unescaped[to++] = (byte) (0x80 | codePoint >> 6 & 0x3f);
            unescaped[to++] = (byte) (0x80 | codePoint & 0x3f);
        }
    }

    /// @return a refusal that names the place and shows what stands there
    static Unreadable malformed(byte[] in, int pos, int end, String why) {
        String found;
        if (pos >= end) {
            found = "the end";
        } else if (in[pos] > ' ' && in[pos] < 0x7f) {
            found = "'" + (char) in[pos] + "'";
        } else {
            found = "0x%02x".formatted(in[pos] & 0xff);
        }
        return new Unreadable("the payload is not JSON: at byte " + pos + ", " + found + ": " + why);
    }
}
