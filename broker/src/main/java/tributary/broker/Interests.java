package tributary.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;
import tributary.model.Topic;

/// The subscriptions of a session, and what they make of a topic. Guarded by the session's lock.
final class Interests {
    private static final int REMEMBERED_TOPICS_MAX = 64;

    private final Session session;
    private final Map<Key, Listener> byKey = new HashMap<>(2);

    /// What was found for topics, until a subscription changes.
    private final Map<Topic, Match> matches = new HashMap<>(2);

    Interests(Session session) {
        this.session = session;
    }

    @Nullable
    Listener get(Key key) {
        return byKey.get(key);
    }

    void put(Subscription subscription, long[] from) {
        byKey.put(subscription.key(), new Listener(session, subscription, from));
        matches.clear();
    }

    /// @return whether there was one
    boolean remove(Key key) {
        matches.clear();
        return byKey.remove(key) != null;
    }

    void clear() {
        byKey.clear();
        matches.clear();
    }

    List<Key> keys() {
        return List.copyOf(byKey.keySet());
    }

    /// @return the keys of those that a group shares
    List<Key> shared() {
        List<Key> shared = new ArrayList<>(0);
        for (Key key : byKey.keySet()) {
            if (!key.share().isEmpty()) {
                shared.add(key);
            }
        }
        return shared;
    }

    List<Subscription> subscriptions() {
        return byKey.values().stream().map(Listener::subscription).toList();
    }

    List<Change.Listening> listenings() {
        return byKey.values().stream()
                .map(listener -> new Change.Listening(listener.subscription(), listener.from()))
                .toList();
    }

    /// @param share the group that the message comes from, or null
    /// @return what the session wants with a topic, or null where no subscription matches
    @Nullable
    Match match(Topic topic, @Nullable Key share) {
        if (share != null) {
            Listener listener = byKey.get(share);
            return listener == null ? null : new Match(session, List.of(listener));
        }
        Match known = matches.get(topic);
        if (known != null) {
            return known;
        }
        List<Listener> listeners = new ArrayList<>(1);
        for (Listener listener : byKey.values()) {
            Subscription subscription = listener.subscription();
            if (!subscription.shared() && subscription.filter().matches(topic)) {
                listeners.add(listener);
            }
        }
        if (listeners.isEmpty()) {
            return null;
        }
        Match match = new Match(session, listeners);
        if (matches.size() >= REMEMBERED_TOPICS_MAX) {
            matches.clear();
        }
        matches.put(topic, match);
        return match;
    }
}
