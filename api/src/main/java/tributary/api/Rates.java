package tributary.api;

import java.util.ArrayList;
import java.util.List;

/// How fast counters grow, over the last ten seconds. Sampled by the API's watch only; read by anybody.
final class Rates {
    private static final int SAMPLES_MAX = 11;

    /// @param atMillis when
    /// @param messages durable since start
    /// @param readings decoded since start
    record Sample(long atMillis, long messages, long readings) {}

    /// Immutable; replaced by the watch.
    private volatile List<Sample> samples = List.of();

    void sample(Sample sample) {
        List<Sample> more = new ArrayList<>(samples);
        more.add(sample);
        samples = List.copyOf(more.subList(Math.max(0, more.size() - SAMPLES_MAX), more.size()));
    }

    double messagesPerSecond() {
        List<Sample> seen = samples;
        return seen.size() < 2
                ? 0
                : perSecond(seen, seen.getLast().messages() - seen.getFirst().messages());
    }

    double readingsPerSecond() {
        List<Sample> seen = samples;
        return seen.size() < 2
                ? 0
                : perSecond(seen, seen.getLast().readings() - seen.getFirst().readings());
    }

    private static double perSecond(List<Sample> seen, long grown) {
        long millis = seen.getLast().atMillis() - seen.getFirst().atMillis();
        return millis <= 0 ? 0 : Math.round(grown * 10_000.0 / millis) / 10.0;
    }
}
