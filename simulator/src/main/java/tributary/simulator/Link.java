package tributary.simulator;

import java.util.List;

/// What happens to messages between the device and the platform. A function of the tick too: which messages
/// arrive at a
/// tick follows from the ticks at which they were made.
record Link(List<Step> steps) {
    /// How late a message can be at most, so that a tick looks back at few.
    static final long TICKS_MAX = 1000;

    sealed interface Step {}

    /// In some slots of time no message gets through.
    record DropOut(long salt, double chance, long slotTicks) implements Step {}

    /// Some messages arrive later than they were sent; all of them at chance 1, and then in order.
    record Late(long salt, double chance, long byTicks) implements Step {}

    /// Some messages arrive twice.
    record Duplicate(long salt, double chance) implements Step {}

    long ticksMax() {
        long sum = 0;
        for (Step step : steps) {
            sum += step instanceof Late late ? late.byTicks() : 0;
        }
        return sum;
    }

    /// @return ticks that the message made at `tick` needs
    long lateness(Track track, long tick) {
        long sum = 0;
        for (Step step : steps) {
            if (step instanceof Late late
                    && (late.chance() >= 1 || Chance.unit(track.key(late.salt()), tick) < late.chance())) {
                sum += late.byTicks();
            }
        }
        return sum;
    }

    /// @return how often the message made at `tick` arrives: 0, 1, 2 or more
    int copies(Track track, long tick) {
        int copies = 1;
        for (Step step : steps) {
            switch (step) {
                case DropOut out -> {
                    if (Chance.unit(track.key(out.salt()), Math.floorDiv(tick, out.slotTicks())) < out.chance()) {
                        return 0;
                    }
                }
                case Duplicate twice -> {
                    if (Chance.unit(track.key(twice.salt()), tick) < twice.chance()) {
                        copies *= 2;
                    }
                }
                case Late _ -> {
                    // changes when, not how often
                }
            }
        }
        return copies;
    }
}
