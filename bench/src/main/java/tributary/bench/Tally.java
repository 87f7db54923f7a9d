package tributary.bench;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// What one event loop counted; written by its thread only, read by others after a hand-over.
final class Tally {
    private static final long LATENCY_MAX_NANOS = 120_000_000_000L;
    private static final int REASONS_MAX = 50;

    long sent;
    long acknowledged;
    long refused;
    long measured;
    long lastAnswerNanos;
    int lost;
    final Histogram latencyNanos = new Histogram(1000, LATENCY_MAX_NANOS, 3);
    final Map<String, Long> reasons = new TreeMap<>();

    void latency(long nanos) {
        latencyNanos.recordValue(Math.clamp(nanos, 0, LATENCY_MAX_NANOS));
    }

    void reason(String why) {
        if (reasons.size() < REASONS_MAX || reasons.containsKey(why)) {
            reasons.merge(why, 1L, Long::sum);
        } else {
            reasons.merge("other reasons", 1L, Long::sum);
        }
    }

    void add(Tally other) {
        sent += other.sent;
        acknowledged += other.acknowledged;
        refused += other.refused;
        measured += other.measured;
        lastAnswerNanos = Math.max(lastAnswerNanos, other.lastAnswerNanos);
        lost += other.lost;
        latencyNanos.add(other.latencyNanos);
        other.reasons.forEach((why, count) -> reasons.merge(why, count, Long::sum));
    }
}
