package tributary.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// What is to be seen of a session from outside.
///
/// @param detachedMicros when the client left, microseconds since 1970, or 0 while it is there
/// @param inFlight       messages sent and not acknowledged
/// @param waiting        messages that wait
/// @param waitingBytes   bytes of their payloads
/// @param dropped        messages that the session lost to its limits, since the process started
public record SessionView(
        TenantId tenant,
        String clientId,
        String subject,
        @Nullable DeviceId device,
        boolean connected,
        long expirySeconds,
        long detachedMicros,
        List<Subscription> subscriptions,
        int inFlight,
        int waiting,
        long waitingBytes,
        long dropped) {}
