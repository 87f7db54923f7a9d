package tributary.rules;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// What is due at some time, earliest first; of the same time the lower order first.
///
/// Each thing stands in it once, at its time or earlier: a time that moves on costs nothing until the old one
/// comes.
final class DueQueue<T extends DueQueue.Timed> {
    /// Never.
    static final long NEVER = Long.MAX_VALUE;

    private final PriorityQueue<Entry<T>> entries = new PriorityQueue<>();

    /// Something with a time.
    abstract static class Timed {
        @Nullable
        Entry<?> queued;

        /// @return when, or [#NEVER]
        abstract long due();

        /// @return which of those due at the same time is first
        abstract long order();
    }

    record Entry<T>(long due, long order, T timed) implements Comparable<Entry<T>> {
        @Override
        public int compareTo(Entry<T> other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /// Takes note that a thing may be due earlier than before.
    void refresh(T timed) {
        long due = timed.due();
        if (due == NEVER) {
            return;
        }
        Entry<T> entry = new Entry<>(due, timed.order(), timed);
        Entry<?> queued = timed.queued;
        if (queued == null || due < queued.due() || due == queued.due() && entry.order() < queued.order()) {
            timed.queued = entry;
            entries.add(entry);
        }
    }

    /// @return what is due next, or null; its time is its own `due()`
    @Nullable
    T first() {
        while (true) {
            Entry<T> entry = entries.peek();
            if (entry == null) {
                return null;
            }
            T timed = entry.timed();
            if (timed.queued == entry && timed.due() == entry.due() && timed.order() == entry.order()) {
                return timed;
            }
            entries.poll();
            if (timed.queued == entry) {
                timed.queued = null;
                refresh(timed);
            }
        }
    }

    /// @return when the first is due, or [#NEVER]
    long due() {
        T first = first();
        return first == null ? NEVER : first.due();
    }
}
