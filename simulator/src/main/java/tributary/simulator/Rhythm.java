package tributary.simulator;

/// How a group's time goes: the length of a tick, and when a device is on (a vehicle on the road).
///
/// In each period of `periodTicks` a device is on for `onTicks` in one piece that begins at a random place, so
/// that at any moment the share `onTicks / periodTicks` of many devices is on, and the ticks that a device has
/// been on up to any tick are known without counting them.
///
/// @param tickMillis  length of a tick
/// @param periodTicks at least 1
/// @param onTicks     1 to periodTicks
record Rhythm(long tickMillis, long periodTicks, long onTicks) {
    private static final long PHASE_SALT = 0x5DEECE66DL;
    private static final long START_SALT = 0x2545F4914F6CDD1DL;

    Rhythm {
        if (tickMillis < 1 || periodTicks < 1 || onTicks < 1 || onTicks > periodTicks) {
            throw new IllegalArgumentException("a period holds the ticks that a device is on");
        }
    }

    boolean active(long key, long tick) {
        if (onTicks == periodTicks) {
            return true;
        }
        long since = sinceStart(key, tick);
        return since >= 0 && since < onTicks;
    }

    /// @return ticks since the device went on in this period; negative before, at or above `onTicks` after
    long sinceStart(long key, long tick) {
        long shifted = shifted(key, tick);
        long start = start(key, Math.floorDiv(shifted, periodTicks));
        return Math.floorMod(shifted, periodTicks) - start;
    }

    /// @return ticks that the device was on in all periods before this one
    long onBefore(long key, long tick) {
        return Math.floorDiv(shifted(key, tick), periodTicks) * onTicks;
    }

    private long shifted(long key, long tick) {
        return tick + Math.floorMod(Chance.bits(key, PHASE_SALT), periodTicks);
    }

    private long start(long key, long period) {
        return Math.floorMod(Chance.bits(key ^ START_SALT, period), periodTicks - onTicks + 1);
    }
}
