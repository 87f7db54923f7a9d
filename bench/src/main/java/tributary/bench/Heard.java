package tributary.bench;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What one subscriber heard of one stream: how much, in which order, what twice, what not. One thread.
final class Heard {
    /// Gaps that are remembered; beyond that the oldest counts as missing for good.
    private static final int GAPS_MAX = 10_000;

    /// First missing number to first number behind the gap; null while nothing was ever missing.
    private @Nullable TreeMap<Long, Long> gaps;

    private long next;
    private long distinct;
    private long duplicates;
    private long late;

    /// @return the number behind the highest that came so far
    long next() {
        return next;
    }

    /// @return how many different messages came
    long distinct() {
        return distinct;
    }

    /// @return how many came again
    long duplicates() {
        return duplicates;
    }

    /// @return how many came behind one with a higher number
    long late() {
        return late;
    }

    /// @param sent how many there are in all
    long missing(long sent) {
        return sent - distinct;
    }

    void arrived(long number) {
        if (number == next) {
            next++;
            distinct++;
        } else if (number > next) {
            remember(next, number);
            next = number + 1;
            distinct++;
        } else if (fill(number)) {
            distinct++;
            late++;
        } else {
            duplicates++;
        }
    }

    private void remember(long from, long to) {
        TreeMap<Long, Long> known = gaps == null ? new TreeMap<>() : gaps;
        gaps = known;
        known.put(from, to);
        if (known.size() > GAPS_MAX) {
            known.pollFirstEntry();
        }
    }

    private boolean fill(long number) {
        TreeMap<Long, Long> known = gaps;
        Map.Entry<Long, Long> gap = known == null ? null : known.floorEntry(number);
        if (known == null || gap == null || number >= gap.getValue()) {
            return false;
        }
        known.remove(gap.getKey());
        if (gap.getKey() < number) {
            known.put(gap.getKey(), number);
        }
        if (number + 1 < gap.getValue()) {
            known.put(number + 1, gap.getValue());
        }
        return true;
    }
}
