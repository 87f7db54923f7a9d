package tributary.rules.function;

/// SQL's LIKE: `%` is any text, `_` any one character. In time proportional to text times pattern at most.
public final class Like {
    private Like() {}

    /// @return whether `text` is as `pattern` says
    public static boolean matches(String text, String pattern, char escape) {
        int t = 0;
        int p = 0;
        int star = -1;
        int retry = 0;
        while (t < text.length()) {
            boolean escaped = p < pattern.length() && pattern.charAt(p) == escape && p + 1 < pattern.length();
            char c = p < pattern.length() ? pattern.charAt(escaped ? p + 1 : p) : 0;
            if (p < pattern.length() && !escaped && c == '%') {
                star = p++;
                retry = t;
            } else if (p < pattern.length() && (!escaped && c == '_' || c == text.charAt(t))) {
                p += escaped ? 2 : 1;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '%') {
            p++;
        }
        return p == pattern.length();
    }
}
