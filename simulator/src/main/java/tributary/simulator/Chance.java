package tributary.simulator;

/// Chance without a state: every draw is a function of a key and a number, so that any tick of any device can be
/// computed by any thread in any order and comes out the same.
///
/// The mixing is that of SplittableRandom (Stafford's variant 13); the functions of `StrictMath` are used
/// throughout the simulator, because they give the same bits on every machine.
final class Chance {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    /// Makes the sum of four uniform 16-bit numbers have the deviation 1: sqrt(12 / 4) / 65,536.
    private static final double NORMAL_SCALE = StrictMath.sqrt(3) / 65_536;

    private Chance() {}

    /// @return a key for the part of a scenario that is called so
    static long key(long parent, String name) {
        long key = mix(parent + GAMMA);
        for (int i = 0; i < name.length(); i++) {
            key = mix(key ^ name.charAt(i)) + GAMMA;
        }
        return key;
    }

    /// @return 64 random bits
    static long bits(long key, long number) {
        return mix(key + number * GAMMA);
    }

    /// @return at least 0, less than 1
    static double unit(long key, long number) {
        return (bits(key, number) >>> 11) * UNIT;
    }

    /// @return a number of mean 0 and deviation 1, bell-shaped within ±3.46 (the sum of four uniform numbers:
    ///         cheap,
    ///         and a sensor has no reading seven deviations off)
    static double normal(long key, long number) {
        long bits = bits(key, number);
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum - 131_070) * NORMAL_SCALE;
    }

    /// @return a curve through random points of mean 0 and deviation 1, one at each whole `x`
    static double smooth(long key, double x) {
        double floor = StrictMath.floor(x);
        long left = (long) floor;
        double part = x - floor;
        double ease = part * part * (3 - 2 * part);
        return normal(key, left) * (1 - ease) + normal(key, left + 1) * ease;
    }

    private static long mix(long bits) {
        long z = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
