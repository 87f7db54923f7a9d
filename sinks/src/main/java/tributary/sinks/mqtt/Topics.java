package tributary.sinks.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Topics that payloads have a part in, and those that are mapped from one broker to another.
final class Topics {
    private static final String PLACE = "\\$\\{[^}]*}";

    private Topics() {}

    /// @return whether it has a wildcard outside of its places
    static boolean wild(String template) {
        String plain = template.replaceAll(PLACE, "");
        return plain.indexOf('+') >= 0 || plain.indexOf('#') >= 0 || plain.indexOf(0) >= 0;
    }

    /// Makes a value one level or a part of one: what has a meaning in topics becomes `_`.
    static String level(String value) {
        return safe(value, true);
    }

    /// Makes a value any number of levels: wildcards and control characters become `_`.
    static String levels(String value) {
        String safe = safe(value, false);
        return safe.startsWith("$") ? "_" + safe.substring(1) : safe;
    }

    private static String safe(String value, boolean one) {
        StringBuilder level = new StringBuilder();
        value.codePoints()
                .map(c -> c == '+' || c == '#' || Character.isISOControl(c) || one && (c == '/' || c == '$') ? '_' : c)
                .forEach(level::appendCodePoint);
        return level.toString();
    }

    /// @return the topic with another beginning; empty where it does not begin so, or nothing is left of it
    static Optional<String> map(String topic, String from, String to) {
        String mapped = topic.startsWith(from) ? to + topic.substring(from.length()) : "";
        return mapped.isEmpty() ? Optional.empty() : Optional.of(mapped);
    }

    /// @param manyLevels whether a value may have several levels
    /// @return a filter that all topics of the template match, and perhaps others
    static String filter(String template, boolean manyLevels) {
        List<String> levels = new ArrayList<>();
        for (String level : template.replaceAll(PLACE, "+").split("/", -1)) {
            boolean open = level.indexOf('+') >= 0;
            levels.add(open ? manyLevels ? "#" : "+" : level);
            if (open && manyLevels) {
                break;
            }
        }
        return String.join("/", levels);
    }

    /// @return whether there is a topic that both filters match
    static boolean overlap(String one, String other) {
        String[] a = one.split("/", -1);
        String[] b = other.split("/", -1);
        for (int i = 0; ; i++) {
            boolean endA = i == a.length;
            boolean endB = i == b.length;
            if (endA && endB || !endA && a[i].equals("#") || !endB && b[i].equals("#")) {
                return true;
            }
            boolean meet = !endA && !endB && (a[i].equals("+") || b[i].equals("+") || a[i].equals(b[i]));
            if (!meet) {
                return false;
            }
        }
    }
}
