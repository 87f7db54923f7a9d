package tributary.gateway;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Message;

/// Whoever is at a door, as far as the door can tell without proof. Asked only when something is refused, so a door
/// makes the texts then.
public interface Caller {
    /// @return the door
    Message.Origin door();

    /// @return where from, `192.168.1.40`, or "" where that is not known
    String address();

    /// @return the user name given, or ""
    String userName();

    /// @return the client id given, or ""
    String clientId();

    /// @param userName or null where none was given
    /// @param clientId or null where none was given
    static Caller of(Message.Origin door, String address, @Nullable String userName, @Nullable String clientId) {
        return new Visitor(
                door, address, Objects.requireNonNullElse(userName, ""), Objects.requireNonNullElse(clientId, ""));
    }

    /// A caller of whom only the address is known.
    static Caller of(Message.Origin door, @Nullable SocketAddress remote) {
        return new Visitor(door, host(remote), "", "");
    }

    /// @return the host of a socket's address, without port and name look-up
    static String host(@Nullable SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet) {
            InetAddress address = inet.getAddress();
            return address == null ? inet.getHostString() : address.getHostAddress();
        }
        return remote == null ? "" : remote.toString();
    }

    /// A caller in plain texts.
    record Visitor(Message.Origin door, String address, String userName, String clientId) implements Caller {
        public Visitor {
            Objects.requireNonNull(door, "door");
            Objects.requireNonNull(address, "address");
            Objects.requireNonNull(userName, "userName");
            Objects.requireNonNull(clientId, "clientId");
        }
    }
}
