package tributary.rules;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Select.Late;
import tributary.rules.value.Compare;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// The groups of a select with a window, and the rows that leave them.
final class WindowRun {
    private final WindowPlan plan;
    private final RunState run;
    private final Frame frame;
    private final List<AnalyticRun> analytics;
    private final Watermarks marks;
    private final Map<Object, Group> groups = new LinkedHashMap<>();
    private final Map<String, Set<Object>> groupsOf = new LinkedHashMap<>();
    private final DueQueue<Group> queue = new DueQueue<>();

    /// Takes rows as they leave.
    interface Rows {
        /// @param group what the row is of
        void row(Object row, Object group, Frame frame);
    }

    WindowRun(WindowPlan plan, RunState run) {
        RuleLimits limits = plan.options().limits();
        this.plan = plan;
        this.run = run;
        this.frame = new Frame(run, new Frame.Sizes(0, 0, 0, 0));
        this.frame.groupSlots = Frame.filled(plan.analytics().size());
        this.analytics = plan.analytics().stream()
                .map(one -> new AnalyticRun(one, limits))
                .toList();
        this.marks = new Watermarks(limits, plan.spanMillis());
    }

    /// Takes a message in.
    ///
    /// @param passes whether it meets WHERE
    /// @return the message's fate where it came too late, else null
    @Nullable
    Late add(Frame f, boolean passes, SelectPlan.SourcePlan source, Rows rows) {
        Trace trace = run.trace;
        if (plan.filter() != null && !plan.filter().isTrue(f)) {
            if (trace != null) {
                trace.condition("filter", false, f, plan.filterParts());
            }
            return null;
        }
        plan.options().limits().room().check("GROUP BY");
        Object key = AnalyticRun.key(plan.keys(), f);
        Group group = groups.get(key);
        if (group == null) {
            if (groups.size() >= plan.options().limits().keys()) {
                forgetOld();
            }
            Limits.keys(groups.size(), plan.options().limits(), "GROUP BY");
            group = new Group(key, plan, marks);
            groups.put(key, group);
        }
        Entry entry = Entry.of(f, run.next(), plan, passes);
        if (trace != null && trace.isListening()) {
            trace.follow(this, key, DueQueue.NEVER);
        }
        WindowState.Out out = out(group, f.now, rows);
        Late fate = null;
        if (plan.eventTime()) {
            fate = enter(f, group, entry, source, rows);
        } else {
            group.arrive(entry, out);
            settle(group, out);
        }
        if (trace != null && trace.isListening()) {
            entered(trace, f, group, fate);
        }
        return fate;
    }

    private void entered(Trace trace, Frame f, Group group, @Nullable Late fate) {
        if (fate != null) {
            trace.step("window", Trace.Outcome.DROPPED, f.now, "it came too late: its window has closed");
            return;
        }
        long due = group.due();
        trace.follow(this, group.key, due);
        String of = plan.keys().length == 0 ? "" : " of " + Trace.json(group.key);
        trace.step(
                "window",
                Trace.Outcome.WAITS,
                f.now,
                due == DueQueue.NEVER
                        ? "it is in the window" + of + ", which closes with a later message"
                        : "it is in the window%s, where something is due at %s"
                                .formatted(of, Instant.ofEpochMilli(due)));
    }

    private void settle(Group group, WindowState.Out out) {
        if (plan.emit().when() == Emit.When.CHANGE) {
            group.windows.open(out);
        }
        if (!plan.eventTime() && group.forgettable()) {
            groups.remove(group.key);
        } else {
            queue.refresh(group);
        }
    }

    private @Nullable Late enter(Frame f, Group group, Entry entry, SelectPlan.SourcePlan source, Rows rows) {
        String device = entry.about().device();
        marks.seen(device, entry.time(), source.withinMillis(), f.now);
        Late fate = null;
        if (group.tooLate(entry)) {
            run.late++;
            fate = source.late() == null ? new Late.Drop() : source.late();
        }
        groupsOf.computeIfAbsent(device, _ -> new LinkedHashSet<>()).add(group.key);
        if (fate == null || fate instanceof Late.Adjust) {
            group.enter(fate == null ? entry : entry.at(group.clock()), out(group, f.now, rows));
        }
        for (Object key : List.copyOf(groupsOf.getOrDefault(device, Set.of()))) {
            Group touched = groups.get(key);
            if (touched != null) {
                WindowState.Out out = out(touched, f.now, rows);
                touched.advance(f.now, out);
                settle(touched, out);
            }
        }
        return fate instanceof Late.Adjust ? null : fate;
    }

