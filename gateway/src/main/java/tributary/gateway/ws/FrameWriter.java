package tributary.gateway.ws;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// Puts frames of the server, which are not masked, one behind the other into one buffer.
final class FrameWriter {
    private static final int LAST = 0x80;
    private static final byte[] ACK = {'{', '"', 'a', 'c', 'k', '"', ':'};

    /// A larger buffer is not kept for the next frames: most clients are idle most of the time.
    private static final int KEPT_BYTES_MAX = 8 * 1024;

    private byte[] bytes = new byte[64];
    private int length;

    void clear() {
        length = 0;
        if (bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[64];
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /// `{"ack":frame}`
    void ack(long frame) {
        int digits = 1;
        for (long rest = frame; rest >= 10; rest /= 10) {
            digits++;
        }
        header(FrameReader.TEXT, ACK.length + digits + 1);
        append(ACK);
        room(digits + 1);
        long rest = frame;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        bytes[length++] = '}';
    }

    void text(byte[] payload) {
        header(FrameReader.TEXT, payload.length);
        append(payload);
    }

    /// A frame with all that can be read of `payload`.
    void binary(ByteBuf payload) {
        int size = payload.readableBytes();
        header(FrameReader.BINARY, size);
        room(size);
        payload.getBytes(payload.readerIndex(), bytes, length, size);
        length += size;
    }

    void control(int opcode, byte[] payload) {
        header(opcode, payload.length);
        append(payload);
    }

    private void header(int opcode, int payloadLength) {
        room(10);
        bytes[length++] = (byte) (LAST | opcode);
        if (payloadLength < 126) {
            bytes[length++] = (byte) payloadLength;
        } else if (payloadLength < 0x1_0000) {
            bytes[length++] = 126;
            bytes[length++] = (byte) (payloadLength >> 8);
            bytes[length++] = (byte) payloadLength;
        } else {
            bytes[length++] = 127;
            for (int shift = 56; shift >= 0; shift -= 8) {
                bytes[length++] = (byte) ((long) payloadLength >> shift);
            }
        }
    }

    private void append(byte[] payload) {
        room(payload.length);
        System.arraycopy(payload, 0, bytes, length, payload.length);
        length += payload.length;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
