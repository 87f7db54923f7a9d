package tributary.broker;

/// Who gets the messages of a subscription.
sealed interface Hearer permits Session, Group {
    /// One message, in the order of the log. On the broker's thread.
    void offer(Delivery delivery, Match match);
}
