package tributary.broker;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.registry.Principal;

/// A client that connects.
///
/// @param principal     who it is
/// @param clientId      a name inside the tenant
/// @param cleanStart    whether what the session remembers is to be forgotten
/// @param expirySeconds how long the session is to outlive the connection; 0 ends it with the connection
/// @param receiveMax    messages of QoS 1 and 2 that the client takes before it acknowledges
/// @param will          or null; its number is given by the broker
/// @param outlet        the way to the client's thread
/// @param client        the connected end
public record Arrival(
        Principal principal,
        String clientId,
        boolean cleanStart,
        long expirySeconds,
        int receiveMax,
        @Nullable Will will,
        Outlet outlet,
        Client client) {
    public Arrival {
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(outlet, "outlet");
        Objects.requireNonNull(client, "client");
        if (expirySeconds < 0 || receiveMax < 1) {
            throw new IllegalArgumentException("expiry is not negative and receive maximum at least 1");
        }
    }
}
