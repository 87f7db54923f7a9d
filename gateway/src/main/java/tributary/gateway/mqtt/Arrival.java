package tributary.gateway.mqtt;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Caller;
import tributary.model.Message;

/// How a client came in.
///
/// @param remote   its address; behind a load balancer the one that the balancer tells
/// @param entrance which way it came
record Arrival(@Nullable SocketAddress remote, Entrance entrance) {
    Arrival {
        Objects.requireNonNull(entrance, "entrance");
    }

    /// @return who came, for the attempts log
    Caller caller() {
        return Caller.of(Message.Origin.MQTT, remote);
    }

    /// @return who came and what it called itself
    Caller caller(Packet.Connect connect) {
        return Caller.of(Message.Origin.MQTT, Caller.host(remote), connect.userName(), connect.clientId());
    }

    /// @return the address for people
    @Override
    public String toString() {
        return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(remote);
    }
}
