package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes the cells of one row after another, as [Side] says; one thread.
final class SideCells {
    private static final int BYTES = 4096;
    /// A row of a huge payload must not keep its buffer for ever.
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private ByteBuffer buffer = make(BYTES);

    SideCells clear() {
        if (buffer.capacity() > KEPT_BYTES_MAX) {
            buffer = make(BYTES);
        }
        buffer.clear();
        return this;
    }

    int size() {
        return buffer.position();
    }

    byte[] array() {
        return buffer.array();
    }

    SideCells none() {
        room(1).put((byte) 0);
        return this;
    }

    /// @param text null for no cell
    SideCells text(@Nullable String text) {
        return text == null ? none() : bytes(text.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE);
    }

    /// @param max bytes of it that are kept
    SideCells bytes(byte[] bytes, int max) {
        int length = Math.min(bytes.length, max);
        room(5 + length).put((byte) 1).putInt(length).put(bytes, 0, length);
        return this;
    }

    SideCells time(long micros) {
        return whole(micros);
    }

    SideCells whole(long value) {
        room(9).put((byte) 1).putLong(value);
        return this;
    }

    SideCells integer(int value) {
        room(5).put((byte) 1).putInt(value);
        return this;
    }

    SideCells flag(boolean value) {
        room(2).put((byte) 1).put((byte) (value ? 1 : 0));
        return this;
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            ByteBuffer larger = make(Math.max(2 * buffer.capacity(), buffer.position() + bytes));
            buffer.flip();
            larger.put(buffer);
            buffer = larger;
        }
        return buffer;
    }

    private static ByteBuffer make(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
