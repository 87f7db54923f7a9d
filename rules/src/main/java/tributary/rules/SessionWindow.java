package tributary.rules;

import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Window;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// One session: from its first message until none came for the gap, or until it is as long as it may be.
final class SessionWindow implements WindowState {
    private final WindowPlan plan;
    private final Window.Session window;
    private @Nullable Bucket bucket;

    SessionWindow(WindowPlan plan, Window.Session window) {
        this.plan = plan;
        this.window = window;
    }

    @Override
    public void add(Entry entry, long clock, Out out) {
        Bucket session = bucket;
        if (session == null) {
            session = new Bucket(plan, entry.time(), 0, entry.order());
            bucket = session;
        }
        session.add(entry);
        long end = entry.time() + window.gapMillis();
        session.end = window.maxMillis() == 0 ? end : Math.min(end, session.start + window.maxMillis());
    }

    @Override
    public long due() {
        return bucket == null ? DueQueue.NEVER : bucket.end;
    }

    @Override
    public long order() {
        return bucket == null ? 0 : bucket.order;
    }

    @Override
    public void fire(long at, Out out) {
        Bucket session = bucket;
        if (session != null && session.end <= at) {
            bucket = null;
            out.row(session, session.start, session.end);
        }
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
        out.flag(bucket != null);
        if (bucket != null) {
            bucket.write(out);
        }
    }

    @Override
    public void read(StateIn in) {
        bucket = in.flag() ? Bucket.read(in, plan) : null;
    }
}
