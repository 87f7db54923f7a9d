package tributary.rules.value;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// State as bytes: numbers of variable length, texts, and values with a tag before each. Read back by
/// [StateIn].
public final class StateOut {
    static final int UNDEFINED = 0;
    static final int NULL = 1;
    static final int TRUE = 2;
    static final int FALSE = 3;
    static final int WHOLE = 4;
    static final int DOUBLE = 5;
    static final int DECIMAL = 6;
    static final int TEXT = 7;
    static final int LIST = 8;
    static final int MAP = 9;
    static final int BYTES = 10;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// @return what was written so far
    public byte[] bytes() {
        return out.toByteArray();
    }

    /// A whole number; small ones are short.
    public StateOut number(long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    /// Yes or no.
    public StateOut flag(boolean value) {
        out.write(value ? 1 : 0);
        return this;
    }

    /// A double, bit by bit.
    public StateOut real(double value) {
        long bits = Double.doubleToRawLongBits(value);
        for (int shift = 56; shift >= 0; shift -= 8) {
            out.write((int) (bits >>> shift));
        }
        return this;
    }

    /// A text.
    public StateOut text(String value) {
        return raw(value.getBytes(StandardCharsets.UTF_8));
    }

    /// Bytes with their length.
    public StateOut raw(byte[] value) {
        number(value.length);
        out.writeBytes(value);
        return this;
    }

    /// Any value.
    public StateOut value(Object value) {
        switch (value) {
            case Missing missing -> out.write(missing == Missing.NULL ? NULL : UNDEFINED);
            case Boolean flag -> out.write(flag ? TRUE : FALSE);
            case Long number -> tag(WHOLE).number(number);
            case Double number -> tag(DOUBLE).real(number);
            case BigDecimal number -> tag(DECIMAL).text(number.toString());
            case String text -> tag(TEXT).text(text);
            case List<?> list -> {
                tag(LIST).number(list.size());
                list.forEach(this::value);
            }
            case Map<?, ?> map -> {
                tag(MAP).number(map.size());
                map.forEach((key, item) -> text(key.toString()).value(item));
            }
            case byte[] bytes -> tag(BYTES).raw(bytes);
            default -> throw new IllegalArgumentException("no value of a rule: " + value.getClass());
        }
        return this;
    }

    /// Several values with their count.
    public StateOut values(Object[] values) {
        number(values.length);
        for (Object value : values) {
            value(value);
        }
        return this;
    }

    private StateOut tag(int tag) {
        out.write(tag);
        return this;
    }
}
