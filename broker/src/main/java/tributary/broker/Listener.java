package tributary.broker;

/// A subscription in the tree: whose it is and from which positions on it hears.
///
/// @param from for each partition of the log the first position to hear; what was durable before the subscription is
///             not for it, even where the broker reads it later
record Listener(Hearer hearer, Subscription subscription, long[] from) {}
