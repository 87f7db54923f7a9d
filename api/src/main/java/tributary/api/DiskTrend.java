package tributary.api;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/// How long the disk will last if the last hour goes on: a figure to plan with, not an alarm.
///
/// Sampled by the API's watch, read by anybody.
final class DiskTrend {
    private static final long SPACING_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final int SAMPLES_MAX = 61;

    /// Less than this says more of one merge of files than of the hour.
    private static final long SPAN_MILLIS_MIN = Duration.ofMinutes(10).toMillis();

    private static final double DAY_MILLIS = Duration.ofDays(1).toMillis();

    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long atMillis, long freeBytes) {}

    /// @return whether it is time for another sample
    synchronized boolean due(long nowMillis) {
        return samples.isEmpty() || nowMillis - samples.getLast().atMillis() >= SPACING_MILLIS;
    }

    synchronized void sample(long nowMillis, long freeBytes) {
        samples.addLast(new Sample(nowMillis, freeBytes));
        if (samples.size() > SAMPLES_MAX) {
            samples.removeFirst();
        }
    }

    /// @return days until nothing is free; nothing where too little is known, or the disk does not fill
    synchronized OptionalDouble daysLeft() {
        if (samples.isEmpty()) {
            return OptionalDouble.empty();
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        long millis = last.atMillis() - first.atMillis();
        long filled = first.freeBytes() - last.freeBytes();
        return millis < SPAN_MILLIS_MIN || filled <= 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(last.freeBytes() * (millis / DAY_MILLIS) / filled);
    }
}
