package tributary.gateway.mqtt;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import tributary.gateway.tls.HandshakeFailure;

/// Stands behind the TLS handler until the handshake is through, and then gives its place to the [MqttConnection]: a
/// connection that never gets there costs no more than its socket and TLS.
final class TlsArrival extends ChannelInboundHandlerAdapter {
    private final MqttLoop loop;
    private final Arrival arrival;
    private final Gates gates;

    TlsArrival(MqttLoop loop, Arrival arrival, Gates gates) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.arrival = Objects.requireNonNull(arrival, "arrival");
        this.gates = Objects.requireNonNull(gates, "gates");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        if (handshake.isSuccess()) {
            ctx.pipeline().replace(this, null, new MqttConnection(loop, ctx.channel(), arrival));
            return;
        }
        loop.turnedAway(arrival, HandshakeFailure.explain(handshake.cause(), gates.tlsPort(), gates.plainPort()));
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // the event above has said why
    }
}
