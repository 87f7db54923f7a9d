package tributary.broker;

import java.util.Arrays;
import java.util.List;
import tributary.model.Message;

/// One session among those that hear a topic, its overlapping subscriptions taken together: it gets one copy, with the
/// highest quality of service asked for and all identifiers.
public final class Target {
    private final Session session;
    private final int qos;
    private final boolean noLocal;
    private final boolean retainAsPublished;
    private final int[] identifiers;
    private final long[] from;

    private Target(Session session, List<Listener> listeners) {
        this.session = session;
        this.qos =
                listeners.stream().mapToInt(l -> l.subscription().qos()).max().orElse(0);
        this.noLocal = listeners.stream().allMatch(l -> l.subscription().noLocal());
        this.retainAsPublished =
                listeners.stream().anyMatch(l -> l.subscription().retainAsPublished());
        this.identifiers = listeners.stream()
                .mapToInt(l -> l.subscription().identifier())
                .filter(id -> id > 0)
                .toArray();
        this.from = listeners.getFirst().from().clone();
        for (Listener listener : listeners) {
            for (int p = 0; p < from.length; p++) {
                from[p] = Math.min(from[p], listener.from()[p]);
            }
        }
    }

    static Target of(Session session, List<Listener> listeners) {
        return new Target(session, listeners);
    }

    Session session() {
        return session;
    }

    /// @return whether the session had subscribed when the message became durable and did not publish it itself
    boolean wants(Message message, int partition, long position) {
        if (position < from[partition]) {
            return false;
        }
        return !(noLocal
                && message.origin() == Message.Origin.MQTT
                && message.publisher().equals(session.clientId()));
    }

    /// @return most that the delivery carries, 0 to 2
    public int qos() {
        return qos;
    }

    /// @return whether to keep the publisher's retain flag
    public boolean retainAsPublished() {
        return retainAsPublished;
    }

    /// @return the subscriber's own numbers for the subscriptions that match; not to be written to
    public int[] identifiers() {
        return identifiers;
    }

    @Override
    public String toString() {
        return "Target[%s, qos %d, ids %s]".formatted(session, qos, Arrays.toString(identifiers));
    }
}
