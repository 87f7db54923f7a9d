package tributary.rules;

import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tributary.rules.function.Geo;
import tributary.rules.value.Compare;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Functions that remember, a memory for each device or partition. They see every message of the sources,
/// before WHERE.
///
/// A message that lacks the value leaves the memory as it is.
final class AnalyticFunctions {
    private static final Map<String, Analytic> ALL = new TreeMap<>();
    private static final long LAG_MAX = 1000;

    private AnalyticFunctions() {}

    /// @param arity fewest and most arguments
    record Analytic(int min, int max, Body body) {}

    /// One step: what the function answers to a message at `time`.
    interface Body {
        Object of(Memory memory, Object[] args, long time);
    }

    static {
        add("lag", 1, 3, AnalyticFunctions::lag);
        add("latest", 1, 2, (m, a, _) -> {
            m.a = Missing.present(a[0]) ? a[0] : m.a;
            return m.a == Missing.UNDEFINED && a.length > 1 ? a[1] : m.a;
        });
        add("had_changed", 1, 20, AnalyticFunctions::hadChanged);
        add("changed", 1, 1, (m, a, _) -> changed(m, a[0], false));
        add(
                "changed_col",
                1,
                2,
                (m, a, _) -> changed(m, a[a.length - 1], true) == Boolean.TRUE ? a[a.length - 1] : Missing.UNDEFINED);
        add("delta", 1, 1, (m, a, _) -> step(m, a[0], Numbers::subtract));
        add(
                "pct_change",
                1,
                1,
                (m, a, _) -> step(
                        m,
                        a[0],
                        (now, before) -> Numbers.subtract(now, before) instanceof Number change
                                        && Numbers.multiply(change, 100L) instanceof Number percent
                                ? Numbers.divide(percent, (Number)
                                        (Numbers.compare(before, 0L) < 0 ? Numbers.negate(before) : before))
                                : Missing.UNDEFINED));
        add("moved", 2, 2, AnalyticFunctions::moved);
        add("rate", 1, 1, AnalyticFunctions::rate);
        add("slope", 2, 2, AnalyticFunctions::slope);
        add("ewma", 2, 2, AnalyticFunctions::ewma);
        add(
                "acc_sum",
                1,
                1,
                (m, a, _) -> accumulate(m, Convert.number(a[0]) instanceof Number x ? x : Missing.UNDEFINED, 0));
        add("acc_count", 1, 1, (m, a, _) -> m.a = (m.a instanceof Long n ? n : 0L) + (Missing.present(a[0]) ? 1 : 0));
        add("acc_min", 1, 1, (m, a, _) -> accumulate(m, a[0], -1));
        add("acc_max", 1, 1, (m, a, _) -> accumulate(m, a[0], 1));
        add("acc_avg", 1, 1, (m, a, _) -> {
            if (Convert.number(a[0]) instanceof Number x) {
                m.a = m.a instanceof Number sum ? Numbers.add(sum, x) : x;
                m.b = (m.b instanceof Long n ? n : 0L) + 1;
            }
            return m.a instanceof Number sum && m.b instanceof Long n ? Numbers.divide(sum, n) : Missing.UNDEFINED;
        });
        add("hold", 2, 2, AnalyticFunctions::hold);
        add("count_in", 2, 2, AnalyticFunctions::countIn);
        add("since", 1, 1, (m, a, time) -> {
            m.a = a[0] == Boolean.TRUE ? (Object) time : m.a;
            return m.a instanceof Long then ? (Object) (time - then) : Missing.UNDEFINED;
        });
        add("seq_gap", 1, 1, (m, a, _) -> {
            Long number = Convert.whole(a[0]);
            Object before = m.a;
            m.a = number == null ? before : number;
            return number == null || !(before instanceof Long n)
                    ? Missing.UNDEFINED
                    : (Object) (number > n ? number - n - 1 : 0L);
        });
        add("silence", 0, 0, (m, _, time) -> {
            Object before = m.a;
            m.a = time;
            return before instanceof Long then ? (Object) (time - then) : before;
        });
        add("geofence_event", 2, 3, AnalyticFunctions::geofence);
        add("speed", 1, 2, AnalyticFunctions::speed);
    }

