package tributary.bench;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/// A past that can be made again anywhere: devices with five sensors each, read at the same even steps. A value is a
/// function of device, sensor and step alone: a slow wave, a little noise, two digits behind the point.
///
/// @param prefix      of the devices' names
/// @param devices     how many
/// @param startMillis of the first step, epoch milliseconds
/// @param stepMillis  from one step to the next
/// @param steps       how many
public record History(String prefix, int devices, long startMillis, long stepMillis, long steps) {
    /// Sensors of every device.
    public static final List<String> SENSORS = List.of("flow", "level", "pressure", "temperature", "vibration");

    private static final int WAVE = 4096;
    private static final int[] SINE = IntStream.range(0, WAVE)
            .map(i -> (int) Math.round(5000 * Math.sin(2 * Math.PI * i / WAVE)))
            .toArray();

    public History {
        Objects.requireNonNull(prefix, "prefix");
    }

    /// @return what the device, from 0, is called
    public String device(int device) {
        return String.format(Locale.ROOT, "%s%05d", prefix, device);
    }

    public long millis(long step) {
        return startMillis + step * stepMillis;
    }

    /// @return when the step after the last one would be, epoch milliseconds
    public long endMillis() {
        return millis(steps);
    }

    /// @return readings of all devices, sensors and steps
    public long readings() {
        return devices * steps * SENSORS.size();
    }

    /// @return one more device, a step a second, of the day before
    public History dayBefore() {
        long day = 86_400_000;
        return new History(prefix + "long-", 1, startMillis - day, 1000, day / 1000);
    }

    /// @return the same device, a step in five minutes, of the year before that day
    public History yearBefore() {
        History day = dayBefore();
        long steps = 365L * 24 * 12;
        return new History(day.prefix, 1, day.startMillis - steps * 300_000, 300_000, steps);
    }

    /// @param sensor from 0
    /// @return the value in hundredths, 10,000 to 99,999, so that it always has the same number of digits
    public static int hundredths(int device, int sensor, long step) {
        int series = device * SENSORS.size() + sensor;
        int centre = 20_000 + series * 7919 % 70_000;
        int phase = series * 997;
        long noise = (step * 0x9E3779B97F4A7C15L ^ series * 0xC2B2AE3D27D4EB4FL) >>> 59;
        return Math.clamp(centre + SINE[(int) ((step / 8 + phase) % WAVE)] + (int) noise - 16, 10_000, 99_999);
    }
}
