package tributary.broker;

/// What the broker does, for metrics.
///
/// @param sessions      sessions now
/// @param subscriptions filters of all sessions now
/// @param matched       messages that somebody heard, since start
/// @param deliveries    copies of them handed to clients' threads, since start
public record BrokerCounts(int sessions, int subscriptions, long matched, long deliveries) {}
