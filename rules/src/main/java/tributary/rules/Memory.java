package tributary.rules;

import java.util.ArrayDeque;
import java.util.Deque;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// What an analytic function remembers of one partition: a few values, and the messages of late where it needs
/// them.
final class Memory {
    Object a = Missing.UNDEFINED;
    Object b = Missing.UNDEFINED;
    /// What the function last answered.
    Object last = Missing.UNDEFINED;

    private final Deque<Object[]> recent = new ArrayDeque<>(0);
    private final RuleLimits limits;

    Memory(RuleLimits limits) {
        this.limits = limits;
    }

    Deque<Object[]> recent() {
        return recent;
    }

    void remember(Object... values) {
        Limits.rows(recent.size(), limits, "an analytic function");
        recent.addLast(values);
    }

    /// Forgets what happened at `millis` or before; the first of what is remembered is its time.
    void forgetUntil(long millis) {
        while (!recent.isEmpty() && (Long) recent.getFirst()[0] <= millis) {
            recent.removeFirst();
        }
    }

    void write(StateOut out) {
        out.value(a).value(b).value(last).number(recent.size());
        recent.forEach(out::values);
    }

    void read(StateIn in) {
        a = in.value();
        b = in.value();
        last = in.value();
        int size = in.count();
        for (int i = 0; i < size; i++) {
            recent.addLast(in.values());
        }
    }
}
