package tributary.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.broker.Outflow.Back;
import tributary.broker.Subscription.Key;
import tributary.model.Topic;

/// The subscriptions of a session, and what they make of a topic. Guarded by the session's lock; adding and removing
/// takes it itself, because the groups that share a subscription must not be looked at under it.
final class Interests {
    private static final int REMEMBERED_TOPICS_MAX = 64;

    private final Session session;
    private final Directory directory;
    private final Commons commons;
    private final Map<Key, Listener> byKey = new HashMap<>(2);

    /// Of all filters and names of groups together.
    private int characters;

    /// What the client lost the right to hear: what waits, or was sent and not acknowledged, is not told any more.
    /// Empty but for a client that lost something.
    private final Set<Key> withdrawn = new HashSet<>(0);

    /// What was found for topics, until a subscription changes.
    private final Map<Topic, Match> matches = new HashMap<>(2);

    Interests(Session session, Directory directory, Commons commons) {
        this.session = session;
        this.directory = directory;
        this.commons = commons;
    }

    /// Adds a subscription or replaces the one with the same key.
    ///
    /// @param done hears when a crash would not undo it
    /// @return the positions before which a retained message is shown; what is behind them is heard. Null where the
    ///         session is not the caller's any more
    long @Nullable [] subscribe(Attachment who, Subscription subscription, Journal.Done done) {
        Since since;
        synchronized (session) {
            if (!session.isOf(who)) {
                return null;
            }
            Listener before = byKey.get(subscription.key());
            since = since(before, subscription);
            put(subscription, since);
            if (before != null && before.subscription().qos() > 0 && subscription.qos() == 0) {
                passesOver(subscription.key());
            }
            if (session.durable() && !commons.has(Flaw.CONFIRM_BEFORE_NOTE)) {
                commons.journal()
                        .note(new Change.Subscribed(session.number(), new Change.Listening(subscription, since)), done);
            } else {
                done.done(null, "");
            }
        }
        directory.listen(session, subscription, since, commons);
        synchronized (session) {
            if (!session.ended()) {
                return session.broker().ends();
            }
        }
        directory.deafen(session, subscription.key()); // it ended meanwhile, and nobody else would
        return null;
    }

    /// Less is heard from now on. A crash before the journal has that would bring back what was passed over.
    private void passesOver(Key key) {
        if (key.share().isEmpty() && session.durable() && !commons.has(Flaw.LOWER_BEFORE_NOTE)) {
            session.outflow().waiting().passesOver();
        }
    }

    private Since since(@Nullable Listener before, Subscription now) {
        long[] ends = session.broker().ends();
        if (before == null) {
            return Since.of(ends);
        }
        boolean raised = before.subscription().qos() == 0 && now.qos() > 0;
        return raised ? before.since().raisedAt(ends) : before.since();
    }

    /// @param done hears when a crash would not undo it
    /// @return whether there was such a subscription
    boolean unsubscribe(Attachment who, Key key, Journal.Done done) {
        List<Back> backs;
        synchronized (session) {
            if (!session.isOf(who) || !remove(key)) {
                done.done(null, "");
                return false;
            }
            passesOver(key);
            session.outflow().forget(key);
            backs = key.share().isEmpty() ? List.of() : session.membership().giveUp(key);
            if (session.durable()) {
                commons.journal().note(new Change.Unsubscribed(session.number(), key), done);
            } else {
                done.done(null, "");
            }
        }
        directory.giveBack(session, backs);
        directory.deafen(session, key);
        return true;
    }

    /// @return whether that very subscription is in force, and not one that came later under the same key
    boolean holds(Subscription subscription) {
        synchronized (session) {
            Listener listener = byKey.get(subscription.key());
            return listener != null && isSame(listener.subscription(), subscription);
        }
    }

    @SuppressWarnings("ReferenceEquality") // equal ones are asked for again and again
    private static boolean isSame(Subscription one, Subscription other) {
        return one == other;
    }

    @Nullable
    Listener get(Key key) {
        return byKey.get(key);
    }

    void put(Subscription subscription, Since since) {
        Key key = subscription.key();
        if (byKey.put(key, new Listener(session, subscription, since)) == null) {
            characters += key.characters();
        }
        withdrawn.remove(key);
        matches.clear();
    }

    private boolean remove(Key key) {
        matches.clear();
        boolean removed = byKey.remove(key) != null;
        characters -= removed ? key.characters() : 0;
        return removed;
    }

    void clear() {
        byKey.clear();
        matches.clear();
        withdrawn.clear();
        characters = 0;
    }

    int count() {
        return byKey.size();
    }

    int characters() {
        return characters;
    }

    /// The client has no right any more to what it subscribed to.
    void withdraw(Attachment who, Key key) {
        synchronized (session) {
            if (!session.isOf(who) || !byKey.containsKey(key)) {
                return;
            }
            withdrawn.add(key);
        }
        unsubscribe(who, key, (_, _) -> {});
    }

    /// @param share the group that the message comes from, or null
    /// @return whether the client was to hear the message and has no right to it any more
    boolean withheld(Topic topic, @Nullable Key share) {
        if (withdrawn.isEmpty()) {
            return false;
        }
        if (match(topic, share) != null) {
            return false;
        }
        return share == null
                ? withdrawn.stream()
                        .anyMatch(key -> key.share().isEmpty() && key.filter().matches(topic))
                : withdrawn.contains(share);
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
                .map(listener -> new Change.Listening(listener.subscription(), listener.since()))
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
