package tributary.rules.value;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Equality and order. What has no order is undefined, and so is anything compared with what is undefined.
public final class Compare {
    /// What [#order] answers where two values have no order.
    public static final int NONE = Integer.MIN_VALUE;

    private Compare() {}

    /// @return true or false, or undefined where either is undefined; values of different kinds are not equal
    public static Object equal(Object a, Object b) {
        return a == Missing.UNDEFINED || b == Missing.UNDEFINED ? Missing.UNDEFINED : (Object) same(a, b);
    }

    /// @return whether the two are the same value; null is only null
    public static boolean same(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return Numbers.compare(x, y) == 0;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return sameItems(x, y);
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return sameEntries(x, y);
        }
        return a instanceof byte[] x && b instanceof byte[] y ? Arrays.equals(x, y) : a.equals(b);
    }

    private static boolean sameItems(List<?> a, List<?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        Iterator<?> others = b.iterator();
        for (Object item : a) {
            if (!same(item, others.next())) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameEntries(Map<?, ?> a, Map<?, ?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            Object other = b.get(entry.getKey());
            if (other == null || !same(entry.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    /// Numbers, and texts that are numbers, by value.
    ///
    /// @return below, at or above 0, or [#NONE]
    public static int order(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        Number x = Convert.number(a);
        Number y = x == null ? null : Convert.number(b);
        return x == null || y == null ? NONE : Numbers.compare(x, y);
    }

    /// A total order for sorting, `min` and `max`: numbers, then texts, then booleans, then the rest as JSON.
    public static int sorting(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return Numbers.compare(x, y);
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        if (a instanceof Boolean x && b instanceof Boolean y) {
            return Boolean.compare(x, y);
        }
        int byKind = Integer.compare(rank(a), rank(b));
        return byKind != 0 ? byKind : Json.write(a).compareTo(Json.write(b));
    }

    private static int rank(Object value) {
        return switch (value) {
            case Number _ -> 0;
            case String _ -> 1;
            case Boolean _ -> 2;
            case List<?> _ -> 3;
            case Map<?, ?> _ -> 4;
            default -> 5;
        };
    }
}
