package tributary.rules.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// Arithmetic as people expect it: decimal and exact up to what is kept, so `0.1 + 0.2` is 0.3.
///
/// A number is a `Long` where it is whole and fits, a `Double` where it reads back from its 17 digits, else a
/// `BigDecimal` of at most 34 digits. Results that are no number (division by zero, roots of negatives) are
/// undefined.
public final class Numbers {
    private static final double SCALE = 1e4;
    private static final double EXACT = 1L << 52;
    private static final double LONG_MAX = 9.2e18;
    private static final BigDecimal LONG_LOW = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal LONG_HIGH = BigDecimal.valueOf(Long.MAX_VALUE);

    private Numbers() {}

    /// @return `value` as the narrowest kind of number, or undefined where it is infinite or not a number
    public static Object of(double value) {
        if (value == Math.rint(value)) {
            if (Math.abs(value) < LONG_MAX) {
                return (long) value;
            }
            return Double.isInfinite(value) ? Missing.UNDEFINED : (Object) value;
        }
        return Double.isNaN(value) ? Missing.UNDEFINED : (Object) value;
    }

    /// @return `value`, rounded to 34 digits, as the narrowest kind of number
    public static Object of(BigDecimal value) {
        BigDecimal rounded = value.round(MathContext.DECIMAL128);
        if (Math.abs((long) rounded.scale()) > 6200) {
            return Missing.UNDEFINED;
        }
        if (rounded.signum() == 0) {
            return 0L;
        }
        boolean whole = rounded.scale() <= 0 || rounded.stripTrailingZeros().scale() <= 0;
        if (whole && rounded.compareTo(LONG_LOW) >= 0 && rounded.compareTo(LONG_HIGH) <= 0) {
            return rounded.longValueExact();
        }
        double near = rounded.doubleValue();
        if (Double.isFinite(near) && near != 0 && BigDecimal.valueOf(near).compareTo(rounded) == 0) {
            return near;
        }
        return rounded.stripTrailingZeros();
    }

    /// @return the sum
    public static Object add(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            long sum = x + y;
            return ((x ^ sum) & (y ^ sum)) < 0 ? of(big(a).add(big(b))) : (Object) sum;
        }
        double x = scaled(a);
        double y = scaled(b);
        double sum = x + y;
        return Math.abs(sum) < EXACT ? of(sum / SCALE) : slow(big(a).add(big(b), MathContext.DECIMAL128), a, b);
    }

    /// @return the difference
    public static Object subtract(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            long rest = x - y;
            return ((x ^ y) & (x ^ rest)) < 0 ? of(big(a).subtract(big(b))) : (Object) rest;
        }
        double rest = scaled(a) - scaled(b);
        return Math.abs(rest) < EXACT ? of(rest / SCALE) : slow(big(a).subtract(big(b), MathContext.DECIMAL128), a, b);
    }

    /// @return the product
    public static Object multiply(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            long high = Math.multiplyHigh(x, y);
            long low = x * y;
            boolean fits = high == 0 && low >= 0 || high == -1 && low < 0;
            return fits ? (Object) low : of(big(a).multiply(big(b)));
        }
        double product = scaled(a) * scaled(b);
        return Math.abs(product) < EXACT
                ? of(product / (SCALE * SCALE))
                : slow(big(a).multiply(big(b), MathContext.DECIMAL128), a, b);
    }

    /// @return the quotient, whole where it comes out whole; undefined where `b` is 0
    public static Object divide(Number a, Number b) {
        if (isZero(b)) {
            return Missing.UNDEFINED;
        }
        if (a instanceof Long x && b instanceof Long y && y != -1 && x % y == 0) {
            return x / y;
        }
        double x = scaled(a);
        double y = scaled(b);
        return Math.abs(x) < EXACT && Math.abs(y) < EXACT
                ? of(x / y)
                : slow(big(a).divide(big(b), MathContext.DECIMAL128), a, b);
    }

    /// @return what is left of `a` after whole `b`s, with the sign of `a`; undefined where `b` is 0
    public static Object remainder(Number a, Number b) {
        if (isZero(b)) {
            return Missing.UNDEFINED;
        }
        if (a instanceof Long x && b instanceof Long y) {
            return y == -1 ? 0L : x % y;
        }
        BigDecimal x = big(a);
        BigDecimal y = big(b);
        boolean far = (long) x.precision() - x.scale() - ((long) y.precision() - y.scale()) > 400;
        return far ? of(a.doubleValue() % b.doubleValue()) : of(x.remainder(y));
    }

    /// @return the number with its sign turned
    public static Object negate(Number a) {
        return subtract(0L, a);
    }

    /// @return less than, equal to or greater than 0 as `a` is to `b`
    public static int compare(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        if (a instanceof BigDecimal || b instanceof BigDecimal || wide(a) || wide(b)) {
            return big(a).compareTo(big(b));
        }
        return Double.compare(a.doubleValue(), b.doubleValue());
    }

    /// @return whether `a` is 0
    public static boolean isZero(Number a) {
        return a instanceof Long x ? x == 0 : a.doubleValue() == 0 && !(a instanceof BigDecimal d && d.signum() != 0);
    }

    /// @return `a` rounded to `digits` places after the point
    public static Object round(Number a, int digits, RoundingMode mode) {
        if (a instanceof Long && digits >= 0) {
            return a;
        }
        return of(big(a).setScale(Math.clamp(digits, -40, 400), mode));
    }

    /// @return the whole number at or below `a`, cut to what a `long` holds
    public static long floor(Number a) {
        if (a instanceof Long x) {
            return x;
        }
        return a instanceof Double d
                ? (long) Math.floor(d)
                : a.doubleValue() > LONG_MAX
                        ? Long.MAX_VALUE
                        : a.doubleValue() < -LONG_MAX
                                ? Long.MIN_VALUE
                                : big(a).setScale(0, RoundingMode.FLOOR).longValue();
    }

    /// @return the same number with all its digits
    public static BigDecimal big(Number a) {
        return switch (a) {
            case Long x -> BigDecimal.valueOf(x);
            case BigDecimal x -> x;
            default -> BigDecimal.valueOf(a.doubleValue());
        };
    }

    private static Object slow(BigDecimal exact, Number a, Number b) {
        return a instanceof BigDecimal || b instanceof BigDecimal || a instanceof Long && b instanceof Long
                ? of(exact)
                : of(exact.doubleValue());
    }

    private static boolean wide(Number a) {
        return a instanceof Long x && Math.abs(x) >= 1L << 53;
    }

    /// The number times ten thousand where that is whole and exact in a double, else infinite: four places
    /// after the point are what sensors send, and for them decimal arithmetic costs no more than binary.
    private static double scaled(Number a) {
        if (a instanceof BigDecimal) {
            return Double.NaN;
        }
        double x = a.doubleValue();
        double scaled = x * SCALE;
        double whole = Math.rint(scaled);
        return Math.abs(whole) < EXACT && whole / SCALE == x ? whole : Double.NaN;
    }
}
