package tributary.gateway.mqtt;

/// What the MQTT door does, for metrics. All but the first are since start.
///
/// @param connections       connections now
/// @param accepted          clients that signed in
/// @param refused           clients whose CONNECT was refused
/// @param turnedAway        connections closed before they spoke MQTT: TLS failed, or no good PROXY header
/// @param overLimit         connections closed at once because there were too many, in all or of one address
/// @param malformed         connections closed because the client broke the protocol
/// @param timedOut          connections closed for silence: no CONNECT, or the keep-alive passed
/// @param published         publishes read
/// @param lost              messages of QoS 0 that the log refused, the one kind that is lost without an answer
/// @param delivered         publishes sent to subscribers
/// @param droppedTooLarge   deliveries larger than the subscriber takes
public record MqttCounts(
        long connections,
        long accepted,
        long refused,
        long turnedAway,
        long overLimit,
        long malformed,
        long timedOut,
        long published,
        long lost,
        long delivered,
        long droppedTooLarge) {}
