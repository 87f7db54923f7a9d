package tributary.simulator;

/// What happens to values between the world and the message.
final class Filters {
    private Filters() {}

    record Noise(Signal from, long salt, double deviation) implements Signal {
        @Override
        public double at(Track track, long tick) {
            return from.at(track, tick) + deviation * Chance.normal(track.key(salt), tick);
        }
    }

    record Quantise(Signal from, double step) implements Signal {
        @Override
        public double at(Track track, long tick) {
            return Math.rint(from.at(track, tick) / step) * step;
        }
    }

    /// Now and then a value that is off by `size`, up or down.
    record Outlier(Signal from, long salt, double chance, double size) implements Signal {
        @Override
        public double at(Track track, long tick) {
            double draw = Chance.unit(track.key(salt), tick);
            double value = from.at(track, tick);
            return draw >= chance ? value : draw < chance / 2 ? value + size : value - size;
        }
    }

    /// In some slots of time the value does not change.
    record Stuck(Signal from, long salt, double chance, long slotTicks) implements Signal {
        @Override
        public double at(Track track, long tick) {
            long slot = Math.floorDiv(tick, slotTicks);
            boolean stuck = Chance.unit(track.key(salt), slot) < chance;
            return from.at(track, stuck ? slot * slotTicks : tick);
        }
    }

    /// In some slots of time there is no value.
    record DropOut(Signal from, long salt, double chance, long slotTicks) implements Signal {
        @Override
        public double at(Track track, long tick) {
            boolean gone = Chance.unit(track.key(salt), Math.floorDiv(tick, slotTicks)) < chance;
            return gone ? ABSENT : from.at(track, tick);
        }
    }

    /// The value of a while ago.
    record Delay(Signal from, long byTicks) implements Signal {
        @Override
        public double at(Track track, long tick) {
            return from.at(track, tick - byTicks);
        }
    }

    /// A value only at every so many ticks.
    record Every(Signal from, long ticks) implements Signal {
        @Override
        public double at(Track track, long tick) {
            return Math.floorMod(tick, ticks) == 0 ? from.at(track, tick) : ABSENT;
        }
    }
}
