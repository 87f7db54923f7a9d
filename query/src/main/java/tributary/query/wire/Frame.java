package tributary.query.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/// One message between main process and worker.
///
/// @param query which query it belongs to, 0 for none
/// @param body  its bytes; given away with the frame
public record Frame(Kind kind, int query, byte[] body) {
    /// No frame is longer; a longer one ends the connection.
    public static final int BODY_BYTES_MAX = 64 << 20;

    private static final byte[] NOTHING = new byte[0];

    public Frame {
        Objects.requireNonNull(kind, "kind");
        if (body.length > BODY_BYTES_MAX) {
            throw new IllegalArgumentException("a frame has at most " + BODY_BYTES_MAX + " bytes, was " + body.length);
        }
    }

    /// @return a frame without a body
    public static Frame bare(Kind kind, int query) {
        return new Frame(kind, query, NOTHING);
    }

    /// @return the body to read, least byte first
    public ByteBuffer read() {
        return ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    }
}