    static Map<String, Analytic> known() {
        return ALL;
    }

    private static void add(String name, int min, int max, Body body) {
        ALL.put(name, new Analytic(min, max, body));
    }

    private static Object lag(Memory m, Object[] a, long time) {
        Long back = a.length > 1 ? Convert.whole(a[1]) : (Long) 1L;
        if (back == null || back < 1 || back > LAG_MAX) {
            return Missing.UNDEFINED;
        }
        Object before = m.recent().size() >= back ? m.recent().getFirst()[0] : a.length > 2 ? a[2] : Missing.UNDEFINED;
        if (a[0] != Missing.UNDEFINED) {
            m.remember(a[0]);
            while (m.recent().size() > back) {
                m.recent().removeFirst();
            }
        }
        return before;
    }

    /// `had_changed(x, y)`: whether any differs from the message before; the first has changed. With eKuiper's
    /// leading
    /// `true`, nulls are passed over.
    private static Object hadChanged(Memory m, Object[] a, long time) {
        boolean flagged = a.length > 1 && a[0] instanceof Boolean;
        boolean changed = false;
        boolean first = m.recent().isEmpty();
        Object[] now = new Object[a.length];
        Object[] before = first ? a : m.recent().getFirst();
        for (int i = 0; i < a.length; i++) {
            boolean skip = flagged && i == 0
                    || a[i] == Missing.UNDEFINED
                    || flagged && a[0] == Boolean.TRUE && a[i] == Missing.NULL;
            Object old = first ? Missing.UNDEFINED : before[i];
            now[i] = skip ? old : a[i];
            changed |= !skip && !Compare.same(old, a[i]);
        }
        m.recent().clear();
        m.remember(now);
        return changed;
    }

    private static Object changed(Memory m, Object value, boolean firstCounts) {
        if (value == Missing.UNDEFINED) {
            return false;
        }
        Object before = m.a;
        m.a = value;
        return before == Missing.UNDEFINED ? firstCounts : !Compare.same(before, value);
    }

    private interface Step {
        Object of(Number now, Number before);
    }

    private static Object step(Memory m, Object value, Step body) {
        Number now = Convert.number(value);
        Object before = m.a;
        m.a = now == null ? before : now;
        return now != null && before instanceof Number number ? body.of(now, number) : Missing.UNDEFINED;
    }

    /// Whether the value is at least so far from where it last was when this said so.
    private static Object moved(Memory m, Object[] a, long time) {
        Number now = Convert.number(a[0]);
        Number by = Convert.number(a[1]);
        if (now == null || by == null) {
            return false;
        }
        boolean far = !(m.a instanceof Number before)
                || Numbers.subtract(now, before) instanceof Number change
                        && Numbers.compare(change, 0L) != 0
                        && (Numbers.compare(change, by) >= 0
                                || Numbers.negate(change) instanceof Number back && Numbers.compare(back, by) >= 0);
        m.a = far ? now : m.a;
        return far;
    }

    /// Change a second since the message before.
    private static Object rate(Memory m, Object[] a, long time) {
        Number now = Convert.number(a[0]);
        if (now == null || m.b instanceof Long then && time <= then) {
            return Missing.UNDEFINED;
        }
        Object result = Missing.UNDEFINED;
        if (m.a instanceof Number before
                && m.b instanceof Long then
                && Numbers.subtract(now, before) instanceof Number change
                && Numbers.multiply(change, 1000L) instanceof Number thousand) {
            result = Numbers.divide(thousand, time - then);
        }
        m.a = now;
        m.b = time;
        return result;
    }

