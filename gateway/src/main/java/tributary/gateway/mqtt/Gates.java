package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What stands before the event loops: the ports of the door, for telling clients that came to the wrong one, and the
/// crowd that comes through them.
final class Gates {
    // Written when a listener opens, read from all loops.
    private volatile int plainPort;
    private volatile int tlsPort;

    private final Crowd crowd;
    private final AtomicLong bytesOfStrangers = new AtomicLong();

    Gates(Crowd crowd) {
        this.crowd = crowd;
    }

    Crowd crowd() {
        return crowd;
    }

    /// @return what clients that have not signed in made the door keep, as [Held] counts it
    AtomicLong bytesOfStrangers() {
        return bytesOfStrangers;
    }

    /// @return milliseconds that a refusal waits where sign-ins from its address keep failing
    int penalty(SignIn.Refusal refusal, Approach approach) {
        return switch (refusal.reason()) {
            case BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED -> crowd.failed(approach.remote());
            default -> 0;
        };
    }

    int plainPort() {
        return plainPort;
    }

    /// @return 0 where there is no TLS
    int tlsPort() {
        return tlsPort;
    }

    /// @return what is wrong and what to do where the client wanted another port, or null
    @Nullable
    String mistaken(ByteBuf in, Approach approach) {
        return switch (approach.entrance().kind()) {
            case PLAIN -> Mistaken.about(in, plainPort, tlsPort);
            case TLS, WEBSOCKET -> null;
        };
    }

    void plainPort(int port) {
        plainPort = port;
    }

    void tlsPort(int port) {
        tlsPort = port;
    }
}
