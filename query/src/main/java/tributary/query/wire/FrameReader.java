package tributary.query.wire;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads frames; one thread.
public final class FrameReader {
    private static final List<Kind> KINDS = List.of(Kind.values());

    private final DataInputStream in;

    public FrameReader(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
    }

    /// @return the next frame, or null at the end of the stream
    public @Nullable Frame next() throws IOException {
        int length;
        try {
            length = in.readInt();
        } catch (EOFException e) {
            return null;
        }
        int kind = in.readUnsignedByte();
        int query = in.readInt();
        if (length < 0 || length > Frame.BODY_BYTES_MAX || kind >= KINDS.size()) {
            throw new IOException("not a frame: kind " + kind + ", " + length + " bytes");
        }
        byte[] body = new byte[length];
        in.readFully(body);
        return new Frame(KINDS.get(kind), query, body);
    }
}
