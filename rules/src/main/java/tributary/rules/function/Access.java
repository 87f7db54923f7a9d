package tributary.rules.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;

/// Keys of objects, items of arrays, characters of texts. What is not there is undefined.
public final class Access {
    private Access() {}

    /// @return the value of `key`, or undefined
    public static Object key(Object base, String key) {
        if (base instanceof Map<?, ?> map) {
            Object value = map.get(key);
            return value == null ? Missing.UNDEFINED : value;
        }
        return Missing.UNDEFINED;
    }

    /// An item by its number from 0, from the end where negative; a key where the base is an object.
    public static Object index(Object base, Object index) {
        if (base instanceof Map && index instanceof String key) {
            return key(base, key);
        }
        if (!(index instanceof Number)) {
            return Missing.UNDEFINED;
        }
        Long at = Convert.whole(index);
        return at == null ? Missing.UNDEFINED : at(base, at);
    }

    private static Object at(Object base, long index) {
        if (base instanceof List<?> list) {
            long from = index < 0 ? index + list.size() : index;
            return from < 0 || from >= list.size() ? Missing.UNDEFINED : list.get((int) from);
        }
        if (base instanceof String text) {
            int length = text.codePointCount(0, text.length());
            long from = index < 0 ? index + length : index;
            return from < 0 || from >= length
                    ? Missing.UNDEFINED
                    : Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) from)));
        }
        return Missing.UNDEFINED;
    }

    /// The `get` of AWS: the index of an array or text may be a text that is a number.
    public static Object get(Object base, Object index) {
        if (base instanceof Map) {
            return index instanceof String key ? key(base, key) : Missing.UNDEFINED;
        }
        Long at = Convert.whole(index);
        return at == null ? Missing.UNDEFINED : at(base, at);
    }

    /// What is from `from` on and before `to`; negative numbers count from the end.
    public static Object slice(Object base, long from, long to) {
        if (base instanceof List<?> list) {
            int begin = bound(from, list.size());
            return new ArrayList<>(list.subList(begin, Math.max(begin, bound(to, list.size()))));
        }
        if (base instanceof String text) {
            int length = text.codePointCount(0, text.length());
            int begin = bound(from, length);
            int end = Math.max(begin, bound(to, length));
            return text.substring(text.offsetByCodePoints(0, begin), text.offsetByCodePoints(0, end));
        }
        return Missing.UNDEFINED;
    }

    private static int bound(long index, int size) {
        return (int) Math.clamp(index < 0 ? index + size : index, 0, size);
    }
}
