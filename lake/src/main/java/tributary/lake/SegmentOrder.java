package tributary.lake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The rows of a frozen segment as files want them: by day, device, sensor, time; of rows with one key the last only.
///
/// Linear in rows where each series came in order of time, which is nearly always: rows are counted into their series,
/// and only a series that is out of order is sorted.
final class SegmentOrder {
    static final long DAY_MICROS = 86_400_000_000L;

    private final HotTail tail;
    /// Places of series in file order.
    private final int[] places;
    private final byte[][] device;
    private final byte[][] sensor;

    /// Rows of one day.
    ///
    /// @param day  days since 1970
    /// @param rows the segment's rows in file order
    record Day(int day, int[] rows) {}

    SegmentOrder(HotTail tail) {
        this.tail = tail;
        int count = tail.seriesCount();
        this.device = new byte[count][];
        this.sensor = new byte[count][];
        Integer[] sorted = new Integer[count];
        for (int i = 0; i < count; i++) {
            device[i] = tail.series(i).device().getBytes(StandardCharsets.UTF_8);
            sensor[i] = tail.series(i).sensor.getBytes(StandardCharsets.UTF_8);
            sorted[i] = i;
        }
        // By bytes, as Parquet compares text, and not by UTF-16 units, as Java does.
        Arrays.sort(sorted, (a, b) -> {
            int byDevice = Arrays.compareUnsigned(device[a], device[b]);
            return byDevice != 0 ? byDevice : Arrays.compareUnsigned(sensor[a], sensor[b]);
        });
        this.places = new int[count];
        for (int i = 0; i < count; i++) {
            places[i] = sorted[i];
        }
    }

    /// @return the UTF-8 name of the device of a series' place
    byte[] device(int place) {
        return device[place];
    }

    byte[] sensor(int place) {
        return sensor[place];
    }

    /// @return all rows that remain, a list entry per day, days rising
    List<Day> days() {
        int rows = tail.rows();
        int[] order = counted(rows);
        int kept = 0;
        int from = 0;
        for (int place : places) {
            int to = from;
            while (to < rows && tail.place(order[to]) == place) {
                to++;
            }
            sortRun(order, from, to);
            kept = keepLast(order, from, to, kept);
            from = to;
        }
        return split(order, kept);
    }

    /// Rows series by series, each in order of arrival.
    private int[] counted(int rows) {
        int[] next = new int[places.length];
        for (int row = 0; row < rows; row++) {
            next[tail.place(row)]++;
        }
        int start = 0;
        for (int place : places) {
            int size = next[place];
            next[place] = start;
            start += size;
        }
        int[] order = new int[rows];
        for (int row = 0; row < rows; row++) {
            order[next[tail.place(row)]++] = row;
        }
        return order;
    }

    private void sortRun(int[] order, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (tail.ts(order[i]) < tail.ts(order[i - 1])) {
                sortByTime(order, from, to);
                return;
            }
        }
    }

    /// Stable: of rows of one time the last that arrived stays last.
    private void sortByTime(int[] order, int from, int to) {
        Integer[] run = new Integer[to - from];
        for (int i = from; i < to; i++) {
            run[i - from] = order[i];
        }
        Arrays.sort(run, (a, b) -> Long.compare(tail.ts(a), tail.ts(b)));
        for (int i = from; i < to; i++) {
            order[i] = run[i - from];
        }
    }

    private int keepLast(int[] order, int from, int to, int kept) {
        int end = kept;
        for (int i = from; i < to; i++) {
            if (i + 1 == to || tail.ts(order[i]) != tail.ts(order[i + 1])) {
                order[end++] = order[i];
            }
        }
        return end;
    }

    private List<Day> split(int[] order, int kept) {
        int[] day = new int[kept];
        boolean one = true;
        for (int i = 0; i < kept; i++) {
            day[i] = Math.toIntExact(Math.floorDiv(tail.ts(order[i]), DAY_MICROS));
            one &= day[i] == day[0];
        }
        if (kept == 0) {
            return List.of();
        }
        if (one) {
            return List.of(new Day(day[0], Arrays.copyOf(order, kept)));
        }
        int[] days = Arrays.stream(day).distinct().sorted().toArray();
        int[][] rows = new int[days.length][16];
        int[] count = new int[days.length];
        for (int i = 0; i < kept; i++) {
            int at = Arrays.binarySearch(days, day[i]);
            if (count[at] == rows[at].length) {
                rows[at] = Arrays.copyOf(rows[at], 2 * count[at]);
            }
            rows[at][count[at]++] = order[i];
        }
        List<Day> split = new ArrayList<>();
        for (int i = 0; i < days.length; i++) {
            split.add(new Day(days[i], Arrays.copyOf(rows[i], count[i])));
        }
        return split;
    }
}
