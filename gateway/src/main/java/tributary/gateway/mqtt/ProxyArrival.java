package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.ProxyHeader;

/// Stands first in a connection of a load balancer until it has said whom it speaks for, and then makes room for the
/// handlers of that client; what came behind the header goes on to them.
final class ProxyArrival extends ByteToMessageDecoder {
    private final MqttLoop loop;
    private final Approach balancer;
    private final Consumer<Approach> enter;

    /// @param balancer how the balancer itself came
    /// @param enter    takes the client in
    ProxyArrival(MqttLoop loop, Approach balancer, Consumer<Approach> enter) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.balancer = Objects.requireNonNull(balancer, "balancer");
        this.enter = Objects.requireNonNull(enter, "enter");
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.arriving(ctx.channel());
        ctx.executor()
                .schedule(
                        () -> {
                            if (!ctx.isRemoved()) {
                                turnAway(
                                        ctx,
                                        "no PROXY protocol header within " + MqttConnection.CONNECT_SECONDS
                                                + " seconds: turn it on in the load balancer");
                            }
                        },
                        MqttConnection.CONNECT_SECONDS,
                        TimeUnit.SECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        switch (ProxyHeader.read(in)) {
            case ProxyHeader.Partial _ -> {}
            case ProxyHeader.Malformed malformed -> {
                in.skipBytes(in.readableBytes());
                turnAway(ctx, malformed.why());
            }
            case ProxyHeader.Told told -> {
                enter.accept(client(told.source()));
                ctx.pipeline().remove(this);
            }
        }
    }

    private Approach client(@Nullable SocketAddress source) {
        return source == null ? balancer : new Approach(source, balancer.entrance(), null);
    }

    private void turnAway(ChannelHandlerContext ctx, String why) {
        loop.turnedAway(
                balancer, Grounds.unproven(Cause.PROTOCOL_ERROR, why + ", or take its address out of mqtt.proxy-from"));
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // the connection broke before anybody was there
    }
}
