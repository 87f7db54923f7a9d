package tributary.rules;

import org.jspecify.annotations.Nullable;
import tributary.rules.value.Compare;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// With one expression: messages as long as it keeps its value; the message that changes it opens the next
/// window. With two: from the message that makes the first true to the one that makes the second true, both
/// included.
final class StateWindow implements WindowState {
    private final WindowPlan plan;
    private @Nullable Bucket bucket;
    private Object value = Missing.UNDEFINED;

    StateWindow(WindowPlan plan) {
        this.plan = plan;
    }

    @Override
    public void add(Entry entry, long clock, Out out) {
        Object begin = entry.state()[0];
        Bucket open = bucket;
        if (plan.stateEnd() == null) {
            if (begin == Missing.UNDEFINED) {
                return;
            }
            if (open != null && !Compare.same(begin, value)) {
                bucket = null;
                out.row(open, open.start, entry.time());
                open = null;
            }
            value = begin;
        } else if (open == null && begin != Boolean.TRUE) {
            return;
        }
        if (open == null) {
            open = new Bucket(plan, entry.time(), 0, entry.order());
            bucket = open;
        }
        open.add(entry);
        open.end = entry.time();
        if (plan.stateEnd() != null && entry.state()[1] == Boolean.TRUE) {
            bucket = null;
            out.row(open, open.start, open.end);
        }
    }

    @Override
    public long due() {
        return DueQueue.NEVER;
    }

    @Override
    public long order() {
        return bucket == null ? 0 : bucket.order;
    }

    @Override
    public void fire(long at, Out out) {
        // messages close these windows, not time
    }

    @Override
    public boolean isEmpty() {
        return bucket == null;
    }

    @Override
    public boolean takes(long time, long clock) {
        return false;
    }

    @Override
    public void open(Out out) {
        if (bucket != null) {
            out.row(bucket, bucket.start, bucket.end);
        }
    }

    @Override
    public void write(StateOut out) {
        out.value(value).flag(bucket != null);
        if (bucket != null) {
            bucket.write(out);
        }
    }

    @Override
    public void read(StateIn in) {
        value = in.value();
        bucket = in.flag() ? Bucket.read(in, plan) : null;
    }
}
