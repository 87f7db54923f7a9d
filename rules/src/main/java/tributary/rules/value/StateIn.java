package tributary.rules.value;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Reads what [StateOut] wrote. Bytes that it did not write are a [PlatformException] with
/// [Fault#DATA_DAMAGED].
public final class StateIn {
    private final byte[] in;
    private int at;

    public StateIn(byte[] in) {
        this.in = in;
    }

    /// @return whether everything was read
    public boolean ended() {
        return at == in.length;
    }

    /// A whole number.
    public long number() {
        long rest = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = next();
            rest |= (long) (b & 0x7F) << shift;
            if ((b & 0x80) == 0) {
                return rest >>> 1 ^ -(rest & 1);
            }
        }
        throw damaged();
    }

    /// A count of things that take at least a byte each.
    public int count() {
        long count = number();
        if (count < 0 || count > in.length - at) {
            throw damaged();
        }
        return (int) count;
    }

    /// Yes or no.
    public boolean flag() {
        return next() != 0;
    }

    /// A double.
    public double real() {
        long bits = 0;
        for (int i = 0; i < 8; i++) {
            bits = bits << 8 | next() & 0xFF;
        }
        return Double.longBitsToDouble(bits);
    }

    /// A text.
    public String text() {
        return new String(raw(), StandardCharsets.UTF_8);
    }

    /// Bytes.
    public byte[] raw() {
        int length = count();
        at += length;
        return Arrays.copyOfRange(in, at - length, at);
    }

    /// Any value.
    public Object value() {
        return switch (next()) {
            case StateOut.UNDEFINED -> Missing.UNDEFINED;
            case StateOut.NULL -> Missing.NULL;
            case StateOut.TRUE -> true;
            case StateOut.FALSE -> false;
            case StateOut.WHOLE -> number();
            case StateOut.DOUBLE -> real();
            case StateOut.DECIMAL -> new BigDecimal(text());
            case StateOut.TEXT -> text();
            case StateOut.LIST -> list();
            case StateOut.MAP -> map();
            case StateOut.BYTES -> raw();
            default -> throw damaged();
        };
    }

    /// Several values.
    public Object[] values() {
        Object[] values = new Object[count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value();
        }
        return values;
    }

    private List<Object> list() {
        int size = count();
        List<Object> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(value());
        }
        return list;
    }

    private Map<String, Object> map() {
        int size = count();
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(text(), value());
        }
        return map;
    }

    private byte next() {
        if (at >= in.length) {
            throw damaged();
        }
        return in[at++];
    }

    private PlatformException damaged() {
        return new PlatformException(
                Fault.DATA_DAMAGED, "the state of a rule ends or breaks at byte " + at + ": start the rule afresh");
    }
}
