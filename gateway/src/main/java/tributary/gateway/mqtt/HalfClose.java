package tributary.gateway.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/// Ends our half of a stream, so that the client reads our last words before the rest is closed: TLS has its own
/// last word before the socket's, and a WebSocket its close frame.
final class HalfClose {
    private HalfClose() {}

    static void of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound().addListener(_ -> socket(channel));
        } else {
            socket(channel);
        }
    }

    private static void socket(Channel channel) {
        if (channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        }
    }
}
