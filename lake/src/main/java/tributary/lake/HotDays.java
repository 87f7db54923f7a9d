package tributary.lake;

import java.util.Arrays;

/// The days of a segment's rows, grown by the lake's thread and asked by all.
///
/// A day is added before its first row is published, so whoever sees a row finds its day.
final class HotDays {
    /// Readings of more days than these are rare; then any day may be one of them.
    private static final int DAYS_MAX = 1_000;

    private volatile int[] days = new int[0];
    private volatile boolean any;
    /// Where the day of the last row begins; of the lake's thread.
    private long lastMicros = Long.MIN_VALUE;

    void add(long tsMicros) {
        long since = tsMicros - lastMicros;
        if (since < 0 || since >= SegmentOrder.DAY_MICROS) {
            long day = Math.floorDiv(tsMicros, SegmentOrder.DAY_MICROS);
            lastMicros = day * SegmentOrder.DAY_MICROS;
            add(Math.toIntExact(day));
        }
    }

    private void add(int day) {
        int[] now = days;
        int at = Arrays.binarySearch(now, day);
        if (at >= 0 || any) {
            return;
        }
        if (now.length == DAYS_MAX) {
            any = true;
            return;
        }
        int[] more = new int[now.length + 1];
        int before = -at - 1;
        System.arraycopy(now, 0, more, 0, before);
        more[before] = day;
        System.arraycopy(now, before, more, before + 1, now.length - before);
        days = more;
    }

    /// @return whether a row may be of the day, in days since 1970
    boolean has(int day) {
        return any || Arrays.binarySearch(days, day) >= 0;
    }
}
