package tributary.broker;

/// From where in the log a subscription counts, by partition.
///
/// @param from   the first positions to hear: what was durable before the subscription is not for it, even where the
///               broker reads it later
/// @param raised the first positions to hear at more than QoS 0, for a subscription that was raised from there. What
///               was passed over before, because its client was slow or away, does not come after a crash either, when
///               the log is read again and newer messages have been heard
record Since(long[] from, long[] raised) {
    /// A subscription that had its quality of service from the beginning.
    static Since of(long[] from) {
        return new Since(from, from);
    }

    /// The subscription is raised from QoS 0.
    Since raisedAt(long[] ends) {
        return new Since(from, ends);
    }

    /// @return as this one, but heard from where either is heard
    Since orEarlier(Since other) {
        return new Since(lower(from, other.from), raised);
    }

    private static long[] lower(long[] one, long[] other) {
        long[] lower = one.clone();
        for (int p = 0; p < lower.length; p++) {
            lower[p] = Math.min(lower[p], other[p]);
        }
        return lower;
    }

    /// @return whether the subscription's quality of service counts for a message at that place
    boolean counts(int partition, long position) {
        return position >= raised[partition];
    }
}
