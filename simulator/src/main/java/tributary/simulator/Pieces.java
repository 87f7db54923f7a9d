package tributary.simulator;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Joins what one read left over with what the next one brings; used by one event loop.
public final class Pieces {
    private final int bytesMax;
    private @Nullable ByteBuf current;

    /// @param bytesMax more than this unread is a peer that does not speak our protocol
    public Pieces(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Takes over `in`.
    ///
    /// @return everything not read yet; lent until [#keepRest]
    public ByteBuf add(ByteBuf in) {
        if (current == null) {
            current = in;
            return in;
        }
        ByteBuf joined = current;
        if (joined.readableBytes() + in.readableBytes() > bytesMax + 65_536) {
            in.release();
            throw new IllegalStateException("more than " + bytesMax + " bytes without a whole answer");
        }
        try {
            joined.discardReadBytes();
            joined.writeBytes(in);
        } finally {
            in.release();
        }
        return joined;
    }

    /// Call after reading: what was read is let go, the rest waits for the next piece.
    public void keepRest() {
        ByteBuf rest = current;
        if (rest == null) {
            return;
        }
        current = null;
        if (!rest.isReadable()) {
            rest.release();
        } else {
            // A copy of its own: the read buffer goes back to its pool, and a read-only or shared one cannot grow.
            ByteBuf kept = rest.alloc().buffer(Math.max(256, rest.readableBytes() * 2));
            kept.writeBytes(rest);
            rest.release();
            current = kept;
        }
    }

    /// Frees everything.
    public void close() {
        if (current != null) {
            current.release();
            current = null;
        }
    }
}
