package tributary.rules.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Missing;

/// The part of JSONPath (RFC 9535) without filters: `$.a.b[0]`, `$['a']`, `$.a[*]`, `$..name`, negative indices,
/// slices `[0:2]`, several at once `[0, 'a']`.
final class JsonPath {
    private static final int FOUND_MAX = 10_000;
    private static final Pattern SLICE =
            Pattern.compile("(-?\\d{1,9})?\\s*:\\s*(-?\\d{1,9})?(?:\\s*:\\s*(-?\\d{1,9})?)?");

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

    /// @return whether it can be read as a path at all
    static boolean readable(String text) {
        return query(Missing.NULL, text) != null;
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
            List<String> parts = brackets();
            if (parts.isEmpty() || parts.stream().anyMatch(part -> bracketed(List.of(), part) == null)) {
                return null;
            }
            List<Object> found = new ArrayList<>();
            for (Object value : from) {
                for (String part : parts) {
                    List<Object> more = bracketed(List.of(value), part);
                    found.addAll(more == null ? List.of() : more);
                }
                bounded(found);
            }
            return found;
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

    /// @return what stands between the brackets here, parted by commas; empty where they do not end
    private List<String> brackets() {
        List<String> parts = new ArrayList<>();
        int start = at + 1;
        char quote = 0;
        for (int i = start; i < path.length(); i++) {
            char c = path.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == ',' || c == ']') {
                parts.add(path.substring(start, i).strip());
                start = i + 1;
                if (c == ']') {
                    at = start;
                    return parts;
                }
            }
        }
        return List.of();
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
        Matcher slice = SLICE.matcher(inner);
        if (slice.matches()) {
            return sliced(from, number(slice.group(1)), number(slice.group(2)), number(slice.group(3)));
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

    private static @Nullable Integer number(@Nullable String text) {
        return text == null ? null : Integer.valueOf(text);
    }

    /// `[from:to:step]` as RFC 9535 has it: what is left out is the whole list, a step below 0 goes backwards.
    private static List<Object> sliced(
            List<Object> from, @Nullable Integer first, @Nullable Integer last, @Nullable Integer by) {
        int step = by == null ? 1 : by;
        List<Object> found = new ArrayList<>();
        for (Object value : from) {
            if (step == 0 || !(value instanceof List<?> list)) {
                continue;
            }
            int size = list.size();
            int low = step > 0 ? 0 : -1;
            int high = step > 0 ? size : size - 1;
            int start = Math.clamp(place(first, step > 0 ? 0 : size - 1, size), low, high);
            int end = Math.clamp(place(last, step > 0 ? size : -size - 1, size), low, high);
            for (long i = start; step > 0 ? i < end : i > end; i += step) {
                found.add(list.get((int) i));
            }
        }
        return found;
    }

    /// Below 0 it counts from the end.
    private static int place(@Nullable Integer at, int otherwise, int size) {
        int place = at == null ? otherwise : at;
        return place < 0 ? size + place : place;
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
