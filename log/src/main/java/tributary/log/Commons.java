package tributary.log;

import java.util.concurrent.atomic.LongAdder;

/// What the partitions of a log share.
record Commons(Backlog backlog, Tide tide, Counters counters, DamageList damage) {
    /// Figures since start.
    static final class Counters {
        private final LongAdder appended = new LongAdder();
        private final LongAdder refused = new LongAdder();
        private final LongAdder flushes = new LongAdder();
        private final LongAdder flushMicros = new LongAdder();

        void appended(int count) {
            appended.add(count);
        }

        void refused(int count) {
            refused.add(count);
        }

        void flushed(long micros) {
            flushes.increment();
            flushMicros.add(micros);
        }

        Log.LogStats stats(long bytes, long pendingBytes) {
            return new Log.LogStats(
                    appended.sum(), refused.sum(), bytes, pendingBytes, flushes.sum(), flushMicros.sum());
        }
    }
}
