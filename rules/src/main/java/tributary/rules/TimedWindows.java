package tributary.rules;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import tributary.rules.syntax.Window;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// Windows at fixed times: tumbling, hopping and cumulating. Open ones by their end, then their start.
final class TimedWindows implements WindowState {
    private final WindowPlan plan;
    private final ZoneId zone;
    private final boolean days;
    private final List<Bucket> buckets = new ArrayList<>(1);

    TimedWindows(WindowPlan plan) {
        this.plan = plan;
        this.zone = plan.options().zone();
        this.days = switch (plan.window()) {
            case Window.Hopping w -> Calendar.days(w.sizeMillis()) && Calendar.days(w.hopMillis());
            case Window.Cumulate w -> Calendar.days(w.maxMillis());
            default -> false;
        };
    }

    @Override
    public void add(Entry entry, long clock, Out out) {
        if (plan.window() instanceof Window.Cumulate w) {
            long start = Calendar.start(entry.time(), w.maxMillis(), 0, zone, days);
            long last = Calendar.end(start, w.maxMillis(), 0, zone, days);
            long steps = Math.floorDiv(entry.time() - start, w.stepMillis()) + 1;
            for (long end = start + steps * w.stepMillis(); ; end += w.stepMillis()) {
                bucket(start, Math.min(end, last), clock, entry);
                if (end >= last) {
                    break;
                }
            }
        } else if (plan.window() instanceof Window.Hopping w) {
            long start = Calendar.start(entry.time(), w.hopMillis(), w.offsetMillis(), zone, days);
            long end = Calendar.end(start, w.sizeMillis(), w.offsetMillis(), zone, days);
            while (end > entry.time()) {
                bucket(start, end, clock, entry);
                start = Calendar.before(start, w.hopMillis(), w.offsetMillis(), zone, days);
                end = Calendar.end(start, w.sizeMillis(), w.offsetMillis(), zone, days);
            }
        }
    }

    private void bucket(long start, long end, long clock, Entry entry) {
        if (end <= clock) {
            return;
        }
        int at = 0;
        while (at < buckets.size()
                && (buckets.get(at).end < end || buckets.get(at).end == end && buckets.get(at).start < start)) {
            at++;
        }
        if (at == buckets.size() || buckets.get(at).end != end || buckets.get(at).start != start) {
            buckets.add(at, new Bucket(plan, start, end, entry.order()));
        }
        buckets.get(at).add(entry);
    }

    @Override
    public long due() {
        return buckets.isEmpty() ? DueQueue.NEVER : buckets.getFirst().end;
    }

    @Override
    public long order() {
        return buckets.isEmpty() ? 0 : buckets.getFirst().order;
    }

    @Override
    public void fire(long at, Out out) {
        if (!buckets.isEmpty() && buckets.getFirst().end <= at) {
            Bucket closed = buckets.removeFirst();
            out.row(closed, closed.start, closed.end);
        }
    }

    @Override
    public boolean isEmpty() {
        return buckets.isEmpty();
    }

    @Override
    public boolean takes(long time, long clock) {
        if (plan.window() instanceof Window.Hopping w) {
            long start = Calendar.start(time, w.hopMillis(), w.offsetMillis(), zone, days);
            return Calendar.end(start, w.sizeMillis(), w.offsetMillis(), zone, days) > clock;
        }
        if (plan.window() instanceof Window.Cumulate w) {
            return Calendar.end(Calendar.start(time, w.maxMillis(), 0, zone, days), w.maxMillis(), 0, zone, days)
                    > clock;
        }
        return false;
    }

    @Override
    public void open(Out out) {
        List.copyOf(buckets).forEach(bucket -> out.row(bucket, bucket.start, bucket.end));
    }

    @Override
    public void write(StateOut out) {
        out.number(buckets.size());
        buckets.forEach(bucket -> bucket.write(out));
    }

    @Override
    public void read(StateIn in) {
        int size = in.count();
        for (int i = 0; i < size; i++) {
            buckets.add(Bucket.read(in, plan));
        }
    }
}
