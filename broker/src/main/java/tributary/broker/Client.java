package tributary.broker;

/// The connected end of a [Session]: what a door does with deliveries.
public interface Client {
    /// Sends, queues or counts one message. On the outlet's thread only.
    ///
    /// @param target which of the session's subscriptions asked for it
    void deliver(Delivery delivery, Target target);

    /// Somebody connected with the same client id: this end has lost the session and closes. On any thread.
    void takenOver();
}
