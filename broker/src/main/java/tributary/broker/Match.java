package tributary.broker;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;

/// What a hearer wants with a topic, its overlapping subscriptions taken together: one copy, with the highest quality
/// of service asked for and all identifiers.
final class Match {
    private final Hearer hearer;
    private final @Nullable Key share;
    private final int qos;
    private final boolean noLocal;
    private final boolean retainAsPublished;
    private final int[] identifiers;
    private final long[] from;
    private final List<Listener> listeners;

    /// From here on each of the listeners counts.
    private final long[] settled;

    Match(Hearer hearer, List<Listener> listeners) {
        this.hearer = hearer;
        Subscription first = listeners.getFirst().subscription();
        this.share = first.shared() ? first.key() : null;
        this.qos =
                listeners.stream().mapToInt(l -> l.subscription().qos()).max().orElse(0);
        this.noLocal = listeners.stream().allMatch(l -> l.subscription().noLocal());
        this.retainAsPublished =
                listeners.stream().anyMatch(l -> l.subscription().retainAsPublished());
        this.identifiers = listeners.stream()
                .mapToInt(l -> l.subscription().identifier())
                .filter(id -> id > 0)
                .toArray();
        this.listeners = List.copyOf(listeners);
        this.from = listeners.getFirst().since().from().clone();
        this.settled = listeners.getFirst().since().raised().clone();
        for (Listener listener : listeners) {
            for (int p = 0; p < from.length; p++) {
                from[p] = Math.min(from[p], listener.since().from()[p]);
                settled[p] = Math.max(settled[p], listener.since().raised()[p]);
            }
        }
    }

    /// One for a message that a client was sent before and has no subscription for any more: it has to be told to the
    /// end.
    static Match without(Hearer hearer, int qos, @Nullable Key share) {
        return new Match(hearer, qos, share);
    }

    private Match(Hearer hearer, int qos, @Nullable Key share) {
        this.hearer = hearer;
        this.qos = qos;
        this.share = share;
        this.noLocal = false;
        this.retainAsPublished = false;
        this.identifiers = new int[0];
        this.from = new long[0];
        this.settled = new long[0];
        this.listeners = List.of();
    }

    Hearer hearer() {
        return hearer;
    }

    /// @return whether the hearer had subscribed when the message became durable
    boolean wants(Delivery delivery) {
        return wants(delivery.partition(), delivery.position());
    }

    boolean wants(int partition, long position) {
        return position >= from[partition];
    }

    /// @return the group that the message comes from, or null
    @Nullable
    Key share() {
        return share;
    }

    /// @return what the one subscription is called that this is of, or null where it is of several or none
    Subscription.@Nullable Key key() {
        return listeners.size() == 1 ? listeners.getFirst().subscription().key() : null;
    }

    /// @return the highest quality of service that is asked for
    int qos() {
        return qos;
    }

    /// @return the highest that was asked for when the message became durable, also where it is read again later. What
    ///     a group hands over its member gets as it asks for now
    int qosThen(Delivery delivery) {
        int partition = delivery.partition();
        if (share != null || delivery.position() >= settled[partition]) {
            return qos;
        }
        int then = 0;
        for (Listener listener : listeners) {
            if (listener.since().counts(partition, delivery.position())) {
                then = Math.max(then, listener.subscription().qos());
            }
        }
        return then;
    }

    boolean noLocal() {
        return noLocal;
    }

    boolean retainAsPublished() {
        return retainAsPublished;
    }

    /// @return not to be written to
    int[] identifiers() {
        return identifiers;
    }

    @Override
    public String toString() {
        return "Match[%s, qos %d, ids %s]".formatted(hearer, qos, Arrays.toString(identifiers));
    }
}
