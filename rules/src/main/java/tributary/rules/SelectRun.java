package tributary.rules;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.Output.AlertChange;
import tributary.rules.SelectPlan.SourcePlan;
import tributary.rules.function.Moments;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Select.Late;
import tributary.rules.value.Compare;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// One select at work. A message goes through it in this order: sources, joins, its time, SET, analytic
/// functions, WHERE, window or row, ALERT, LIMIT.
final class SelectRun {
    private final SelectPlan plan;
    private final RunState run;
    private final Frame frame;
    private final Sink sink;
    private final List<@Nullable SelectRun> inner = new ArrayList<>();
    private final List<JoinRun> joins = new ArrayList<>();
    private final List<AnalyticRun> analytics = new ArrayList<>();
    private final Watermarks marks;

    /// Whether it listens to one filter and nothing else.
    private final boolean single;

    private final @Nullable WindowRun window;
    private final @Nullable AlertRun alert;
    private final Map<Object, Object> shown = new LinkedHashMap<>();
    private final Deque<Long> lately = new ArrayDeque<>();

    /// Takes what a select gives.
    interface Sink {
        /// @param about  a message of the topic and device that the row is about
        /// @param target a topic, or null
        void row(Object row, long at, StreamMessage about, @Nullable String target, @Nullable AlertChange change);
    }

    SelectRun(SelectPlan plan, RunState run, Sink sink) {
        RuleLimits limits = plan.options().limits();
        this.plan = plan;
        this.run = run;
        this.sink = sink;
        this.frame = new Frame(run, plan.sizes());
        this.marks = new Watermarks(limits, 0);
        for (SourcePlan source : plan.sources()) {
            SelectPlan nested = source.inner();
            inner.add(
                    nested == null
                            ? null
                            : new SelectRun(nested, run, (row, at, about, _, _) -> from(source, about.with(row), at)));
        }
        plan.joins()
                .forEach(join ->
                        joins.add(new JoinRun(join, limits, plan.options().lookups())));
        plan.analytics().forEach(one -> analytics.add(new AnalyticRun(one, limits)));
        this.single = plan.sources().size() == 1 && joins.isEmpty() && inner.getFirst() == null;
        this.window = plan.window() == null ? null : new WindowRun(plan.window(), run);
        this.alert = plan.alert() == null ? null : new AlertRun(plan.alert(), run, limits);
    }

    /// A message of the stream.
    ///
    /// @param matched whether it is known that one of the topics matches
    void message(StreamMessage message, long now, boolean matched) {
        if (matched && single) {
            SourcePlan source = plan.sources().getFirst();
            Object[] scopes = Frame.filled(frame.scopes.length);
            scopes[source.scope()] = message.payload();
            enter(source, message, scopes, now);
            return;
        }
        for (SelectRun nested : inner) {
            if (nested != null) {
                nested.message(message, now, false);
            }
        }
        SourcePlan first = null;
        Object[] scopes = {};
        for (SourcePlan source : plan.sources()) {
            if (source.filter() != null && source.filter().matches(message.topic())) {
                if (first == null) {
                    first = source;
                    scopes = Frame.filled(frame.scopes.length);
                }
                scopes[source.scope()] = message.payload();
            }
        }
        if (first != null) {
            enter(first, message, scopes, now);
        }
        for (int i = 0; i < joins.size(); i++) {
            if (joins.get(i).isThere(message)) {
                int after = i + 1;
                note("join", Trace.Outcome.PASSED, "it is of the other side of a join");
                frame.now = now;
                frame.time = now;
                joins.get(i)
                        .there(
                                frame,
                                message,
                                (about, joined) -> joined(after, plan.sources().getFirst(), about, joined, now));
            }
        }
    }

    /// A row of a select in FROM.
    private void from(SourcePlan source, StreamMessage message, long now) {
        Object[] scopes = Frame.filled(frame.scopes.length);
        scopes[source.scope()] = message.payload();
        enter(source, message, scopes, now);
    }

    private void enter(SourcePlan source, StreamMessage message, Object[] scopes, long now) {
        joined(0, source, message, scopes, now);
    }

