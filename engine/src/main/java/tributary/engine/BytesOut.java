package tributary.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Numbers of variable length, texts and blobs, one after the other. Read back by [BytesIn].
final class BytesOut {
    private byte[] bytes = new byte[256];
    private int size;

    BytesOut number(long value) {
        long rest = value << 1 ^ value >> 63;
        reserve(10);
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    BytesOut flag(boolean value) {
        return number(value ? 1 : 0);
    }

    BytesOut text(String value) {
        return blob(value.getBytes(StandardCharsets.UTF_8));
    }

    BytesOut blob(byte[] value) {
        number(value.length);
        reserve(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    int size() {
        return size;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
        }
    }
}
