package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/// A dialect whose server answers nothing (MQTT QoS 0): a message's answer is its arrival at every
/// subscriber, told by [Echo]. So a window holds for deliveries.
final class EchoedDialect implements Dialect {
    private final Dialect spoken;

    EchoedDialect(Dialect spoken) {
        this.spoken = spoken;
    }

    @Override
    public void greet(ChannelHandlerContext context) {
        spoken.greet(context);
    }

    @Override
    public void encode(ByteBuf out, long number) {
        spoken.encode(out, number);
    }

    @Override
    public int messageBytes() {
        return spoken.messageBytes();
    }

    @Override
    public void read(ChannelHandlerContext context, ByteBuf in) {
        spoken.read(context, in);
    }

    @Override
    public boolean answered() {
        return true;
    }

    @Override
    public void close() {
        spoken.close();
    }
}
