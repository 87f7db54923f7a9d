package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/// Tells a client for which there is no room just that, as soon as it has said which version it speaks, and closes.
/// What it costs is a few bytes for a moment.
final class FullHouse extends ChannelInboundHandlerAdapter {
    /// So many are told at once; others are closed without a word.
    static final int PLACES = 64;

    private static final int SECONDS = 2;

    /// The fixed header of CONNECT, the protocol's name and its level.
    private static final int BEGINNING_BYTES = 12;

    private final String sentence;
    private final ByteBuf beginning = Unpooled.buffer(BEGINNING_BYTES, BEGINNING_BYTES);
    private boolean told;

    /// @param sentence for the client
    FullHouse(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.executor().schedule(() -> ctx.close(), SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            beginning.writeBytes(in, Math.min(in.readableBytes(), beginning.maxWritableBytes()));
        } finally {
            in.release();
        }
        int level = PacketReader.announcedLevel(beginning);
        if (!told && level > 0) {
            told = true;
            ByteBuf out = ctx.alloc().buffer();
            PacketWriter.refused(out, level, ReasonCode.SERVER_UNAVAILABLE, sentence, Integer.MAX_VALUE);
            ctx.writeAndFlush(out).addListener(_ -> HalfClose.of(ctx.channel()));
        } else if (!told && !beginning.isWritable()) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
