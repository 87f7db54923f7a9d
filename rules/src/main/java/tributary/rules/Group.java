package tributary.rules;

import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// The windows of one group, and with event time what waits to enter them.
///
/// In event time the group has a clock of its own: the least watermark of the devices that send to it. Messages
/// wait until that has passed them and then enter in the order of their time. A device that fell silent holds
/// nobody up.
final class Group extends DueQueue.Timed {
    private static final Comparator<Entry> BY_TIME =
            Comparator.comparingLong(Entry::time).thenComparingLong(Entry::order);
    private static final Comparator<Mark> BY_MARK = Comparator.comparingLong(Mark::mark);
    /// Groups that go by arrival share these, for there may be many: nothing ever waits in them.
    private static final PriorityQueue<Entry> NO_ENTRIES = new PriorityQueue<>(1, BY_TIME);
    private static final PriorityQueue<Mark> NO_MARKS = new PriorityQueue<>(1, BY_MARK);

    private final WindowPlan plan;
    private final Watermarks marks;
    final Object key;
    final WindowState windows;
    private final PriorityQueue<Entry> waiting;
    private final PriorityQueue<Mark> devices;
    private final Set<String> active;
    private long clock = Long.MIN_VALUE;
    private long nextEvery = DueQueue.NEVER;

    /// What a device's watermark was when last looked at.
    private record Mark(long mark, String device) {}

    Group(Object key, WindowPlan plan, Watermarks marks) {
        this.key = key;
        this.plan = plan;
        this.marks = marks;
        this.windows = plan.fresh();
        this.waiting = plan.eventTime() ? new PriorityQueue<>(BY_TIME) : NO_ENTRIES;
        this.devices = plan.eventTime() ? new PriorityQueue<>(BY_MARK) : NO_MARKS;
        this.active = plan.eventTime() ? new HashSet<>() : Set.of();
    }

    /// A message whose time is its arrival.
    void arrive(Entry entry, WindowState.Out out) {
        windows.add(entry, clock, out);
        every(entry.time());
    }

    private void every(long now) {
        long step = plan.emit().everyMillis();
        if (step > 0 && nextEvery == DueQueue.NEVER && !windows.isEmpty()) {
            nextEvery = (Math.floorDiv(now, step) + 1) * step;
        }
    }

    /// Whether a message's windows have closed already.
    boolean tooLate(Entry entry) {
        return entry.time() < clock && !windows.takes(entry.time(), clock);
    }

    long clock() {
        return clock;
    }

    /// A message with a time of its own.
    void enter(Entry entry, WindowState.Out out) {
        if (entry.time() < clock) {
            windows.add(entry, clock, out);
        } else {
            Limits.rows(waiting.size(), plan.options().limits(), "messages that wait for their watermark");
            waiting.add(entry);
        }
        if (active.add(entry.about().device())) {
            devices.add(new Mark(Long.MIN_VALUE, entry.about().device()));
        }
    }

    /// Lets in what the watermark has passed, and closes what it has passed.
    void advance(long now, WindowState.Out out) {
        long mark = watermark(now);
        if (mark == DueQueue.NEVER) {
            drain(out);
            return;
        }
        while (!waiting.isEmpty() && waiting.peek().time() <= mark) {
            letIn(out);
        }
        fireUntil(mark, out);
        clock = Math.max(clock, mark);
    }

    private void letIn(WindowState.Out out) {
        Entry entry = waiting.poll();
        fireUntil(entry.time(), out);
        windows.add(entry, Long.MIN_VALUE, out);
        clock = Math.max(clock, entry.time());
        every(entry.time());
    }

    private void drain(WindowState.Out out) {
        while (!waiting.isEmpty()) {
            letIn(out);
        }
        while (windows.due() != DueQueue.NEVER) {
            long due = windows.due();
            fireUntil(due, out);
            clock = Math.max(clock, due);
        }
        nextEvery = DueQueue.NEVER;
    }

    private void fireUntil(long time, WindowState.Out out) {
        while (Math.min(windows.due(), nextEvery) <= time) {
            step(Math.min(windows.due(), nextEvery), out);
        }
    }

    /// The least watermark of the devices that are not silent, or [DueQueue#NEVER] where all are.
    private long watermark(long now) {
        while (!devices.isEmpty()) {
            Mark least = devices.peek();
            if (marks.idleAt(least.device()) <= now) {
                devices.poll();
                active.remove(least.device());
                continue;
            }
            long mark = marks.mark(least.device());
            if (mark == least.mark()) {
                return mark;
            }
            devices.poll();
            devices.add(new Mark(mark, least.device()));
        }
        return DueQueue.NEVER;
    }

    @Override
    long due() {
        if (!plan.eventTime()) {
            return Math.min(windows.due(), nextEvery);
        }
        boolean nothing = waiting.isEmpty() && windows.due() == DueQueue.NEVER;
        return nothing || devices.isEmpty()
                ? DueQueue.NEVER
                : marks.idleAt(devices.peek().device());
    }

    @Override
    long order() {
        return windows.order();
    }

    /// What the clock of the stream brings about.
    void fire(long at, WindowState.Out out) {
        if (plan.eventTime()) {
            advance(at, out);
        } else {
            step(at, out);
        }
    }

    private void step(long at, WindowState.Out out) {
        if (windows.due() <= at) {
            windows.fire(at, out);
        } else if (nextEvery <= at) {
            // First the time, then the rows: a row that fails must not come back for ever.
            nextEvery += plan.emit().everyMillis();
            windows.open(out);
        }
        if (windows.isEmpty()) {
            nextEvery = DueQueue.NEVER;
        }
    }

    /// Whether nothing is lost when the group is forgotten.
    boolean forgettable() {
        return windows.isEmpty() && waiting.isEmpty() && active.isEmpty();
    }

    void write(StateOut out) {
        windows.write(out);
        out.number(clock).number(nextEvery).number(waiting.size());
        waiting.stream().sorted(BY_TIME).forEach(entry -> entry.write(out));
        out.number(active.size());
        active.stream().sorted().forEach(out::text);
    }

    void read(StateIn in) {
        windows.read(in);
        clock = in.number();
        nextEvery = in.number();
        int size = in.count();
        for (int i = 0; i < size; i++) {
            waiting.add(Entry.read(in));
        }
        int senders = in.count();
        for (int i = 0; i < senders; i++) {
            String device = in.text();
            active.add(device);
            devices.add(new Mark(marks.mark(device), device));
        }
    }
}
