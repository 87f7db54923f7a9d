package tributary.decode;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// Whole numbers of 64 bits that no double is equal to: serial numbers, counters, nanoseconds.
final class Whole {
    private static final double EXACT_MAX = 1L << 53;
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);

    /// Unsigned ones, too.
    private static final BigInteger GREATEST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /// A sign and the digits of the greatest.
    private static final int LENGTH_MAX = 21;

    private Whole() {}

    /// @param value the double that is nearest to a whole number
    /// @return whether the number may be another one; all usual ones are not
    static boolean mayDiffer(double value) {
        return Math.abs(value) >= EXACT_MAX;
    }

    /// @param text a whole number, with a sign or without
    /// @return its digits where it has at most 64 bits and no double is equal to it; else null
    static @Nullable String digits(String text, double value) {
        return text.length() > LENGTH_MAX ? null : digits(new BigInteger(text), value);
    }

    static @Nullable String digits(BigInteger number, double value) {
        boolean of64Bits = number.compareTo(LEAST) >= 0 && number.compareTo(GREATEST) <= 0;
        return of64Bits && new BigDecimal(number).compareTo(new BigDecimal(value)) != 0 ? number.toString() : null;
    }
}
