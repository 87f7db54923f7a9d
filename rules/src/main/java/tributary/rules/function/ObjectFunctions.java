package tributary.rules.function;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tributary.rules.value.Missing;

/// Objects, and paths into them.
final class ObjectFunctions {
    private ObjectFunctions() {}

    static void register(Functions all) {
        all.add("get", 2, 2, a -> Access.get(a[0], a[1]));
        all.add("path", 2, 2, a -> a[1] instanceof String path ? JsonPath.dotted(a[0], path) : Missing.UNDEFINED);
        object(all, "keys", map -> new ArrayList<>(map.keySet()));
        object(all, "values", map -> new ArrayList<>(map.values()));
        object(all, "items", ObjectFunctions::items);
        all.add("pick", 2, 100, a -> picked(a, true));
        all.add("erase", 2, 100, a -> picked(a, false));
        all.add("merge", 2, 100, ObjectFunctions::merged);
        all.add("transform", 3, 3, ObjectFunctions::transform);
        all.add("map_put", 3, 3, ObjectFunctions::put);
        all.add("map_get", 2, 3, a -> {
            Object value = Access.get(a[0], a[1]);
            return Missing.present(value) ? value : Functions.argument(a, 2, value);
        });
        all.add("json_path_query", 2, 2, a -> queried(a, found -> found));
        all.add(
                "json_path_query_first",
                2,
                2,
                a -> queried(a, found -> found.isEmpty() ? Missing.UNDEFINED : found.getFirst()));
        all.add("json_path_exists", 2, 2, a -> queried(a, found -> !found.isEmpty()));
    }

    private interface OnMap {
        Object of(Map<?, ?> map);
    }

    private interface OnFound {
        Object of(List<Object> found);
    }

    private static Object queried(Object[] a, OnFound body) {
        if (!(a[1] instanceof String path) || a[0] == Missing.UNDEFINED) {
            return Missing.UNDEFINED;
        }
        List<Object> found = JsonPath.query(a[0], path);
        return found == null ? Missing.UNDEFINED : body.of(found);
    }

    private static void object(Functions all, String name, OnMap body) {
        all.add(name, 1, 1, a -> a[0] instanceof Map<?, ?> map ? body.of(map) : Missing.UNDEFINED);
    }

    private static List<Object> items(Map<?, ?> map) {
        List<Object> all = new ArrayList<>();
        map.forEach((key, value) -> {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("key", key.toString());
            item.put("value", value);
            all.add(item);
        });
        return all;
    }

    private static Object picked(Object[] a, boolean keep) {
        if (!(a[0] instanceof Map<?, ?> map)) {
            return Missing.UNDEFINED;
        }
        List<Object> names = new ArrayList<>();
        for (int i = 1; i < a.length; i++) {
            if (a[i] instanceof List<?> list) {
                names.addAll(list);
            } else {
                names.add(a[i]);
            }
        }
        Map<String, Object> some = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (names.contains(key) == keep) {
                some.put(key.toString(), value);
            }
        });
        return some;
    }

    private static Object merged(Object[] a) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (Object value : a) {
            if (value instanceof Map<?, ?> map) {
                map.forEach((key, item) -> all.put(key.toString(), item));
            } else if (Missing.present(value)) {
                return Missing.UNDEFINED;
            }
        }
        return all;
    }

    private static Object put(Object[] a) {
        if (!(a[0] instanceof Map<?, ?> map) || !(a[1] instanceof String key)) {
            return Missing.UNDEFINED;
        }
        Map<String, Object> more = new LinkedHashMap<>();
        map.forEach((name, value) -> more.put(name.toString(), value));
        if (a[2] != Missing.UNDEFINED) {
            more.put(key, a[2]);
        }
        return more;
    }

    /// `transform('enrichArray', attributes, array)`: the attributes in each object of the array.
    private static Object transform(Object[] a) {
        if (!"enrichArray".equals(a[0]) || !(a[1] instanceof Map<?, ?> attributes) || !(a[2] instanceof List<?> list)) {
            return Missing.UNDEFINED;
        }
        List<Object> all = new ArrayList<>();
        for (Object item : list) {
            if (!(item instanceof Map)) {
                return Missing.UNDEFINED;
            }
            all.add(merged(new Object[] {item, attributes}));
        }
        return all;
    }
}
