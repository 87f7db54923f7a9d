package tributary.broker;

/// What the broker holds and does for one tenant.
///
/// @param connected     sessions with a client
/// @param away          sessions that wait for theirs
/// @param subscriptions filters of these sessions
/// @param waiting       messages that wait for these sessions
/// @param waitingBytes  bytes of their payloads
/// @param dropped       copies that a limit cost the sessions that there are, since the process started
/// @param retained      retained messages
/// @param retainedBytes bytes of their payloads
public record TenantFigures(
        int connected,
        int away,
        int subscriptions,
        long waiting,
        long waitingBytes,
        long dropped,
        int retained,
        long retainedBytes) {}
