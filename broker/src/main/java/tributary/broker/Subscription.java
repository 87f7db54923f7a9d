package tributary.broker;

import java.util.Objects;
import tributary.model.TopicFilter;

/// One filter of one session.
///
/// @param share             the group that shares the messages among its members, or "" where the session gets all
/// @param filter            which topics
/// @param qos               most that deliveries carry, 0 to 2
/// @param noLocal           not what the session itself published
/// @param retainAsPublished keep the publisher's retain flag
/// @param identifier        the subscriber's own number for it, or 0
public record Subscription(
        String share, TopicFilter filter, int qos, boolean noLocal, boolean retainAsPublished, int identifier) {
    public Subscription {
        Objects.requireNonNull(share, "share");
        Objects.requireNonNull(filter, "filter");
        if (qos < 0 || qos > 2 || identifier < 0) {
            throw new IllegalArgumentException("qos is 0, 1 or 2 and an identifier is not negative");
        }
    }

    /// One that is not shared.
    public Subscription(TopicFilter filter, int qos, boolean noLocal, boolean retainAsPublished, int identifier) {
        this("", filter, qos, noLocal, retainAsPublished, identifier);
    }

    public boolean shared() {
        return !share.isEmpty();
    }

    public Key key() {
        return new Key(share, filter);
    }

    /// What tells the subscriptions of a session apart.
    public record Key(String share, TopicFilter filter) {
        /// @return how long a name it is, that of the group and the filter
        public int characters() {
            return share.length() + filter.value().length();
        }
    }
}
