package tributary.decode;

import java.nio.charset.StandardCharsets;

/// Reads a decimal number as JSON writes it, to the nearest double, without allocation for all usual ones.
final class Decimal {
    private static final double[] POWER = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };
    private static final int POWER_MAX = 22;
    private static final int DIGITS_MAX = 18;
    private static final long EXACT_MAX = 1L << 53;
    private static final int EXPONENT_LIMIT = 100_000;

    private byte[] in = new byte[0];
    private int to;
    private int pos;
    private int fractionDigits;
    private int digits;
    private long significand;
    private boolean whole;

    /// Where the number ended; after a failure, what could not be read.
    int end() {
        return pos;
    }

    /// @return whether what was read last has neither a fraction nor an exponent
    boolean whole() {
        return whole;
    }

    /// Reads the number at `from`; [#end] says where it ends.
    ///
    /// With at most 2^53 as its digits and a power of ten up to 22, one exact multiplication or division rounds
    /// correctly (Clinger 1990); everything else goes to [Double#parseDouble].
    ///
    /// @return NaN where the text is no JSON number; infinite where it is too large for a double
    double read(byte[] source, int from, int sourceEnd) {
        in = source;
        to = sourceEnd;
        pos = from;
        boolean negative = pos < to && in[pos] == '-';
        if (negative) {
            pos++;
        }
        if (!mantissa()) {
            return Double.NaN;
        }
        int exponent = -fractionDigits;
        whole = fractionDigits == 0;
        if (pos < to && (in[pos] | 0x20) == 'e') {
            whole = false;
            int written = exponent();
            if (written == Integer.MIN_VALUE) {
                return Double.NaN;
            }
            exponent += written;
        }
        if (digits <= DIGITS_MAX && significand <= EXACT_MAX && exponent >= -POWER_MAX && exponent <= POWER_MAX) {
            double exact = exponent < 0 ? significand / POWER[-exponent] : significand * POWER[exponent];
            return negative ? -exact : exact;
        }
        return Double.parseDouble(new String(in, from, pos - from, StandardCharsets.ISO_8859_1));
    }

    private boolean mantissa() {
        int first = pos;
        long value = 0;
        while (pos < to && in[pos] >= '0' && in[pos] <= '9') {
            value = value * 10 + (in[pos++] - '0');
        }
        digits = pos - first;
        if (digits == 0 || digits > 1 && in[first] == '0') {
            return false;
        }
        fractionDigits = 0;
        if (pos < to && in[pos] == '.') {
            int point = ++pos;
            while (pos < to && in[pos] >= '0' && in[pos] <= '9') {
                value = value * 10 + (in[pos++] - '0');
            }
            fractionDigits = pos - point;
            digits += fractionDigits;
            if (fractionDigits == 0) {
                return false;
            }
        }
        significand = value;
        return true;
    }

    private int exponent() {
        pos++;
        boolean negative = pos < to && in[pos] == '-';
        if (pos < to && (in[pos] == '-' || in[pos] == '+')) {
            pos++;
        }
        int first = pos;
        int value = 0;
        while (pos < to && in[pos] >= '0' && in[pos] <= '9') {
            value = Math.min(EXPONENT_LIMIT, value * 10 + (in[pos++] - '0'));
        }
        if (pos == first) {
            return Integer.MIN_VALUE;
        }
        return negative ? -value : value;
    }
}
