package tributary.rules.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Missing;

/// The part of JSONPath (RFC 9535) without filters: `$.a.b[0]`, `$['a']`, `$.a[*]`, `$..name`, negative
/// indices.
final class JsonPath {
    private static final int FOUND_MAX = 10_000;

    private final String path;
    private int at;

    private JsonPath(String path) {
        this.path = path;
    }

    /// @return all that the path leads to, or null where it is no path
    static @Nullable List<Object> query(Object root, String text) {
        JsonPath path = new JsonPath(text.startsWith("$") ? text.substring(1) : "." + text);
        List<Object> found = new ArrayList<>(List.of(root));
        while (found != null && path.at < path.path.length()) {
            found = path.step(found);
        }
        return found;
    }

    /// @return what one path without wildcards leads to
    static Object dotted(Object root, String text) {
        List<Object> found = query(root, text);
        return found == null || found.isEmpty() ? Missing.UNDEFINED : found.getFirst();
    }

    private @Nullable List<Object> step(List<Object> from) {
        if (path.startsWith("..", at)) {
            at += 2;
            List<Object> all = new ArrayList<>();
            from.forEach(value -> descend(value, all));
            if (at < path.length() && path.charAt(at) == '[') {
                return step(all);
            }
            return named(all);
        }
        if (path.charAt(at) == '.') {
            at++;
            return named(from);
        }
        if (path.charAt(at) == '[') {
            int end = path.indexOf(']', at);
            if (end < 0) {
                return null;
            }
            String inner = path.substring(at + 1, end).strip();
            at = end + 1;
            return bracketed(from, inner);
        }
        return null;
    }

    private @Nullable List<Object> named(List<Object> from) {
        int start = at;
        while (at < path.length() && path.charAt(at) != '.' && path.charAt(at) != '[') {
            at++;
        }
        String name = path.substring(start, at);
        return name.isEmpty() ? null : name.equals("*") ? every(from) : keyed(from, name);
    }

    private static @Nullable List<Object> bracketed(List<Object> from, String inner) {
        if (inner.equals("*")) {
            return every(from);
        }
        boolean quoted = inner.length() >= 2
                && (inner.charAt(0) == '\'' || inner.charAt(0) == '"')
                && inner.charAt(inner.length() - 1) == inner.charAt(0);
        if (quoted) {
            return keyed(from, inner.substring(1, inner.length() - 1));
        }
        if (!inner.matches("-?\\d{1,9}")) {
            return null;
        }
        long index = Long.parseLong(inner);
        List<Object> found = new ArrayList<>();
        for (Object value : from) {
            Object item = value instanceof List ? Access.index(value, index) : Missing.UNDEFINED;
            if (item != Missing.UNDEFINED) {
                found.add(item);
            }
        }
        return found;
    }

    private static List<Object> keyed(List<Object> from, String name) {
        List<Object> found = new ArrayList<>();
        for (Object value : from) {
            Object item = Access.key(value, name);
            if (item != Missing.UNDEFINED) {
                found.add(item);
            }
        }
        return found;
    }

    private static List<Object> every(List<Object> from) {
        List<Object> found = new ArrayList<>();
        for (Object value : from) {
            if (value instanceof List<?> list) {
                found.addAll(list);
            } else if (value instanceof Map<?, ?> map) {
                found.addAll(map.values());
            }
            bounded(found);
        }
        return found;
    }

    private static void descend(Object value, List<Object> all) {
        all.add(value);
        bounded(all);
        if (value instanceof List<?> list) {
            list.forEach(item -> descend(item, all));
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> descend(item, all));
        }
    }

    private static void bounded(List<Object> found) {
        if (found.size() > FOUND_MAX) {
            throw new RuleFailure("a path found more than %,d values in one message".formatted(FOUND_MAX));
        }
    }
}
