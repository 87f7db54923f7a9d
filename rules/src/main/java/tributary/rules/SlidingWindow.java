package tributary.rules;

import java.util.ArrayDeque;
import java.util.Deque;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Window;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// What came in the last so long: looked at with each message, or some time after it; with EMIT ON EXIT also
/// when one leaves. Two messages exactly the size apart do not meet in a window.
final class SlidingWindow implements WindowState {
    private final WindowPlan plan;
    private final Window.Sliding window;
    private final boolean exits;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Deque<Long> looks = new ArrayDeque<>();

    SlidingWindow(WindowPlan plan, Window.Sliding window) {
        this.plan = plan;
        this.window = window;
        this.exits = plan.emit().when() == Emit.When.EXIT;
    }

    @Override
    public void add(Entry entry, long clock, Out out) {
        if (!exits) {
            forget(entry.time() - window.delayMillis() - window.sizeMillis());
        }
        Limits.rows(entries.size(), plan.options().limits(), "a sliding window");
        entries.addLast(entry);
        if (window.delayMillis() == 0) {
            show(entry.time(), out);
        } else {
            looks.addLast(entry.time() + window.delayMillis());
        }
    }

    private void forget(long until) {
        while (!entries.isEmpty() && entries.getFirst().time() <= until) {
            entries.removeFirst();
        }
    }

    private void show(long until, Out out) {
        long from = until - window.delayMillis() - window.sizeMillis();
        Bucket bucket = new Bucket(plan, from, until, order());
        for (Entry entry : entries) {
            if (entry.time() > from && entry.time() <= until) {
                bucket.add(entry);
            }
        }
        if (!bucket.isEmpty()) {
            out.row(bucket, from, until);
        }
    }

    private long exit() {
        return exits && !entries.isEmpty() ? entries.getFirst().time() + window.sizeMillis() : DueQueue.NEVER;
    }

    @Override
    public long due() {
        return Math.min(exit(), looks.isEmpty() ? DueQueue.NEVER : looks.getFirst());
    }

    @Override
    public long order() {
        return entries.isEmpty() ? 0 : entries.getFirst().order();
    }

    @Override
    public void fire(long at, Out out) {
        if (!looks.isEmpty() && looks.getFirst() <= at) {
            long until = looks.removeFirst();
            show(until, out);
            forget(until - window.delayMillis() - window.sizeMillis());
        } else if (exit() <= at) {
            long left = exit();
            forget(left - window.sizeMillis());
            show(left, out);
        }
    }

    @Override
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    @Override
    public boolean takes(long time, long clock) {
        return false;
    }

    @Override
    public void open(Out out) {
        if (!entries.isEmpty()) {
            show(entries.getLast().time(), out);
        }
    }

    @Override
    public void write(StateOut out) {
        out.number(entries.size());
        entries.forEach(entry -> entry.write(out));
        out.number(looks.size());
        looks.forEach(out::number);
    }

    @Override
    public void read(StateIn in) {
        int size = in.count();
        for (int i = 0; i < size; i++) {
            entries.addLast(Entry.read(in));
        }
        int waiting = in.count();
        for (int i = 0; i < waiting; i++) {
            looks.addLast(in.number());
        }
    }
}
