package tributary.rules;

import java.util.List;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// One window of one group while it fills: a tally for each aggregate, and what rows show of its last message.
final class Bucket {
    private final List<AggregatePlan> plans;
    private final Tally[] tallies;
    private Object[] captured;
    private Entry.About about = Entry.About.NOBODY;
    private long entries;
    long start;
    long end;
    /// The number of its first message: rows of the same time leave in this order.
    long order;
    /// The row that left last, where rows leave on change.
    Object shown = Missing.UNDEFINED;

    Bucket(WindowPlan plan, long start, long end, long order) {
        this.plans = plan.aggregates();
        this.tallies = new Tally[plans.size()];
        for (int i = 0; i < tallies.length; i++) {
            tallies[i] = new Tally();
        }
        this.captured = Frame.filled(plan.captures().length);
        this.start = start;
        this.end = end;
        this.order = order;
    }

    static Bucket of(Iterable<Entry> entries, WindowPlan plan, long start, long end) {
        Bucket bucket = new Bucket(plan, start, end, 0);
        entries.forEach(bucket::add);
        return bucket;
    }

    void add(Entry entry) {
        if (!entry.passes()) {
            return;
        }
        for (int i = 0; i < tallies.length; i++) {
            plans.get(i).aggregate().add().to(tallies[i], entry.args()[i]);
        }
        captured = entry.captured();
        about = entry.about();
        entries++;
    }

    boolean isEmpty() {
        return entries == 0;
    }

    Object[] results() {
        Object[] results = new Object[tallies.length];
        for (int i = 0; i < results.length; i++) {
            results[i] = plans.get(i).aggregate().result().of(tallies[i]);
        }
        return results;
    }

    Object[] captured() {
        return captured;
    }

    Entry.About about() {
        return about;
    }

    void write(StateOut out) {
        out.number(start).number(end).number(order).number(entries).value(shown).values(captured);
        about.write(out);
        for (Tally tally : tallies) {
            tally.write(out);
        }
    }

    static Bucket read(StateIn in, WindowPlan plan) {
        Bucket bucket = new Bucket(plan, in.number(), in.number(), in.number());
        bucket.entries = in.number();
        bucket.shown = in.value();
        bucket.captured = in.values();
        bucket.about = Entry.About.read(in);
        for (Tally tally : bucket.tallies) {
            tally.read(in);
        }
        return bucket;
    }
}
