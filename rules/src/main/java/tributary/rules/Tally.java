package tributary.rules;

import java.util.ArrayList;
import java.util.List;
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
