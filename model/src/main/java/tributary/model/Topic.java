package tributary.model;

import org.jspecify.annotations.Nullable;

/// A topic name inside a tenant: 1 to 65,535 bytes of UTF-8, levels parted by `/`, no wildcard and no NUL.
///
/// Built once per distinct topic of a connection and then shared; [#valid] is the check, the constructor insists.
public record Topic(String value) implements Comparable<Topic> {
    /// More levels than this are refused: matching walks one level a step.
    public static final int LEVELS_MAX = 128;

    private static final int BYTES_MAX = 65_535;

    public Topic {
        String fault = fault(value);
        if (fault != null) {
            throw new IllegalArgumentException(fault + ": '" + Quote.shorten(value) + "'");
        }
    }

    /// @return whether `value` may name a topic
    public static boolean valid(String value) {
        return fault(value) == null;
    }

    /// @return what is wrong with `value` as a topic name, or null
    public static @Nullable String fault(String value) {
        if (value.isEmpty()) {
            return "a topic has at least one character";
        }
        if (value.indexOf('+') >= 0 || value.indexOf('#') >= 0) {
            return "a topic to publish to has no wildcard ('+', '#')";
        }
        return text(value);
    }

    /// What names and filters have in common.
    static @Nullable String text(String value) {
        int levels = 1;
        int bytes = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0 || c == '\uFFFE' || c == '\uFFFF' || Character.isSurrogate(c) && !paired(value, i)) {
                return "a topic has no NUL, no unpaired surrogate and no U+FFFE";
            }
            levels += c == '/' ? 1 : 0;
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
        }
        if (bytes > BYTES_MAX) {
            return "a topic has at most 65535 bytes";
        }
        return levels > LEVELS_MAX ? "a topic has at most " + LEVELS_MAX + " levels" : null;
    }

    private static boolean paired(String value, int i) {
        char c = value.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }

    @Override
    public int compareTo(Topic other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
