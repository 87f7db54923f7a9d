package tributary.simulator;

import java.util.List;

/// Where values come from. Each is a function of the device's key and the tick; none reads a clock.
final class Generators {
    private static final double DAY_SECONDS = 86_400;

    private Generators() {}

    record Constant(double value) implements Signal {
        @Override
        public double at(Track track, long tick) {
            return value;
        }
    }

    /// @param wrap the counter begins anew when it has grown by so much; 0: never
    record Counter(double start, double step, double wrap) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double grown = tick * step;
            return start + (wrap == 0 ? grown : grown - wrap * StrictMath.floor(grown / wrap));
        }
    }

    /// @param phase part of a period that it is ahead
    record Wave(double mean, double amplitude, double periodSeconds, double phase) {}

    /// @param spread whether each device has a phase of its own on top
    record Sine(long salt, Wave wave, boolean spread) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double turns = tick * track.tickSeconds() / wave.periodSeconds() + wave.phase();
            turns += spread ? Chance.unit(track.key(salt), 0) : 0;
            return wave.mean() + wave.amplitude() * StrictMath.sin(2 * Math.PI * (turns - StrictMath.floor(turns)));
        }
    }

    record Normal(long salt, double mean, double deviation) implements Signal {
        @Override
        public double at(Track track, long tick) {
            return mean + deviation * Chance.normal(track.key(salt), tick);
        }
    }

    /// Events that happen by themselves: how many fell into this tick.
    ///
    /// @param perHour how many there are on average
    record Poisson(long salt, double perHour) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double mean = perHour * track.tickSeconds() / 3600;
            if (mean > 30) {
                double about = mean + StrictMath.sqrt(mean) * Chance.normal(track.key(salt), tick);
                return Math.max(0, Math.rint(about));
            }
            double left = Chance.unit(track.key(salt), tick);
            double chance = StrictMath.exp(-mean);
            int count = 0;
            while (left >= chance && count < 200) {
                left -= chance;
                count++;
                chance *= mean / count;
            }
            return count;
        }
    }

    /// Warm after noon, cold before dawn, and no day like the other.
    ///
    /// @param swing    from the mean to the day's warmest
    /// @param peakHour of the day in UTC when it is warmest
    /// @param weather  deviation of a day's mean from the long-run mean
    record Diurnal(long salt, double mean, double swing, double peakHour, double weather) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double days = tick * track.tickSeconds() / DAY_SECONDS;
            double turns = days - peakHour / 24;
            double wave = StrictMath.cos(2 * Math.PI * (turns - StrictMath.floor(turns)));
            return mean + swing * wave + weather * Chance.smooth(track.key(salt), days);
        }
    }

    /// A heart at rest, asleep, breathing, and now and then at work.
    ///
    /// @param resting mean of the resting rate over people; each has its own within ±10
    /// @param peak    what work may bring it to
    record HeartRate(long salt, double resting, double peak) implements Signal {
        private static final double EPISODE_SECONDS = 1200;
        private static final double WORK_SHARE = 0.12;

        @Override
        public double at(Track track, long tick) {
            long key = track.key(salt);
            double seconds = tick * track.tickSeconds();
            double own = resting + 20 * (Chance.unit(key, -1) - 0.5);
            double hours = seconds / 3600 + 3 * (Chance.unit(key, -2) - 0.5);
            double sleep = -6 * Math.max(0, StrictMath.cos(2 * Math.PI * (hours - 3) / 24));
            double breath = 2.2 * StrictMath.sin(2 * Math.PI * seconds / (3.6 + 1.2 * Chance.unit(key, -3)));
            double mood = 3.5 * Chance.smooth(key ^ 0x51, seconds / 45) + 2 * Chance.smooth(key ^ 0x52, seconds / 300);
            long episode = (long) StrictMath.floor(seconds / EPISODE_SECONDS);
            double work = 0;
            if (Chance.unit(key ^ 0x53, episode) < WORK_SHARE) {
                double part = seconds / EPISODE_SECONDS - episode;
                double effort = StrictMath.sin(Math.PI * part);
                work = (peak - own) * (0.45 + 0.5 * Chance.unit(key ^ 0x54, episode)) * effort * effort;
            }
            return own + sleep + breath + mood + work + 0.8 * Chance.normal(key ^ 0x55, tick);
        }
    }

    /// On or off, for a while each.
    ///
    /// @param share of the time that it is on
    record Switch(long salt, double share, double dwellSeconds) implements Signal {
        @Override
        public double at(Track track, long tick) {
            long key = track.key(salt);
            double slots = tick * track.tickSeconds() / dwellSeconds + Chance.unit(key, -1);
            return Chance.unit(key ^ 0x77, (long) StrictMath.floor(slots)) < share ? 1 : 0;
        }
    }

    /// A walk whose steps are random and which stays between two limits.
    ///
    /// It is built from coarse to fine (a Brownian bridge): random points every 2^20 ticks, then the middle of
    /// each piece moved by chance, twenty times over. Neighbouring ticks so differ as in a walk taken step by
    /// step, and yet any tick is computed from twenty draws; the ends of the current piece of 64 ticks are
    /// remembered.
    ///
    /// @param slot where the track keeps three longs for it
    record Walk(long salt, int slot, double step, double min, double max) implements Signal {
        private static final int TOP_LEVEL = 20;
        private static final int KEPT_LEVEL = 6;

        @Override
        public double at(Track track, long tick) {
            long key = track.key(salt);
            long[] memory = track.memory();
            long piece = tick >> KEPT_LEVEL;
            if (memory[slot] != piece) {
                memory[slot] = piece;
                long first = piece << KEPT_LEVEL;
                memory[slot + 1] = Double.doubleToRawLongBits(between(key, first, TOP_LEVEL, 0, 0));
                memory[slot + 2] =
                        Double.doubleToRawLongBits(between(key, first + (1L << KEPT_LEVEL), TOP_LEVEL, 0, 0));
            }
            double left = Double.longBitsToDouble(memory[slot + 1]);
            double right = Double.longBitsToDouble(memory[slot + 2]);
            return reflected(between(key, tick, KEPT_LEVEL, left, right));
        }

        /// The value at `tick`, halving from a piece of 2^level ticks whose ends are given (at the top they are
        /// drawn).
        private double between(long key, long tick, int level, double leftEnd, double rightEnd) {
            long begin = tick >> level << level;
            double left = leftEnd;
            double right = rightEnd;
            if (level == TOP_LEVEL) {
                left = anchor(key, begin);
                right = anchor(key, begin + (1L << TOP_LEVEL));
            }
            for (int l = level; l > 0 && tick != begin; l--) {
                long half = 1L << l - 1;
                double spread = Math.min(step * StrictMath.sqrt(half) * 0.7071067811865476, (max - min) / 6);
                double middle = (left + right) / 2 + spread * Chance.normal(key ^ (long) l << 56, begin + half);
                if (tick >= begin + half) {
                    begin += half;
                    left = middle;
                } else {
                    right = middle;
                }
            }
            return left;
        }

        private double anchor(long key, long at) {
            return min + (max - min) * (0.2 + 0.6 * Chance.unit(key ^ 0x41, at));
        }

        private double reflected(double value) {
            double range = max - min;
            double turns = (value - min) / (2 * range);
            double part = 2 * range * (turns - StrictMath.floor(turns));
            return min + (part > range ? 2 * range - part : part);
        }
    }

    /// A chain of states with chances to change at each tick.
    ///
    /// Every 4,096 ticks it starts afresh from the shares that the states have in the long run, so that any
    /// tick is computed from at most 4,096 steps; going forward takes one step.
    ///
    /// @param slot     where the track keeps two longs for it
    /// @param onward   for each state the running sum of the chances to be in each state next
    /// @param longRun  running sum of the states' shares
    record Markov(long salt, int slot, List<double[]> onward, double[] longRun) implements Signal {
        private static final int BLOCK_BITS = 12;

        @Override
        public double at(Track track, long tick) {
            long key = track.key(salt);
            long[] memory = track.memory();
            long first = tick >> BLOCK_BITS << BLOCK_BITS;
            long from = memory[slot];
            int state;
            if (from >= first && from <= tick) {
                state = (int) memory[slot + 1];
            } else {
                from = first;
                state = draw(longRun, Chance.unit(key ^ 0x99, first));
            }
            for (long t = from + 1; t <= tick; t++) {
                state = draw(onward.get(state), Chance.unit(key, t));
            }
            memory[slot] = tick;
            memory[slot + 1] = state;
            return state;
        }

        private static int draw(double[] sums, double chance) {
            int state = 0;
            while (state < sums.length - 1 && chance >= sums[state]) {
                state++;
            }
            return state;
        }
    }
}
