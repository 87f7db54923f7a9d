package tributary.rules.syntax;

import java.util.Locale;

/// Units of time as rules write them.
public final class Durations {
    /// Ten years in milliseconds: the longest duration of a rule.
    public static final long MAX = 3660L * 86_400_000;

    private Durations() {}

    /// @return milliseconds of one `unit` (`s`, `ss`, `second`, `seconds`), or 0 where it is no unit
    public static long millis(String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "ms", "millisecond", "milliseconds" -> 1;
            case "s", "ss", "sec", "second", "seconds" -> 1000;
            case "m", "mi", "min", "minute", "minutes" -> 60_000;
            case "h", "hh", "hour", "hours" -> 3_600_000;
            case "d", "dd", "day", "days" -> 86_400_000;
            case "w", "week", "weeks" -> 7 * 86_400_000L;
            default -> 0;
        };
    }
}
