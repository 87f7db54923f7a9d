package tributary.gateway.mqtt;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.model.Message;
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

    /// @return who came, for the attempts log
    Caller caller() {
        return Caller.of(Message.Origin.MQTT, remote);
    }

    /// @return who came and what it called itself
    Caller caller(Packet.Connect connect) {
        return Caller.of(Message.Origin.MQTT, Caller.host(remote), connect.userName(), connect.clientId());
    }

    /// @return for the attempts log: whose it is, where a certificate says so
    Grounds grounds(Cause cause, String sentence) {
        return proven == null ? Grounds.unproven(cause, sentence) : Grounds.of(proven, cause, sentence);
    }

    /// @return the address for people
    @Override
    public String toString() {
        return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(remote);
    }
}
