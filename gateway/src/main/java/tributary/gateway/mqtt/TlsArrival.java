package tributary.gateway.mqtt;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.tls.HandshakeFailure;
import tributary.registry.Credentials.Verdict;

/// Stands behind the TLS handler until the handshake is through, and then gives its place to the
/// [MqttConnection]: a connection that never gets there costs no more than its socket and TLS.
final class TlsArrival extends ChannelInboundHandlerAdapter {
    private final MqttLoop loop;
    private final Approach approach;

    TlsArrival(MqttLoop loop, Approach approach) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.approach = Objects.requireNonNull(approach, "approach");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        if (!handshake.isSuccess()) {
            Gates gates = loop.gates();
            String sentence = HandshakeFailure.explain(handshake.cause(), gates.tlsPort(), gates.plainPort());
            Verdict.Refused verdict = HandshakeFailure.verdict(handshake.cause());
            turnAway(
                    ctx,
                    verdict == null
                            ? Grounds.unproven(Cause.HANDSHAKE_FAILED, sentence)
                            : Grounds.ofCertificate(verdict, sentence));
            return;
        }
        List<X509Certificate> chain = chain(ctx);
        if (chain.isEmpty()) {
            enter(ctx, approach);
            return;
        }
        // once more, because a resumed session has not been asked about in this handshake
        switch (loop.services().certificates().verify(chain)) {
            case Verdict.Accepted accepted -> enter(ctx, approach.proving(accepted.principal()));
            case Verdict.Refused refused ->
                turnAway(ctx, Grounds.ofCertificate(refused, HandshakeFailure.refused(refused.detail())));
        }
    }

    private void enter(ChannelHandlerContext ctx, Approach with) {
        ctx.pipeline().replace(this, null, new MqttConnection(loop, ctx.channel(), with));
    }

    private void turnAway(ChannelHandlerContext ctx, Grounds grounds) {
        loop.turnedAway(approach, grounds);
        ctx.close();
    }

    private static List<X509Certificate> chain(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                if (certificate instanceof X509Certificate known) {
                    chain.add(known);
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // it showed none
        }
        return chain;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // the event above has said why
    }
}
