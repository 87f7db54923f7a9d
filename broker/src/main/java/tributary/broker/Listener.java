package tributary.broker;

/// A subscription in the tree: whose it is and from where on it hears.
record Listener(Hearer hearer, Subscription subscription, Since since) {}
