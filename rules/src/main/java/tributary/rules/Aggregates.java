package tributary.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tributary.rules.value.Compare;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Functions over the messages of a window. Those of nothing are undefined, but for the counts; null and
/// undefined do not count.
final class Aggregates {
    private static final Map<String, Aggregate> ALL = new TreeMap<>();
    private static final int TOP_MAX = 1000;

    private Aggregates() {}

    /// @param add    takes one message in
    /// @param result what stands when the row is made
    record Aggregate(int min, int max, Add add, Result result) {}

    interface Add {
        void to(Tally tally, Object[] args);
    }

    interface Result {
        Object of(Tally tally);
    }

    static {
        add("count", 0, 1, (t, a) -> t.count += a.length == 0 || Missing.present(a[0]) ? 1 : 0, t -> t.count);
        add("count_distinct", 1, 1, Aggregates::distinct, t -> (long) t.values().size());
        add("sum", 1, 1, Aggregates::sum, t -> t.a);
        add("avg", 1, 1, Aggregates::sum, t -> t.a instanceof Number sum ? Numbers.divide(sum, t.count) : t.a);
        add("min", 1, 1, (t, a) -> extreme(t, a[0], -1), t -> t.a);
        add("max", 1, 1, (t, a) -> extreme(t, a[0], 1), t -> t.a);
        add(
                "spread",
                1,
                1,
                Aggregates::range,
                t -> t.a instanceof Number low && t.b instanceof Number high ? Numbers.subtract(high, low) : t.a);
        add("median", 1, 1, Aggregates::number, t -> percentile(t.values(), 0.5));
        add(
                "percentile",
                2,
                2,
                (t, a) -> {
                    number(t, a);
                    t.a = a[1];
                },
                Aggregates::percentile);
        add("stddev", 1, 1, Aggregates::moments, t -> variance(t, 0, true));
        add("stddev_pop", 1, 1, Aggregates::moments, t -> variance(t, 0, true));
        add("stddev_samp", 1, 1, Aggregates::moments, t -> variance(t, 1, true));
        add("var", 1, 1, Aggregates::moments, t -> variance(t, 0, false));
        add("var_pop", 1, 1, Aggregates::moments, t -> variance(t, 0, false));
        add("var_samp", 1, 1, Aggregates::moments, t -> variance(t, 1, false));
        add("first", 1, 1, (t, a) -> t.a = Missing.present(t.a) || !Missing.present(a[0]) ? t.a : a[0], t -> t.a);
        add("last", 1, 1, (t, a) -> t.a = Missing.present(a[0]) ? a[0] : t.a, t -> t.a);
        add(
                "collect",
                1,
                1,
                (t, a) -> {
                    if (a[0] != Missing.UNDEFINED) {
                        t.keep(a[0]);
                    }
                },
                t -> new ArrayList<>(t.values()));
        add("merge", 1, 1, (t, a) -> merge(t, a[0]), t -> t.a);
        add("mode", 1, 1, Aggregates::frequency, Aggregates::mode);
        add(
                "topk",
                2,
                2,
                (t, a) -> {
                    number(t, a);
                    t.a = a[1];
                },
                Aggregates::top);
        add("histogram", 1, 2, Aggregates::bin, t -> histogram(t));
        add(
                "weighted_avg",
                2,
                2,
                Aggregates::weigh,
                t -> t.a instanceof Number sum && t.b instanceof Number weight
                        ? Numbers.divide(sum, weight)
                        : Missing.UNDEFINED);
    }

    static Map<String, Aggregate> known() {
        return ALL;
    }

    private static void add(String name, int min, int max, Add add, Result result) {
        ALL.put(name, new Aggregate(min, max, add, result));
    }

    private static void distinct(Tally t, Object[] a) {
        if (Missing.present(a[0])) {
            t.keepNew(a[0]);
        }
    }

    private static void sum(Tally t, Object[] a) {
        Number x = Convert.number(a[0]);
        if (x != null) {
            t.a = t.a instanceof Number before ? Numbers.add(before, x) : x;
            t.count++;
        }
    }

    private static void extreme(Tally t, Object value, int sign) {
        if (Missing.present(value) && (!Missing.present(t.a) || Compare.sorting(value, t.a) * sign > 0)) {
            t.a = value;
        }
    }

    private static void range(Tally t, Object[] a) {
        Number x = Convert.number(a[0]);
        if (x != null) {
            t.a = !(t.a instanceof Number low) || Numbers.compare(x, low) < 0 ? x : t.a;
            t.b = !(t.b instanceof Number high) || Numbers.compare(x, high) > 0 ? x : t.b;
        }
    }

    private static void number(Tally t, Object[] a) {
        Number x = Convert.number(a[0]);
        if (x != null) {
            t.keep(x);
        }
    }