    /// The slope of the straight line nearest to the values of late, a second.
    private static Object slope(Memory m, Object[] a, long time) {
        Number now = Convert.number(a[0]);
        Long span = Convert.whole(a[1]);
        if (now == null || span == null || span <= 0) {
            return Missing.UNDEFINED;
        }
        m.forgetUntil(time - span);
        m.remember(time, now);
        double meanX = 0;
        double meanY = 0;
        for (Object[] point : m.recent()) {
            meanX += ((Long) point[0] - time) / 1000.0;
            meanY += ((Number) point[1]).doubleValue();
        }
        meanX /= m.recent().size();
        meanY /= m.recent().size();
        double xy = 0;
        double xx = 0;
        for (Object[] point : m.recent()) {
            double x = ((Long) point[0] - time) / 1000.0 - meanX;
            xy += x * (((Number) point[1]).doubleValue() - meanY);
            xx += x * x;
        }
        return xx == 0 ? Missing.UNDEFINED : Numbers.of(tidy(xy / xx));
    }

    /// Twelve digits: what lies behind them is the rounding of the sums.
    private static double tidy(double value) {
        return Numbers.of(value) instanceof Number n
                ? Numbers.big(n).round(new MathContext(12)).doubleValue()
                : value;
    }

    private static Object ewma(Memory m, Object[] a, long time) {
        Number now = Convert.number(a[0]);
        Number alpha = Convert.number(a[1]);
        if (now == null || alpha == null) {
            return m.a;
        }
        if (m.a instanceof Number before
                && Numbers.subtract(now, before) instanceof Number off
                && Numbers.multiply(off, alpha) instanceof Number part) {
            m.a = Numbers.add(before, part);
        } else {
            m.a = now;
        }
        return m.a;
    }

    /// The sum with sign 0, else the least or greatest.
    private static Object accumulate(Memory m, Object value, int sign) {
        if (Missing.present(value)) {
            if (!Missing.present(m.a)) {
                m.a = value;
            } else if (sign == 0) {
                m.a = m.a instanceof Number before && value instanceof Number more ? Numbers.add(before, more) : m.a;
            } else if (Compare.sorting(value, m.a) * sign > 0) {
                m.a = value;
            }
        }
        return m.a;
    }

    /// Whether the condition has been true in every message for so long.
    private static Object hold(Memory m, Object[] a, long time) {
        Long span = Convert.whole(a[1]);
        if (a[0] != Missing.UNDEFINED) {
            m.a = a[0] != Boolean.TRUE ? Missing.UNDEFINED : m.a instanceof Long ? m.a : (Object) time;
        }
        return span != null && m.a instanceof Long from && time - from >= span;
    }

    /// In how many messages of the last so long the condition was true.
    private static Object countIn(Memory m, Object[] a, long time) {
        Long span = Convert.whole(a[1]);
        if (span == null) {
            return Missing.UNDEFINED;
        }
        m.forgetUntil(time - span);
        if (a[0] == Boolean.TRUE) {
            m.remember(time);
        }
        return (long) m.recent().size();
    }

    /// `enter` and `leave` when it happens, `inside` in between, undefined outside.
    private static Object geofence(Memory m, Object[] a, long time) {
        double[] place = place(a, a.length - 1);
        Object in = place.length == 0 ? Missing.UNDEFINED : Geo.inside(place[0], place[1], a[a.length - 1]);
        if (in == Missing.UNDEFINED) {
            return in;
        }
        boolean before = m.a == Boolean.TRUE;
        m.a = in;
        return in == Boolean.TRUE ? before ? "inside" : "enter" : before ? "leave" : Missing.UNDEFINED;
    }

    /// Metres a second since the place before.
    private static Object speed(Memory m, Object[] a, long time) {
        double[] place = place(a, a.length);
        if (place.length == 0) {
            return Missing.UNDEFINED;
        }
        Object[] before = m.recent().peekFirst();
        if (before != null && time <= (Long) before[0]) {
            return Missing.UNDEFINED;
        }
        m.recent().clear();
        m.remember(time, place[0], place[1]);
        return before == null
                ? Missing.UNDEFINED
                : Numbers.of(tidy(Geo.metres((Double) before[1], (Double) before[2], place[0], place[1])
                        * 1000
                        / (time - (Long) before[0])));
    }

    private static double[] place(Object[] a, int count) {
        return count == 1 ? Geo.place(a[0]) : Geo.place(List.of(a[0], a[1]));
    }
}
