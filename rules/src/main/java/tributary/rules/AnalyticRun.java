package tributary.rules;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// The memories of one analytic call, a memory for each partition.
final class AnalyticRun {
    private final Plan plan;
    private final RuleLimits limits;
    private final Map<Object, Memory> memories = new LinkedHashMap<>();

    /// One call as compiled; calls that are written the same are one.
    ///
    /// @param partition what has a memory of its own; null means the device or, for rows of windows, the group
    /// @param when      whether a message counts
    record Plan(
            String name,
            AnalyticFunctions.Body body,
            Eval[] args,
            Eval @Nullable [] partition,
            @Nullable Eval when) {}

    AnalyticRun(Plan plan, RuleLimits limits) {
        this.plan = plan;
        this.limits = limits;
    }

    /// @param standard the partition where none was written
    Object step(Frame frame, Object standard) {
        Object key = plan.partition() == null ? standard : key(plan.partition(), frame);
        Memory memory = memories.get(key);
        if (memory == null) {
            Limits.keys(memories.size(), limits, plan.name());
            memory = new Memory(limits);
            memories.put(key, memory);
        }
        if (plan.when() != null && !plan.when().isTrue(frame)) {
            return memory.last;
        }
        Object[] args = new Object[plan.args().length];
        for (int i = 0; i < args.length; i++) {
            args[i] = plan.args()[i].on(frame);
        }
        Object result = plan.body().of(memory, args, frame.time);
        if (plan.when() != null) {
            memory.last = result;
        }
        return result;
    }

    /// The values that a group, a partition or an alert is known by.
    static Object key(Eval[] by, Frame frame) {
        if (by.length == 0) {
            return "";
        }
        if (by.length == 1) {
            return by[0].on(frame);
        }
        Object[] values = new Object[by.length];
        for (int i = 0; i < by.length; i++) {
            values[i] = by[i].on(frame);
        }
        return Arrays.asList(values);
    }

    int size() {
        return memories.size();
    }

    void write(StateOut out) {
        out.number(memories.size());
        memories.forEach((key, memory) -> memory.write(out.value(key)));
    }

    void read(StateIn in) {
        int size = in.count();
        for (int i = 0; i < size; i++) {
            Object key = in.value();
            Memory memory = new Memory(limits);
            memory.read(in);
            memories.put(key, memory);
        }
    }
}
