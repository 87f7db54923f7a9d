package tributary.rules;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/// Where spans of time begin: those of whole days with the day of a zone, weeks on Mondays, others counted from
/// 1970.
final class Calendar {
    private static final long DAY = 86_400_000;
    private static final int WEEK_DAYS = 7;
    /// 1970 began on a Thursday.
    private static final int TO_MONDAY = 3;

    private Calendar() {}

    /// @return whether spans go by days
    static boolean days(long size) {
        return size % DAY == 0;
    }

    /// @return where the span of `size` begins that `millis` is in
    static long start(long millis, long size, long offset, ZoneId zone) {
        return start(millis, size, offset, zone, days(size));
    }

    /// @param days whether spans begin with the day of the zone
    static long start(long millis, long size, long offset, ZoneId zone, boolean days) {
        if (!days) {
            return Math.floorDiv(millis - offset, size) * size + offset;
        }
        long count = size / DAY;
        int shift = count % WEEK_DAYS == 0 ? TO_MONDAY : 0;
        long day =
                Instant.ofEpochMilli(millis - offset).atZone(zone).toLocalDate().toEpochDay();
        return midnight(Math.floorDiv(day + shift, count) * count - shift, zone) + offset;
    }

    /// @return where a span ends that begins at `start`: days that daylight saving shortens or stretches are
    ///         whole
    static long end(long start, long size, long offset, ZoneId zone, boolean days) {
        if (!days) {
            return start + size;
        }
        long day =
                Instant.ofEpochMilli(start - offset).atZone(zone).toLocalDate().toEpochDay();
        return midnight(day + size / DAY, zone) + offset;
    }

    /// @return the start that lies `size` before another
    static long before(long start, long size, long offset, ZoneId zone, boolean days) {
        if (!days) {
            return start - size;
        }
        long day =
                Instant.ofEpochMilli(start - offset).atZone(zone).toLocalDate().toEpochDay();
        return midnight(day - size / DAY, zone) + offset;
    }

    private static long midnight(long epochDay, ZoneId zone) {
        return LocalDate.ofEpochDay(epochDay).atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