    private void joined(int from, SourcePlan source, StreamMessage message, Object[] scopes, long now) {
        frame.now = now;
        frame.time = now;
        if (from < joins.size()) {
            Trace trace = run.trace;
            int before = trace == null ? 0 : trace.size();
            joins.get(from).here(frame, message, scopes, (about, both) -> joined(from + 1, source, about, both, now));
            if (trace != null && trace.size() == before) {
                note("join", Trace.Outcome.WAITS, "nothing of the other side fits it yet");
            }
            return;
        }
        frame.message = message;
        frame.payload = joins.isEmpty() ? message.payload() : JoinRun.merged(message, scopes, plan.joins());
        System.arraycopy(scopes, 0, frame.scopes, 0, scopes.length);
        if (source.time() != null && tooLate(source, now)) {
            note("time", Trace.Outcome.DROPPED, "it came too late: others of its device are so much newer");
            return;
        }
        for (int i = 0; i < plan.set().length; i++) {
            frame.variables[i] = plan.set()[i].on(frame);
        }
        for (int i = 0; i < analytics.size(); i++) {
            frame.slots[i] = analytics.get(i).step(frame, message.device());
        }
        boolean passes = plan.where() == null || plan.where().isTrue(frame);
        Trace trace = run.trace;
        if (trace != null && plan.where() != null) {
            trace.condition("where", passes, frame, plan.whereParts());
        }
        if (window != null && plan.window() != null) {
            if (passes || plan.window().countsAll()) {
                toTopic(window.add(frame, passes, source, this::windowRow), source);
            }
        } else if (passes) {
            rows();
        }
    }

    /// Sets the message's own time; says whether it is late where a rule without a window asked for that.
    private boolean tooLate(SourcePlan source, long now) {
        Long stamp = source.time() == null ? null : Moments.of(source.time().on(frame));
        if (stamp == null) {
            run.unstamped++;
        } else if (stamp > now + plan.options().limits().maxAheadMillis()) {
            run.skewed++;
        } else {
            frame.time = stamp;
        }
        if (window != null || source.late() == null) {
            return false;
        }
        String device = frame.message.device();
        long mark = marks.mark(device);
        marks.seen(device, frame.time, Math.max(0, source.withinMillis()), now);
        if (frame.time >= mark) {
            return false;
        }
        run.late++;
        if (source.late() instanceof Late.Adjust) {
            frame.time = mark;
            return false;
        }
        toTopic(source.late(), source);
        return true;
    }

    /// Tells whoever asks how the message fares; nobody does while rules are at work.
    private void note(String step, Trace.Outcome outcome, String detail) {
        Trace trace = run.trace;
        if (trace != null) {
            trace.step(step, outcome, frame.now, detail);
        }
    }

    private void toTopic(@Nullable Late fate, SourcePlan source) {
        if (fate instanceof Late.To(String topic)) {
            sink.row(frame.message.payload(), frame.now, frame.message, topic, null);
        }
    }

    private void rows() {
        SelectPlan.ForeachPlan foreach = plan.foreach();
        if (foreach == null) {
            row(plan.row().on(frame), frame.message.device(), frame);
            return;
        }
        int rows = 0;
        if (foreach.array().on(frame) instanceof List<?> elements) {
            for (Object element : elements) {
                frame.locals[foreach.local()] = element;
                if (foreach.incase() == null || foreach.incase().isTrue(frame)) {
                    rows++;
                    row(plan.row().on(frame), frame.message.device(), frame);
                }
            }
            frame.locals[foreach.local()] = Missing.UNDEFINED;
        }
        if (rows == 0) {
            note("foreach", Trace.Outcome.DROPPED, "there is no element, or none that INCASE takes");
        }
    }

    private void windowRow(Object row, Object group, Frame f) {
        row(row, group, f);
    }

