package tributary.query.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing body of a frame, least byte first; one thread.
public final class Packer {
    private ByteBuffer buffer;

    public Packer(int bytes) {
        this.buffer = ByteBuffer.allocate(Math.max(64, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    public Packer putByte(int value) {
        room(1).put((byte) value);
        return this;
    }

    public Packer putInt(int value) {
        room(4).putInt(value);
        return this;
    }

    public Packer putLong(long value) {
        room(8).putLong(value);
        return this;
    }

    public Packer putDouble(double value) {
        room(8).putDouble(value);
        return this;
    }

    /// Length in bytes, then UTF-8.
    public Packer putText(String text) {
        return putBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Length, then the bytes.
    public Packer putBytes(byte[] bytes) {
        room(4 + bytes.length).putInt(bytes.length).put(bytes);
        return this;
    }

    /// What `other` has, as it is.
    public Packer putRaw(Packer other) {
        room(other.size()).put(other.buffer.array(), 0, other.size());
        return this;
    }

    /// @return bytes so far
    public int size() {
        return buffer.position();
    }

    /// @return what was put
    public byte[] body() {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /// @return the text that [#putText] put
    public static String text(ByteBuffer in) {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    /// @return the bytes that [#putBytes] put
    public static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int size = Math.max(Math.multiplyExact(buffer.capacity(), 2), Math.addExact(buffer.position(), bytes));
            buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
        }
        return buffer;
    }
}
