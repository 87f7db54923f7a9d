package tributary.simulator;

import java.util.List;

/// One value out of several sensors of a device; those without a value at a tick are left out.
final class Joins {
    private Joins() {}

    record Sum(List<Signal> of) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double sum = 0;
            boolean any = false;
            for (Signal signal : of) {
                double value = signal.at(track, tick);
                if (!Double.isNaN(value)) {
                    sum += value;
                    any = true;
                }
            }
            return any ? sum : ABSENT;
        }
    }

    record Mean(List<Signal> of) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double sum = 0;
            int count = 0;
            for (Signal signal : of) {
                double value = signal.at(track, tick);
                if (!Double.isNaN(value)) {
                    sum += value;
                    count++;
                }
            }
            return count == 0 ? ABSENT : sum / count;
        }
    }

    record Max(List<Signal> of) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double max = ABSENT;
            for (Signal signal : of) {
                double value = signal.at(track, tick);
                if (!Double.isNaN(value) && !(value <= max)) {
                    max = value;
                }
            }
            return max;
        }
    }

    /// How many samples back the last value is looked for.
    static final int LATEST_SAMPLES = 100;

    /// The last value of a sensor that has none at this tick.
    ///
    /// @param stepTicks ticks from one sample of the sensor to the next
    /// @param samples   how many of them to look at
    record Latest(Signal of, long stepTicks, int samples) implements Signal {
        @Override
        public double at(Track track, long tick) {
            long newest = Math.floorDiv(tick, stepTicks) * stepTicks;
            for (int i = 0; i < samples; i++) {
                double value = of.at(track, newest - i * stepTicks);
                if (!Double.isNaN(value)) {
                    return value;
                }
            }
            return ABSENT;
        }
    }
}
