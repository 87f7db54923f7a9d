package tributary.decode;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Walks over the lines of InfluxDB line protocol without reading their values: for whoever has to know only where a
/// line lies and what its tags are. Blank lines and comments are stepped over.
public final class LineCursor {
    private final byte[] body;
    private int next;
    private int nextIndex;
    private int from;
    private int to;
    private int index;

    /// @param body lent as long as the cursor is used
    public LineCursor(byte[] body) {
        this.body = body;
    }

    /// Goes to the next line.
    ///
    /// @return whether there is one
    public boolean next() {
        while (next < body.length) {
            from = next;
            index = nextIndex;
            to = end();
            next = to + 1;
            nextIndex++;
            if (to > from && body[to - 1] == '\r') {
                to--;
            }
            while (from < to && (body[from] == ' ' || body[from] == '\t')) {
                from++;
            }
            if (from < to && body[from] != '#') {
                return true;
            }
        }
        return false;
    }

    /// @return which line it is, blank ones and comments included, counted from 0
    public int index() {
        return index;
    }

    /// @return where the line begins
    public int from() {
        return from;
    }

    /// @return where the line ends, before its newline
    public int to() {
        return to;
    }

    /// A newline ends a line unless it stands inside the quotes of a field's text.
    private int end() {
        boolean fields = false;
        boolean quoted = false;
        boolean comment = body[from] == '#';
        for (int i = from; i < body.length; i++) {
            switch (body[i]) {
                case '\\' -> i += !comment && i + 1 < body.length && body[i + 1] != '\n' ? 1 : 0;
                case '"' -> quoted = fields && !quoted;
                case ' ' -> fields |= i > from;
                case '\n' -> {
                    if (!quoted || comment) {
                        return i;
                    }
                    nextIndex++;
                }
                default -> {}
            }
        }
        return body.length;
    }

    /// @return the value of the line's tag of that name, or null where it has none
    public @Nullable String tag(String name) {
        int at = from;
        while (at < to) {
            int end = tokenEnd(at);
            if (at > from) {
                int equals = unescaped(body, at, end, '=');
                if (equals < end && unescape(body, at, equals).equals(name)) {
                    return unescape(body, equals + 1, end);
                }
            }
            if (end >= to || body[end] == ' ') {
                return null;
            }
            at = end + 1;
        }
        return null;
    }

    private int tokenEnd(int at) {
        int comma = unescaped(body, at, to, ',');
        return unescaped(body, at, comma, ' ');
    }

    /// @return where `sought` stands without a backslash before it, or `to`
    static int unescaped(byte[] body, int from, int to, char sought) {
        for (int i = from; i < to; i++) {
            if (body[i] == '\\') {
                i++;
            } else if (body[i] == sought) {
                return i;
            }
        }
        return to;
    }

    /// @return the text with `\,` `\=` `\ ` and `\\` as the characters that they mean
    static String unescape(byte[] body, int from, int to) {
        int length = 0;
        byte[] plain = new byte[to - from];
        for (int i = from; i < to; i++) {
            boolean escape = body[i] == '\\' && i + 1 < to && ",= \\".indexOf(body[i + 1]) >= 0;
            plain[length++] = escape ? body[++i] : body[i];
        }
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }
}
