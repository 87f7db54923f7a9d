package tributary.simulator;

import java.util.Arrays;

/// One device's place in the scenario: its keys, its clock, and what signals remember of it. Not thread-safe.
final class Track {
    private final long key;
    private final Rhythm rhythm;
    private final long[] memory;

    /// @param key        of this device among all
    /// @param memorySize longs that the group's signals asked for
    Track(long key, Rhythm rhythm, int memorySize) {
        this.key = key;
        this.rhythm = rhythm;
        this.memory = new long[memorySize];
        Arrays.fill(memory, Long.MIN_VALUE);
    }

    /// @return the key of one component of this device
    long key(long salt) {
        return key ^ salt;
    }

    Rhythm rhythm() {
        return rhythm;
    }

    long[] memory() {
        return memory;
    }

    double tickSeconds() {
        return rhythm.tickMillis() / 1000.0;
    }

    boolean active(long tick) {
        return rhythm.active(key, tick);
    }
}
