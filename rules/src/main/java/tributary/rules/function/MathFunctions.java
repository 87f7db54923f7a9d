package tributary.rules.function;

import java.math.RoundingMode;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import tributary.rules.value.Compare;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Numbers, and the bits of whole numbers.
final class MathFunctions {
    private static final int DIGITS_MAX = 34;

    private MathFunctions() {}

    static void register(Functions all) {
        all.number("abs", x -> Numbers.compare(x, 0L) < 0 ? Numbers.negate(x) : x);
        all.number("sign", x -> (long) Integer.signum(Numbers.compare(x, 0L)));
        all.number("ceil", x -> Numbers.round(x, 0, RoundingMode.CEILING));
        all.alias("ceiling", "ceil");
        all.number("floor", x -> Numbers.round(x, 0, RoundingMode.FLOOR));
        all.add("round", 1, 2, a -> rounded(a, RoundingMode.HALF_UP));
        all.add("trunc", 1, 2, a -> rounded(a, RoundingMode.DOWN));
        all.numbers("mod", Numbers::remainder);
        all.alias("remainder", "mod");
        all.numbers("power", MathFunctions::power);
        all.alias("pow", "power");
        all.numbers("atan2", (y, x) -> Functions.of(Math.atan2(y.doubleValue(), x.doubleValue())));
        real(all, "sqrt", Math::sqrt);
        real(all, "exp", Math::exp);
        real(all, "ln", Math::log);
        real(all, "log", Math::log10);
        real(all, "log10", Math::log10);
        all.number("log2", x -> log2(x.doubleValue()));
        real(all, "sin", Math::sin);
        real(all, "cos", Math::cos);
        real(all, "tan", Math::tan);
        real(all, "asin", Math::asin);
        real(all, "acos", Math::acos);
        real(all, "atan", Math::atan);
        real(all, "sinh", Math::sinh);
        real(all, "cosh", Math::cosh);
        real(all, "tanh", Math::tanh);
        real(all, "degrees", Math::toDegrees);
        real(all, "radians", Math::toRadians);
        all.add("pi", 0, 0, _ -> Math.PI);
        all.add("min_of", 1, 100, a -> extreme(a, -1));
        all.add("max_of", 1, 100, a -> extreme(a, 1));
        all.add("clamp", 3, 3, MathFunctions::clamp);
        all.add("scale", 5, 5, MathFunctions::scale);
        all.add("deadband", 2, 3, MathFunctions::deadband);
        bits(all);
    }

    private static void real(Functions all, String name, DoubleUnaryOperator body) {
        all.number(name, x -> Functions.of(body.applyAsDouble(x.doubleValue())));
    }

    /// Whole where the power is: the quotient of two logarithms would give 2.9999999999999996 for 8.
    private static Object log2(double x) {
        int exponent = Math.getExponent(x);
        return x > 0 && x == Math.scalb(1.0, exponent)
                ? (Object) (long) exponent
                : Functions.of(Math.log(x) / Math.log(2));
    }

    private static Object rounded(Object[] a, RoundingMode mode) {
        Number x = Convert.number(a[0]);
        Long digits = Functions.whole(a, 1, 0);
        if (x == null || digits == null) {
            return Missing.UNDEFINED;
        }
        int low = mode == RoundingMode.DOWN ? 0 : -DIGITS_MAX;
        return Numbers.round(x, (int) Math.clamp(digits, low, DIGITS_MAX), mode);
    }

    /// Exact for small whole powers, so that `power(1.1, 2)` is 1.21.
    private static Object power(Number x, Number y) {
        if (y instanceof Long n && n >= 0 && n <= 64) {
            Object result = 1L;
            for (long i = 0; i < n && result instanceof Number product; i++) {
                result = Numbers.multiply(product, x);
            }
            return result;
        }
        return Functions.of(Math.pow(x.doubleValue(), y.doubleValue()));
    }

    private static Object extreme(Object[] a, int sign) {
        Object[] values = a.length == 1 && a[0] instanceof List<?> list ? list.toArray() : a;
        Object best = Missing.UNDEFINED;
        for (Object value : values) {
            if (Missing.present(value) && (best == Missing.UNDEFINED || Compare.sorting(value, best) * sign > 0)) {
                best = value;
            }
        }
        return best;
    }

    private static Object clamp(Object[] a) {
        Number x = Convert.number(a[0]);
        Number low = Convert.number(a[1]);
        Number high = Convert.number(a[2]);
        if (x == null || low == null || high == null || Numbers.compare(low, high) > 0) {
            return Missing.UNDEFINED;
        }
        return Numbers.compare(x, low) < 0 ? low : Numbers.compare(x, high) > 0 ? high : x;
    }

    /// `scale(x, a, b, c, d)`: what is at x between a and b, between c and d.
    private static Object scale(Object[] a) {
        Number[] n = new Number[5];
        for (int i = 0; i < 5; i++) {
            Number number = Convert.number(a[i]);
            if (number == null) {
                return Missing.UNDEFINED;
            }
            n[i] = number;
        }
        Object span = Numbers.subtract(n[2], n[1]);
        Object part = Numbers.subtract(n[0], n[1]);
        Object range = Numbers.subtract(n[4], n[3]);
        if (span instanceof Number s
                && part instanceof Number p
                && range instanceof Number r
                && Numbers.multiply(p, r) instanceof Number product
                && Numbers.divide(product, s) instanceof Number above) {
            return Numbers.add(n[3], above);
        }
        return Missing.UNDEFINED;
    }

    /// `deadband(x, width, centre)`: the centre where x is no further from it than width, else x.
    private static Object deadband(Object[] a) {
        Number x = Convert.number(a[0]);
        Number width = Convert.number(a[1]);
        Number centre = Convert.number(Functions.argument(a, 2, 0L));
        if (x == null
                || width == null
                || centre == null
                || !(Numbers.subtract(x, centre) instanceof Number off)
                || !(Numbers.negate(width) instanceof Number below)) {
            return Missing.UNDEFINED;
        }
        return Numbers.compare(off, width) <= 0 && Numbers.compare(off, below) >= 0 ? centre : x;
    }

    private static void bits(Functions all) {
        whole(all, "bitand", (x, y) -> x & y);
        whole(all, "bitor", (x, y) -> x | y);
        whole(all, "bitxor", (x, y) -> x ^ y);
        whole(all, "shl", (x, y) -> y < 0 || y > 63 ? Missing.UNDEFINED : (Object) (x << y));
        whole(all, "shr", (x, y) -> y < 0 || y > 63 ? Missing.UNDEFINED : (Object) (x >> y));
        all.alias("bitsl", "shl");
        all.alias("bitsr", "shr");
        all.add("bitnot", 1, 1, a -> {
            Long x = Convert.whole(a[0]);
            return x == null ? Missing.UNDEFINED : (Object) ~x;
        });
    }

    private static void whole(Functions all, String name, WholeBody body) {
        all.add(name, 2, 2, a -> {
            Long x = Convert.whole(a[0]);
            Long y = Convert.whole(a[1]);
            return x == null || y == null ? Missing.UNDEFINED : body.of(x, y);
        });
    }

    private interface WholeBody {
        Object of(long x, long y);
    }
}
