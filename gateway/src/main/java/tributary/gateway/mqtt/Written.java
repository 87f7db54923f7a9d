package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is written to one client in this turn of the event loop, in one buffer: it leaves at the end of the
/// turn, or earlier where it gets large.
final class Written {
    /// Written bytes that are handed to the channel without waiting for the end of the turn.
    private static final int SPILL_BYTES = 64 * 1024;

    private static final int BYTES = 256;

    private final Channel channel;
    private final Runnable begun;
    private @Nullable ByteBuf bytes;

    /// @param begun runs with the first packet of a turn: asks for [#flush] at its end
    Written(Channel channel, Runnable begun) {
        this.channel = Objects.requireNonNull(channel, "channel");
        this.begun = Objects.requireNonNull(begun, "begun");
    }

    /// @return where the next packet goes
    ByteBuf next() {
        ByteBuf now = bytes;
        if (now == null) {
            now = channel.alloc().buffer(BYTES);
            bytes = now;
            begun.run();
        } else if (now.readableBytes() > SPILL_BYTES) {
            channel.write(now, channel.voidPromise());
            now = channel.alloc().buffer(BYTES);
            bytes = now;
        }
        return now;
    }

    void flush() {
        ByteBuf now = bytes;
        bytes = null;
        if (now != null) {
            channel.writeAndFlush(now, channel.voidPromise());
        }
    }

    /// Sends the last words, if there are any.
    ///
    /// @return hears when they are sent
    ChannelFuture last() {
        ByteBuf now = bytes == null ? Unpooled.EMPTY_BUFFER : bytes;
        bytes = null;
        return channel.writeAndFlush(now);
    }

    /// Nobody is there any more to get it.
    void forget() {
        if (bytes != null) {
            bytes.release();
            bytes = null;
        }
    }
}
