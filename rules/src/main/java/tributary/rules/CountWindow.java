package tributary.rules;

import java.util.ArrayDeque;
import java.util.Deque;
import tributary.rules.syntax.Window;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// The last so many messages: looked at when there are enough, then after each step. All that pass FILTER
/// count; WHERE chooses which of them the row is made of.
final class CountWindow implements WindowState {
    private final WindowPlan plan;
    private final Window.Count window;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long seen;

    CountWindow(WindowPlan plan, Window.Count window) {
        this.plan = plan;
        this.window = window;
    }

    @Override
    public void add(Entry entry, long clock, Out out) {
        entries.addLast(entry);
        if (entries.size() > window.size()) {
            entries.removeFirst();
        }
        seen++;
        if (seen >= window.size() && (seen - window.size()) % window.step() == 0) {
            show(out);
            if (window.step() == window.size()) {
                entries.clear();
                seen = 0;
            }
        }
    }

    private void show(Out out) {
        if (!entries.isEmpty()) {
            long start = entries.getFirst().time();
            long end = entries.getLast().time();
            Bucket bucket = Bucket.of(entries, plan, start, end);
            if (!bucket.isEmpty()) {
                out.row(bucket, start, end);
            }
        }
    }

    @Override
    public long due() {
        return DueQueue.NEVER;
    }

    @Override
    public long order() {
        return entries.isEmpty() ? 0 : entries.getFirst().order();
    }

    @Override
    public void fire(long at, Out out) {
        // messages close these windows, not time
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
        show(out);
    }

    @Override
    public void write(StateOut out) {
        out.number(seen).number(entries.size());
        entries.forEach(entry -> entry.write(out));
    }

    @Override
    public void read(StateIn in) {
        seen = in.number();
        int size = in.count();
        for (int i = 0; i < size; i++) {
            entries.addLast(Entry.read(in));
        }
    }
}
