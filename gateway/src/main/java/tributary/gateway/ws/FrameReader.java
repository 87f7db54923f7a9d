package tributary.gateway.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.gateway.ws.Closing.Due;

/// Reads the frames of one client (RFC 6455, 5) out of one buffer; a payload is copied once, unmasked on the
/// way, into an array of its own.
///
/// The buffer grows only with bytes that have arrived, never with a length that a client claims.
final class FrameReader {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int BUFFER_BYTES = 8 * 1024;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final DataReader in;
    private final int payloadBytesMax;

    private byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int to;

    private int opcode;
    private boolean last;
    private byte[] payload = new byte[0];

    // Of a frame whose payload is taken in pieces.
    private long left;
    private int key;

    FrameReader(DataReader in, int payloadBytesMax) {
        this.in = in;
        this.payloadBytesMax = payloadBytesMax;
    }

    int opcode() {
        return opcode;
    }

    /// @return whether it is the last fragment of its message
    boolean last() {
        return last;
    }

    /// @return the payload, unmasked; given away, the reader makes a new one for the next frame
    byte[] payload() {
        return payload;
    }

    /// @return whether a whole frame is most likely there already
    boolean buffered() {
        return to - from > 6;
    }

    /// Waits for the next frame.
    ///
    /// @throws Due where it breaks the protocol or is too large
    void next() {
        need(2);
        int first = buffer[from] & 0xff;
        int second = buffer[from + 1] & 0xff;
        opcode = first & 0x0f;
        last = (first & 0x80) != 0;
        checkFlags(first, second);
        int header = header(second & 0x7f);
        long length = length(second & 0x7f);
        check(length);
        need(header + (int) length);
        payload = new byte[(int) length];
        unmask(buffer, from + header, key(buffer, from + header - 4), payload);
        from += header + (int) length;
        if (from == to) {
            from = 0;
            to = 0;
            if (buffer.length > BUFFER_BYTES) {
                buffer = new byte[BUFFER_BYTES];
            }
        }
    }

    /// Waits for the header of the next frame. Its payload follows in pieces, so that no frame is too long for
    /// memory.
    ///
    /// @throws Due where it breaks the protocol
    void begin() {
        need(2);
        int first = buffer[from] & 0xff;
        int second = buffer[from + 1] & 0xff;
        opcode = first & 0x0f;
        last = (first & 0x80) != 0;
        checkFlags(first, second);
        int header = header(second & 0x7f);
        left = length(second & 0x7f);
        check(left);
        key = key(buffer, from + header - 4);
        from += header;
    }

    /// Waits for bytes of the payload.
    ///
    /// @return some of them, unmasked; null where the frame is through
    byte @Nullable [] piece() {
        if (left == 0) {
            return null;
        }
        need(1);
        byte[] piece = new byte[(int) Math.min(left, to - from)];
        unmask(buffer, from, key, piece);
        key = Integer.rotateRight(key, (piece.length & 3) * 8);
        from += piece.length;
        left -= piece.length;
        return piece;
    }

    /// Waits for the payload of a control frame.
    byte[] whole() {
        byte[] whole = new byte[0];
        for (byte[] piece = piece(); piece != null; piece = piece()) {
            int before = whole.length;
            whole = Arrays.copyOf(whole, before + piece.length);
            System.arraycopy(piece, 0, whole, before, piece.length);
        }
        return whole;
    }

    private static void checkFlags(int first, int second) {
        if ((first & 0x70) != 0) {
            throw new Due(Closing.protocol("reserved bits are set, and no extension was agreed on"));
        }
        if ((second & 0x80) == 0) {
            throw new Due(Closing.protocol("a client masks its frames"));
        }
    }

    private int header(int shortLength) {
        int header = shortLength == 127 ? 14 : shortLength == 126 ? 8 : 6;
        need(header);
        return header;
    }

    private long length(int shortLength) {
        if (shortLength < 126) {
            return shortLength;
        }
        long length = 0;
        int bytes = shortLength == 126 ? 2 : 8;
        for (int i = 0; i < bytes; i++) {
            length = length << 8 | buffer[from + 2 + i] & 0xff;
        }
        return length;
    }

    private void check(long length) {
        if (opcode >= CLOSE) {
            if (opcode > PONG) {
                throw new Due(Closing.protocol("unknown opcode " + opcode));
            }
            if (!last || length > CONTROL_BYTES_MAX) {
                throw new Due(Closing.protocol("a control frame is not fragmented and has at most 125 bytes"));
            }
        } else if (opcode > BINARY) {
            throw new Due(Closing.protocol("unknown opcode " + opcode));
        }
        if (length < 0 || length > payloadBytesMax) {
            throw new Due(tooLarge(payloadBytesMax));
        }
    }

    static Closing tooLarge(int bytesMax) {
        return new Closing(
                Closing.TOO_LARGE, "a message has at most " + bytesMax + " bytes; send it in smaller parts", false);
    }

    private static int key(byte[] source, int at) {
        return source[at] & 0xff
                | (source[at + 1] & 0xff) << 8
                | (source[at + 2] & 0xff) << 16
                | (source[at + 3] & 0xff) << 24;
    }

    /// XORs eight bytes at a time with the key.
    private static void unmask(byte[] source, int begin, int key, byte[] target) {
        long wide = key & 0xffff_ffffL | (long) key << 32;
        int i = 0;
        for (; i + 8 <= target.length; i += 8) {
            LONG.set(target, i, (long) LONG.get(source, begin + i) ^ wide);
        }
        for (; i < target.length; i++) {
            target[i] = (byte) (source[begin + i] ^ key >> (i & 3) * 8);
        }
    }

    /// Waits until so many bytes are in the buffer.
    private void need(int bytes) {
        while (to - from < bytes) {
            fill(bytes);
        }
    }

    private void fill(int bytes) {
        BufferData data = in.readBuffer();
        int arrived = data.available();
        if (to + arrived > buffer.length) {
            int kept = to - from;
            byte[] room = kept + arrived > buffer.length
                    ? new byte[Math.max(kept + arrived, Math.min(bytes, buffer.length * 2))]
                    : buffer;
            System.arraycopy(buffer, from, room, 0, kept);
            buffer = room;
            from = 0;
            to = kept;
        }
        to += data.read(buffer, to, arrived);
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .capacity()
                    >= 0;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
