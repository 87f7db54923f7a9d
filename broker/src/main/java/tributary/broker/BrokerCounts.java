package tributary.broker;

/// What the broker does, for metrics.
///
/// @param sessions      sessions now
/// @param connected     of these with a client
/// @param subscriptions filters of all sessions now
/// @param waiting       messages that wait for sessions now
/// @param retained      retained messages now
/// @param retainedBytes bytes of their payloads
/// @param matched       messages that somebody heard, since start
/// @param deliveries    copies of them for sessions, since start
/// @param dropped       copies that a limit cost, since start
/// @param expired       copies that nobody wanted in time, since start
/// @param fetched       copies read back from the log, since start
/// @param wills         wills spoken, since start
public record BrokerCounts(
        int sessions,
        int connected,
        int subscriptions,
        long waiting,
        int retained,
        long retainedBytes,
        long matched,
        long deliveries,
        long dropped,
        long expired,
        long fetched,
        long wills) {}
