package tributary.lake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.registry.Sensors;

/// The sensors of one device.
///
/// Only the lake's thread adds to it; it does so, and changes newest values, under the lock of this object, so that
/// others who hold it see whole messages.
final class DeviceSeries {
    /// Up to so many sensors are found by looking at each; the decoder shares names, so most looks are one `==`.
    private static final int SCANNED_MAX = 12;

    /// The mean is of about so many gaps, and is not told before there were [#GAPS_KNOWN].
    private static final int GAPS = 8;
    private static final int GAPS_KNOWN = 3;
    private static final long GAP_MAX = 16;

    private final String device;
    private Series[] all = new Series[4];
    private int count;
    private @Nullable Map<String, Series> byName;

    /// When the newest message came, 0 where none did since the start.
    private long heardMicros;
    private long intervalMicros;
    private int gaps;

    DeviceSeries(String device) {
        this.device = device;
    }

    String device() {
        return device;
    }

    /// @return the sensor's series, or null where it is not known yet; for the lake's thread
    @Nullable
    Series find(String sensor) {
        if (byName != null) {
            return byName.get(sensor);
        }
        for (int i = 0; i < count; i++) {
            if (all[i].sensor == sensor) { // the decoder shares names: this is the usual case
                return all[i];
            }
        }
        for (int i = 0; i < count; i++) {
            if (all[i].sensor.equals(sensor)) {
                return all[i];
            }
        }
        return null;
    }

    synchronized Series add(String sensor, Sensors.Kind kind) {
        Series added = new Series(this, sensor, kind);
        if (count == all.length) {
            all = Arrays.copyOf(all, 2 * count);
        }
        all[count++] = added;
        if (byName != null) {
            byName.put(sensor, added);
        } else if (count > SCANNED_MAX) {
            byName = new HashMap<>();
            for (int i = 0; i < count; i++) {
                byName.put(all[i].sensor, all[i]);
            }
        }
        return added;
    }

    /// Forgets newest values, for those that files still have; for the lake's thread.
    ///
    /// @return how many series are no more
    synchronized int forget(Forgetting.Which which) {
        long before = which.before().applyAsLong(device);
        Series[] kept = Arrays.stream(all, 0, count)
                .filter(series -> series.position >= before
                        || which.left().containsKey(Forgetting.Which.key(device, series.sensor)))
                .toArray(Series[]::new);
        for (Series series : kept) {
            Lake.LatestValue left = which.left().get(Forgetting.Which.key(device, series.sensor));
            if (left != null && series.position < before) {
                series.newestTs = Long.MIN_VALUE;
                series.newest(left.tsMicros(), left.value(), left.text(), left.receivedMicros(), -1);
            }
        }
        return keep(kept);
    }

    /// Takes newest values from files, and from rows that are in none yet in the order in which they came; for the
    /// lake's thread.
    ///
    /// @return how many series are no more, because neither has one
    synchronized int renew(Map<String, Lake.LatestValue> left, Map<Series, List<HotTail.Row>> hot) {
        for (Series series : all()) {
            series.newestTs = Long.MIN_VALUE;
            Lake.LatestValue filed = left.get(Forgetting.Which.key(device, series.sensor));
            if (filed != null) {
                series.newest(filed.tsMicros(), filed.value(), filed.text(), filed.receivedMicros(), -1);
            }
            for (HotTail.Row row : hot.getOrDefault(series, List.of())) {
                series.newest(row.ts(), row.value(), row.text(), row.receivedMicros(), row.position());
            }
        }
        return keep(Arrays.stream(all, 0, count)
                .filter(series -> series.newestTs != Long.MIN_VALUE)
                .toArray(Series[]::new));
    }

    /// @return how many are no more
    private int keep(Series[] kept) {
        int forgotten = count - kept.length;
        all = Arrays.copyOf(kept, Math.max(4, kept.length));
        count = kept.length;
        byName = null;
        if (count > SCANNED_MAX) {
            byName = new HashMap<>();
            for (Series series : kept) {
                byName.put(series.sensor, series);
            }
        }
        return forgotten;
    }

    /// @return the sensors so far
    synchronized List<Series> all() {
        return List.of(Arrays.copyOf(all, count));
    }

    /// A message came. What usually lies between two is the mean of the last few gaps, in which one long silence weighs
    /// no more than [#GAP_MAX] usual ones; for the lake's thread, which holds the lock.
    void heard(long receivedMicros) {
        long gap = receivedMicros - heardMicros;
        if (heardMicros != 0 && gap >= 0) {
            long counted = gaps < GAPS ? gap : Math.min(gap, GAP_MAX * Math.max(1, intervalMicros));
            gaps = Math.min(GAPS, gaps + 1);
            intervalMicros += (counted - intervalMicros) / gaps;
        }
        heardMicros = Math.max(heardMicros, receivedMicros);
    }

    /// @return null where nothing is known of the device
    synchronized Lake.@Nullable Rhythm rhythm() {
        long last = heardMicros;
        for (int i = 0; i < count && heardMicros == 0; i++) {
            last = Math.max(last, all[i].receivedMicros);
        }
        return last == 0
                ? null
                : new Lake.Rhythm(new DeviceId(device), last, gaps < GAPS_KNOWN ? 0 : Math.max(1, intervalMicros));
    }

    synchronized List<Lake.LatestValue> latest() {
        DeviceId id = new DeviceId(device);
        List<Lake.LatestValue> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Series s = all[i];
            if (s.newestTs != Long.MIN_VALUE) {
                values.add(new Lake.LatestValue(id, s.sensor, s.newestTs, s.value, s.text, s.receivedMicros));
            }
        }
        return values;
    }
}