    private void forgetOld() {
        groups.values().removeIf(Group::forgettable);
        groupsOf.values().forEach(keys -> keys.retainAll(groups.keySet()));
        groupsOf.values().removeIf(Set::isEmpty);
    }

    long due() {
        return queue.due();
    }

    void fire(long at, Rows rows) {
        Group group = queue.first();
        if (group != null && group.due() <= at) {
            WindowState.Out out = out(group, at, rows);
            try {
                group.fire(at, out);
            } finally {
                if (!plan.eventTime() && group.forgettable()) {
                    groups.remove(group.key);
                } else {
                    queue.refresh(group);
                }
            }
        }
    }

    private WindowState.Out out(Group group, long now, Rows rows) {
        return (bucket, start, end) -> row(group, bucket, start, end, now, rows);
    }

    private void row(Group group, Bucket bucket, long start, long end, long now, Rows rows) {
        if (bucket.isEmpty()) {
            return;
        }
        Trace trace = run.trace;
        boolean before = trace != null && trace.listen(this, group.key);
        try {
            filled(group, bucket, start, end, now, rows);
        } finally {
            if (trace != null) {
                trace.restore(before);
            }
        }
    }

    private void filled(Group group, Bucket bucket, long start, long end, long now, Rows rows) {
        frame.message = bucket.about().message(Missing.UNDEFINED, now);
        frame.now = now;
        frame.time = plan.eventTime() ? end : now;
        frame.aggregates = bucket.results();
        frame.captured = bucket.captured();
        frame.windowStart = start;
        frame.windowEnd = end;
        frame.rowNumber++;
        for (int i = 0; i < analytics.size(); i++) {
            frame.groupSlots[i] = analytics.get(i).step(frame, group.key);
        }
        boolean met = plan.having() == null || plan.having().isTrue(frame);
        Trace trace = run.trace;
        if (trace != null) {
            trace.step(
                    "window",
                    Trace.Outcome.PASSED,
                    now,
                    "the window from %s gives a row".formatted(Instant.ofEpochMilli(start)));
            if (plan.having() != null) {
                trace.condition("having", met, frame, plan.havingParts());
            }
        }
        if (!met) {
            return;
        }
        Object row = plan.row().on(frame);
        if (row == Missing.UNDEFINED) {
            return;
        }
        if (plan.emit().when() == Emit.When.CHANGE) {
            if (Compare.same(row, bucket.shown)) {
                return;
            }
            bucket.shown = row;
        }
        rows.row(row, group.key, frame);
    }

    void write(StateOut out) {
        marks.write(out);
        out.number(frame.rowNumber).number(groups.size());
        groups.forEach((key, group) -> group.write(out.value(key)));
        out.number(groupsOf.size());
        groupsOf.forEach((device, keys) -> {
            out.text(device).number(keys.size());
            keys.forEach(out::value);
        });
        analytics.forEach(one -> one.write(out));
    }

    void read(StateIn in) {
        marks.read(in);
        frame.rowNumber = in.number();
        int size = in.count();
        for (int i = 0; i < size; i++) {
            Group group = new Group(in.value(), plan, marks);
            group.read(in);
            groups.put(group.key, group);
            queue.refresh(group);
        }
        int devices = in.count();
        for (int i = 0; i < devices; i++) {
            Set<Object> keys = groupsOf.computeIfAbsent(in.text(), _ -> new LinkedHashSet<>());
            int count = in.count();
            for (int j = 0; j < count; j++) {
                keys.add(in.value());
            }
        }
        analytics.forEach(one -> one.read(in));
    }
}
