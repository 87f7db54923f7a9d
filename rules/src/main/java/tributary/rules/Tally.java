package tributary.rules;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// What an aggregate holds of one group while its window is open.
final class Tally {
    private static final int VALUES_MAX = 100_000;

    Object a = Missing.UNDEFINED;
    Object b = Missing.UNDEFINED;
    Object c = Missing.UNDEFINED;
    long count;
    private List<Object> values = List.of();
    /// The values again, to find them by, where each is kept once.
    private Set<Object> distinct = Set.of();

    List<Object> values() {
        return values;
    }

    void keep(Object value) {
        if (values.isEmpty()) {
            values = new ArrayList<>();
        }
        Limits.rows(values.size(), VALUES_MAX, "an aggregate that keeps all values");
        values.add(value);
    }

    /// Keeps a value that is not kept already.
    void keepNew(Object value) {
        if (distinct.size() != values.size()) {
            distinct = new HashSet<>(values);
        }
        if (!distinct.contains(value)) {
            keep(value);
            distinct = distinct.isEmpty() ? new HashSet<>() : distinct;
            distinct.add(value);
        }
    }

    void write(StateOut out) {
        out.value(a).value(b).value(c).number(count).value(values);
    }

    void read(StateIn in) {
        a = in.value();
        b = in.value();
        c = in.value();
        count = in.number();
        if (in.value() instanceof List<?> list && !list.isEmpty()) {
            values = new ArrayList<>(list);
        }
    }
}
