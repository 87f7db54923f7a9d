package tributary.model;

import org.jspecify.annotations.Nullable;

/// A topic filter: a topic in which a level may be `+` (any one level) and the last may be `#` (all below).
///
/// Wildcards at the first level do not match topics that begin with `$` (MQTT 5.0, 4.7.2).
public record TopicFilter(String value) {
    public TopicFilter {
        String fault = fault(value);
        if (fault != null) {
            throw new IllegalArgumentException(fault + ": '" + Quote.shorten(value) + "'");
        }
    }

    /// @return what is wrong with `value` as a topic filter, or null
    public static @Nullable String fault(String value) {
        if (value.isEmpty()) {
            return "a topic filter has at least one character";
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean begins = i == 0 || value.charAt(i - 1) == '/';
            boolean ends = i + 1 == value.length();
            if (c == '#' && !(begins && ends)) {
                return "'#' is a whole level and the last one";
            }
            if (c == '+' && !(begins && (ends || value.charAt(i + 1) == '/'))) {
                return "'+' is a whole level";
            }
        }
        return Topic.text(value);
    }

    /// @return whether `topic` is one of the topics that this filter means
    public boolean matches(Topic topic) {
        return matches(value, topic.value());
    }

    private static boolean matches(String filter, String topic) {
        if (topic.charAt(0) == '$' && (filter.charAt(0) == '+' || filter.charAt(0) == '#')) {
            return false;
        }
        int f = 0;
        int t = 0;
        while (true) {
            int filterEnd = levelEnd(filter, f);
            if (filterEnd == f + 1 && filter.charAt(f) == '#') {
                return true;
            }
            int topicEnd = levelEnd(topic, t);
            boolean same = filterEnd == f + 1 && filter.charAt(f) == '+'
                    || filterEnd - f == topicEnd - t && filter.regionMatches(f, topic, t, topicEnd - t);
            if (!same) {
                return false;
            }
            if (topicEnd == topic.length()) {
                return filterEnd == filter.length()
                        || filter.substring(filterEnd).equals("/#");
            }
            if (filterEnd == filter.length()) {
                return false;
            }
            f = filterEnd + 1;
            t = topicEnd + 1;
        }
    }

    private static int levelEnd(String text, int start) {
        int end = text.indexOf('/', start);
        return end < 0 ? text.length() : end;
    }

    @Override
    public String toString() {
        return value;
    }
}
