package tributary.model;

/// Shows text that came from outside: control characters escaped, cut to a length that a log line bears.
public final class Quote {
    private static final int LENGTH_MAX = 80;

    private Quote() {}

    /// @return `text` with control characters as `\\uXXXX`, at most 80 characters of it
    public static String shorten(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), LENGTH_MAX) + 3);
        int end = Math.min(text.length(), LENGTH_MAX);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean plain = !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
            if (plain) {
                shown.append(c);
            } else {
                shown.append("\\u%04x".formatted((int) c));
            }
        }
        return text.length() > end ? shown.append("...").toString() : shown.toString();
    }
}
