package tributary.gateway.mqtt;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a client came in.
///
/// @param remote   its address; behind a load balancer the one that the balancer tells
/// @param entrance which way it came
record Arrival(@Nullable SocketAddress remote, Entrance entrance) {
    Arrival {
        Objects.requireNonNull(entrance, "entrance");
    }

    /// @return the address for people
    @Override
    public String toString() {
        return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(remote);
    }
}
