package tributary.rules.function;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Predicate;
import tributary.rules.value.Compare;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Arrays. What is no array gives undefined.
final class ArrayFunctions {
    private ArrayFunctions() {}

    static void register(Functions all) {
        all.add("array_contains", 2, 2, ArrayFunctions::contains);
        all.add(
                "array_position",
                2,
                2,
                a -> a[0] instanceof List<?> list ? (Object) position(list, a[1]) : Missing.UNDEFINED);
        array(all, "array_distinct", list -> distinct(list));
        array(all, "array_sort", list -> {
            List<Object> sorted = new ArrayList<>(list);
            sorted.sort(Compare::sorting);
            return sorted;
        });
        array(all, "array_reverse", list -> new ArrayList<>(list).reversed());
        array(all, "array_flatten", ArrayFunctions::flatten);
        all.add("array_join", 2, 2, a -> TextFunctions.join(a[0], a[1]));
        array(all, "array_max", list -> extreme(list, 1));
        array(all, "array_min", list -> extreme(list, -1));
        array(all, "array_sum", ArrayFunctions::sum);
        array(all, "array_avg", list -> {
            long count = list.stream().filter(Number.class::isInstance).count();
            return count > 0 && sum(list) instanceof Number total ? Numbers.divide(total, count) : Missing.UNDEFINED;
        });
        array(all, "array_length", list -> (long) list.size());
        two(all, "array_union", (a, b) -> {
            List<Object> both = new ArrayList<>(a);
            both.addAll(b);
            return distinct(both);
        });
        two(all, "array_intersect", (a, b) -> kept(a, new HashSet<>(b)::contains));
        two(all, "array_except", (a, b) -> kept(a, Predicate.not(new HashSet<>(b)::contains)));
        all.add("array_append", 2, 2, a -> a[0] instanceof List<?> list ? with(list, a[1]) : Missing.UNDEFINED);
        array(all, "unnest", list -> list);
        all.add("slice", 2, 3, a -> {
            Long from = Convert.whole(a[1]);
            Long to = Functions.whole(a, 2, Long.MAX_VALUE);
            return from == null || to == null ? Missing.UNDEFINED : Access.slice(a[0], from, to);
        });
        all.alias("slices", "slice");
        all.add("range", 2, 2, ArrayFunctions::range);
    }

    private interface OnList {
        Object of(List<?> list);
    }

    private interface OnLists {
        Object of(List<?> a, List<?> b);
    }

    private static void array(Functions all, String name, OnList body) {
        all.add(name, 1, 1, a -> a[0] instanceof List<?> list ? body.of(list) : Missing.UNDEFINED);
    }

    private static void two(Functions all, String name, OnLists body) {
        all.add(
                name,
                2,
                2,
                a -> a[0] instanceof List<?> x && a[1] instanceof List<?> y ? body.of(x, y) : Missing.UNDEFINED);
    }

    static Object contains(Object[] a) {
        return a[0] instanceof List<?> list && a[1] != Missing.UNDEFINED ? (Object) has(list, a[1]) : Missing.UNDEFINED;
    }

    private static long position(List<?> list, Object value) {
        int at = 0;
        for (Object item : list) {
            if (Compare.same(item, value)) {
                return at;
            }
            at++;
        }
        return -1;
    }

    static boolean has(List<?> list, Object value) {
        return position(list, value) >= 0;
    }

    private static List<Object> distinct(List<?> list) {
        return new ArrayList<>(new LinkedHashSet<>(list));
    }

    private static List<Object> kept(List<?> list, Predicate<Object> wanted) {
        List<Object> kept = new ArrayList<>();
        for (Object item : distinct(list)) {
            if (wanted.test(item)) {
                kept.add(item);
            }
        }
        return kept;
    }

    private static List<Object> flatten(List<?> list) {
        List<Object> flat = new ArrayList<>();
        for (Object item : list) {
            if (item instanceof List<?> inner) {
                flat.addAll(inner);
            } else {
                flat.add(item);
            }
        }
        return flat;
    }

    private static Object extreme(List<?> list, int sign) {
        Object best = Missing.UNDEFINED;
        for (Object item : list) {
            if (Missing.present(item) && (best == Missing.UNDEFINED || Compare.sorting(item, best) * sign > 0)) {
                best = item;
            }
        }
        return best;
    }

    private static Object sum(List<?> list) {
        Object total = Missing.UNDEFINED;
        for (Object item : list) {
            if (item instanceof Number number) {
                total = total instanceof Number before ? Numbers.add(before, number) : number;
            }
        }
        return total;
    }

    private static Object range(Object[] a) {
        Long from = Convert.whole(a[0]);
        Long to = Convert.whole(a[1]);
        if (from == null || to == null || to < from || to - from > 10_000 || to - from < 0) {
            return Missing.UNDEFINED;
        }
        List<Object> all = new ArrayList<>();
        for (long i = from; i <= to; i++) {
            all.add(i);
        }
        return all;
    }

    private static List<Object> with(List<?> list, Object item) {
        List<Object> longer = new ArrayList<>(list);
        longer.add(item == Missing.UNDEFINED ? Missing.NULL : item);
        TextFunctions.tooLong(longer.size());
        return longer;
    }
}