    private void row(Object row, Object group, Frame f) {
        if (row == Missing.UNDEFINED) {
            note("select", Trace.Outcome.DROPPED, "what is selected is not there");
            return;
        }
        if (window == null && plan.emit().when() == Emit.When.CHANGE) {
            Object before = shown.get(group);
            if (before == null) {
                Limits.keys(shown.size(), plan.options().limits(), "EMIT ON CHANGE");
            } else if (Compare.same(before, row)) {
                note("emit", Trace.Outcome.DROPPED, "it is the same as before, and EMIT ON CHANGE says only changes");
                return;
            }
            shown.put(group, row);
        }
        if (alert != null) {
            alert.update(f, row, group, this::say);
        } else {
            leave(row, f.now, f.message, null);
        }
    }

    private boolean say(Object row, Entry.About about, AlertChange change, long at) {
        return leave(row, at, about.message(Missing.UNDEFINED, at), change);
    }

    /// LIMIT holds back whatever there is, but not the end of an alert of which somebody heard.
    ///
    /// @return whether it was said
    private boolean leave(Object row, long at, StreamMessage about, @Nullable AlertChange change) {
        boolean ends = change != null && change.state().equals(Output.CLEARED);
        if (plan.limit() != null && !ends) {
            while (!lately.isEmpty() && lately.getFirst() <= at - plan.limit().perMillis()) {
                lately.removeFirst();
            }
            if (lately.size() >= plan.limit().count()) {
                note("limit", Trace.Outcome.DROPPED, "LIMIT holds it back: so many were said already");
                return false;
            }
            lately.addLast(at);
        }
        Trace trace = run.trace;
        if (trace != null && trace.isListening()) {
            trace.step("output", Trace.Outcome.SAID, at, Trace.json(row));
        }
        sink.row(row, at, about, null, change);
        return true;
    }

    /// @return when time next brings something about, or [DueQueue#NEVER]
    long due() {
        long due = window == null ? DueQueue.NEVER : window.due();
        due = Math.min(due, alert == null ? DueQueue.NEVER : alert.due());
        for (JoinRun join : joins) {
            due = Math.min(due, join.due());
        }
        for (SelectRun nested : inner) {
            due = Math.min(due, nested == null ? DueQueue.NEVER : nested.due());
        }
        return due;
    }

    /// Does one thing that is due at a time: first what others feed on.
    void fire(long at) {
        for (SelectRun nested : inner) {
            if (nested != null && nested.due() <= at) {
                nested.fire(at);
                return;
            }
        }
        for (int i = 0; i < joins.size(); i++) {
            if (joins.get(i).due() <= at) {
                int after = i + 1;
                joins.get(i)
                        .fire((about, scopes) -> joined(after, plan.sources().getFirst(), about, scopes, at));
                return;
            }
        }
        if (window != null && window.due() <= at) {
            window.fire(at, this::windowRow);
        } else if (alert != null && alert.due() <= at) {
            alert.fire(at, this::say);
        }
    }

    boolean nags(String name, String key, long raisedMillis) {
        return alert != null && alert.nags(name, key, raisedMillis);
    }

    void acknowledged(String name, String key, long raisedMillis) {
        if (alert != null) {
            alert.acknowledged(name, key, raisedMillis);
        }
    }

    void write(StateOut out) {
        for (SelectRun nested : inner) {
            if (nested != null) {
                nested.write(out);
            }
        }
        joins.forEach(join -> join.write(out));
        analytics.forEach(one -> one.write(out));
        marks.write(out);
        if (window != null) {
            window.write(out);
        }
        if (alert != null) {
            alert.write(out);
        }
        out.number(shown.size());
        shown.forEach((key, row) -> out.value(key).value(row));
        out.number(lately.size());
        lately.forEach(out::number);
    }

    void read(StateIn in, long format) {
        for (SelectRun nested : inner) {
            if (nested != null) {
                nested.read(in, format);
            }
        }
        joins.forEach(join -> join.read(in));
        analytics.forEach(one -> one.read(in));
        marks.read(in);
        if (window != null) {
            window.read(in);
        }
        if (alert != null) {
            alert.read(in, format);
        }
        int rows = in.count();
        for (int i = 0; i < rows; i++) {
            shown.put(in.value(), in.value());
        }
        int times = in.count();
        for (int i = 0; i < times; i++) {
            lately.addLast(in.number());
        }
    }
}
