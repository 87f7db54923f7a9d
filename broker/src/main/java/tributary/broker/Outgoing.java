package tributary.broker;

/// What a client is to be sent next.
public sealed interface Outgoing {
    /// A message.
    ///
    /// @param qos         0 to 2
    /// @param retain      the flag as the client has to see it
    /// @param duplicate   whether it was sent before
    /// @param packetId    0 at QoS 0
    /// @param identifiers the subscriber's own numbers for the subscriptions that match; not to be written to
    record Publish(Delivery delivery, int qos, boolean retain, boolean duplicate, int packetId, int[] identifiers)
            implements Outgoing {}

    /// PUBREL: the client has the message of QoS 2.
    record Release(int packetId) implements Outgoing {}
}