    /// `percentile(x, p)`: p from 0 to 1, or above 1 in percent; between two values by their distance.
    private static Object percentile(Tally t) {
        Number p = Convert.number(t.a);
        if (p == null) {
            return Missing.UNDEFINED;
        }
        double part = p.doubleValue() > 1 ? p.doubleValue() / 100 : p.doubleValue();
        return part < 0 || part > 1 ? Missing.UNDEFINED : percentile(t.values(), part);
    }

    private static Object percentile(List<Object> values, double part) {
        if (values.isEmpty()) {
            return Missing.UNDEFINED;
        }
        List<Object> sorted = new ArrayList<>(values);
        sorted.sort(Compare::sorting);
        double place = part * (sorted.size() - 1);
        int below = (int) Math.floor(place + 1e-9);
        Number low = (Number) sorted.get(below);
        Object over = Numbers.of(Math.max(0, Math.rint((place - below) * 1e9) / 1e9));
        if (below + 1 >= sorted.size() || !(over instanceof Number rest)) {
            return low;
        }
        return Numbers.subtract((Number) sorted.get(below + 1), low) instanceof Number gap
                        && Numbers.multiply(gap, rest) instanceof Number more
                ? Numbers.add(low, more)
                : Missing.UNDEFINED;
    }

    /// Count, mean and sum of squares off the mean, by Welford.
    private static void moments(Tally t, Object[] a) {
        Number x = Convert.number(a[0]);
        if (x != null) {
            t.count++;
            double mean = t.a instanceof Double m ? m : 0;
            double squares = t.b instanceof Double s ? s : 0;
            double off = x.doubleValue() - mean;
            mean += off / t.count;
            t.b = squares + off * (x.doubleValue() - mean);
            t.a = mean;
        }
    }

    private static Object variance(Tally t, int fewer, boolean root) {
        if (t.count <= fewer || !(t.b instanceof Double squares)) {
            return Missing.UNDEFINED;
        }
        double variance = squares / (t.count - fewer);
        return Numbers.of(root ? Math.sqrt(variance) : variance);
    }

    private static void merge(Tally t, Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> all = new LinkedHashMap<>();
            if (t.a instanceof Map<?, ?> before) {
                before.forEach((key, item) -> all.put(key.toString(), item));
            }
            map.forEach((key, item) -> all.put(key.toString(), item));
            t.a = all;
        }
    }

    private static void frequency(Tally t, Object[] a) {
        if (Missing.present(a[0])) {
            t.keep(a[0]);
        }
    }

    /// The commonest value; of several the first to come.
    private static Object mode(Tally t) {
        Map<Object, Long> counts = new LinkedHashMap<>();
        t.values().forEach(value -> counts.merge(value, 1L, Long::sum));
        Object best = Missing.UNDEFINED;
        long most = 0;
        for (Map.Entry<Object, Long> entry : counts.entrySet()) {
            if (entry.getValue() > most) {
                most = entry.getValue();
                best = entry.getKey();
            }
        }
        return best;
    }

    /// The k greatest, greatest first.
    private static Object top(Tally t) {
        Long k = Convert.whole(t.a);
        if (k == null || k < 1 || k > TOP_MAX) {
            return Missing.UNDEFINED;
        }
        Comparator<Object> greatest = (x, y) -> Compare.sorting(y, x);
        return new ArrayList<>(t.values().stream().sorted(greatest).limit(k).toList());
    }

    /// `histogram(x, width)`: how many values by the lower edge of their bin; without a width by value.
    private static void bin(Tally t, Object[] a) {
        if (a.length == 1) {
            frequency(t, a);
            return;
        }
        Number x = Convert.number(a[0]);
        Number width = Convert.number(a[1]);
        if (x != null
                && width != null
                && Numbers.compare(width, 0L) > 0
                && Numbers.divide(x, width) instanceof Number bins
                && Numbers.multiply(Numbers.floor(bins), width) instanceof Number edge) {
            t.keep(edge);
        }
    }

    private static Object histogram(Tally t) {
        List<Object> sorted = new ArrayList<>(t.values());
        sorted.sort(Compare::sorting);
        Map<String, Object> counts = new LinkedHashMap<>();
        for (Object value : sorted) {
            counts.merge(String.valueOf(Convert.text(value)), 1L, (x, y) -> (Long) x + (Long) y);
        }
        return counts;
    }

    private static void weigh(Tally t, Object[] a) {
        Number x = Convert.number(a[0]);
        Number weight = Convert.number(a[1]);
        if (x != null && weight != null && Numbers.multiply(x, weight) instanceof Number part) {
            t.a = t.a instanceof Number before ? Numbers.add(before, part) : part;
            t.b = t.b instanceof Number before ? Numbers.add(before, weight) : weight;
        }
    }
}
