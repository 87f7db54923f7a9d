package tributary.gateway.mqtt;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.registry.Principal;

/// How a client came in.
///
/// @param remote   its address; behind a load balancer the one that the balancer tells
/// @param entrance which way it came
/// @param proven   who its certificate says it is, or null where it showed none
record Approach(
        @Nullable SocketAddress remote,
        Entrance entrance,
        @Nullable Principal proven) {
    Approach {
        Objects.requireNonNull(entrance, "entrance");
    }

    Approach proving(Principal newProven) {
        return new Approach(remote, entrance, newProven);
    }

    /// @return the address for people
    @Override
    public String toString() {
        return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(remote);
    }
}
