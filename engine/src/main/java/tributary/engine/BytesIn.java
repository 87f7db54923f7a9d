package tributary.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Reads what [BytesOut] wrote; what is not that is damage, never a wrong value.
final class BytesIn {
    private final byte[] bytes;
    private int at;

    BytesIn(byte[] bytes) {
        this.bytes = bytes;
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            demand(1);
            byte b = bytes[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw damaged();
    }

    /// A number that says how many things follow, each of a byte or more.
    int count() {
        long count = number();
        if (count < 0 || count > bytes.length - at) {
            throw damaged();
        }
        return (int) count;
    }

    boolean flag() {
        return number() != 0;
    }

    String text() {
        return new String(blob(), StandardCharsets.UTF_8);
    }

    byte[] blob() {
        int length = count();
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    boolean ended() {
        return at == bytes.length;
    }

    private void demand(int more) {
        if (bytes.length - at < more) {
            throw damaged();
        }
    }

    private static PlatformException damaged() {
        return new PlatformException(
                Fault.DATA_DAMAGED, "what the rule engine wrote down is cut off or not of its format");
    }
}
