package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Bytes of one connection that were read and not taken yet: the beginning of a packet, or all that came during a
/// pause.
///
/// Those of strangers, who have not signed in, have a limit for all of them together, for one address may have
/// thousands of connections. Each may have a little beside it, as much as a usual CONNECT, so that whoever fills the
/// sum keeps nobody out that is not as large.
final class Held {
    /// What a stranger may have beside the sum.
    static final int EACH = 2 * 1024;

    /// All strangers of the door together.
    static final long ALL = 32L << 20;

    private final AtomicLong ofStrangers;
    private @Nullable ByteBuf bytes;
    private int counted;

    /// What a stranger is told that does not fit.
    static MqttFault full() {
        return new MqttFault(
                ReasonCode.SERVER_UNAVAILABLE,
                "all that have not signed in may have sent " + (ALL >> 20) + " MB together, and have: send CONNECT at"
                        + " once, or try again later");
    }

    /// @param ofStrangers what those of the door have together, each without its first bytes
    Held(AtomicLong ofStrangers) {
        this.ofStrangers = ofStrangers;
    }

    /// @return null where nothing is held
    @Nullable
    ByteBuf bytes() {
        return bytes;
    }

    int readable() {
        return bytes == null ? 0 : bytes.readableBytes();
    }

    /// Keeps a copy of what is left: the buffer read into is far larger than the beginning of a packet.
    void keep(ByteBuf in, ByteBufAllocator alloc) {
        bytes = alloc.buffer(in.readableBytes()).writeBytes(in);
    }

    /// Makes room, or gives the memory back where nothing is left.
    void tidy() {
        ByteBuf now = bytes;
        if (now == null) {
            return;
        }
        if (!now.isReadable()) {
            letGo();
        } else if (now.readerIndex() > now.capacity() / 2) {
            now.discardReadBytes();
        }
    }

    void letGo() {
        if (bytes != null) {
            bytes.release();
            bytes = null;
        }
        count(0);
    }

    /// @return whether all strangers, of whom this is one, have no more than they may
    boolean fits() {
        count(bytes == null ? 0 : Math.max(0, bytes.capacity() - EACH));
        return counted == 0 || ofStrangers.get() <= ALL;
    }

    /// It is no stranger's any more.
    void signedIn() {
        count(0);
    }

    private void count(int now) {
        if (now != counted) {
            ofStrangers.addAndGet(now - counted);
            counted = now;
        }
    }
}
