package tributary.query;

import java.util.ArrayList;
import java.util.List;

/// Finds `:name` in a statement: outside texts, quoted names and comments, and not in a cast (`::`), a slice (`[1:n]`)
/// or a struct (`{'a':x}`).
final class Parameters {
    private final String text;
    private final List<Found> found = new ArrayList<>();

    /// @param colon where its colon stands
    record Found(String name, int colon) {}

    private Parameters(String text) {
        this.text = text;
    }

    static List<Found> of(String text) {
        Parameters parameters = new Parameters(text);
        for (int i = 0; i < text.length(); ) {
            i = parameters.next(i);
        }
        return parameters.found;
    }

    /// @return where the next piece begins
    private int next(int at) {
        char c = text.charAt(at);
        if (c == '\'') {
            boolean escapes = at > 0 && (text.charAt(at - 1) == 'e' || text.charAt(at - 1) == 'E');
            return quoted(at, '\'', escapes);
        }
        if (c == '"') {
            return quoted(at, '"', false);
        }
        if (text.startsWith("--", at)) {
            return after("\n", at);
        }
        if (text.startsWith("/*", at)) {
            return after("*/", at + 2);
        }
        if (c == '$') {
            return dollars(at);
        }
        if (c == ':') {
            return colon(at);
        }
        return at + 1;
    }

    private int quoted(int at, char quote, boolean escapes) {
        for (int i = at + 1; i < text.length(); i++) {
            if (escapes && text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == quote) {
                return i + 1;
            }
        }
        return text.length();
    }

    private int after(String end, int at) {
        int found = text.indexOf(end, at);
        return found < 0 ? text.length() : found + end.length();
    }

    /// `$$text$$` and `$tag$text$tag$`.
    private int dollars(int at) {
        int end = at + 1;
        while (end < text.length() && word(text.charAt(end))) {
            end++;
        }
        if (end < text.length() && text.charAt(end) == '$') {
            return after(text.substring(at, end + 1), end + 1);
        }
        return end;
    }

    private int colon(int at) {
        int end = at + 1;
        if (end < text.length() && (text.charAt(end) == ':' || text.charAt(end) == '=')) {
            return end + 1;
        }
        while (end < text.length() && word(text.charAt(end))) {
            end++;
        }
        boolean named = end > at + 1 && !Character.isDigit(text.charAt(at + 1));
        char before = at == 0 ? ' ' : text.charAt(at - 1);
        if (named && !word(before) && ")]}'\"".indexOf(before) < 0) {
            found.add(new Found(text.substring(at + 1, end), at));
        }
        return end;
    }

    private static boolean word(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_');
    }
}
