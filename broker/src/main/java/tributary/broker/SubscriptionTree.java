package tributary.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// The subscriptions of one tenant. Filters without wildcard are looked up whole, the others walked level by level.
///
/// Writers take the lock; the one reader does not: it sees each change whole or not at all, and [#version] tells it
/// that what it remembers is old.
final class SubscriptionTree {
    private static final Listener[] NOBODY = {};

    private final ReentrantLock writing = new ReentrantLock();
    private final Map<String, Listener[]> exact = new ConcurrentHashMap<>();
    private final Node root = new Node();

    /// Grows after each change. Written under the lock, read without it.
    private volatile long version;

    /// A level of the filters with wildcards.
    private static final class Node {
        final Map<String, Node> children = new ConcurrentHashMap<>(2);
        volatile @Nullable Node any;
        volatile Listener[] here = NOBODY;
        volatile Listener[] below = NOBODY;

        boolean bare() {
            return children.isEmpty() && any == null && here.length == 0 && below.length == 0;
        }
    }

    long version() {
        return version;
    }

    /// Adds a listener; one of the same hearer and filter is replaced, and the new one hears from where either did.
    ///
    /// @return whether it is a new one
    boolean add(Listener listener) {
        boolean[] added = new boolean[1];
        change(listener.subscription().filter(), before -> {
            Listener[] after = with(before, listener);
            added[0] = after.length > before.length;
            return after;
        });
        return added[0];
    }

    /// @return whether there was one
    boolean remove(Hearer hearer, TopicFilter filter) {
        boolean[] removed = new boolean[1];
        change(filter, before -> {
            Listener[] after = without(before, hearer);
            removed[0] = after.length < before.length;
            return after;
        });
        return removed[0];
    }

    /// @return whether nobody listens to anything and nothing is kept
    boolean bare() {
        return exact.isEmpty() && root.bare();
    }

    /// @return all whose filter matches, each filter once; a hearer may occur more than once
    List<Listener> match(Topic topic) {
        List<Listener> found = new ArrayList<>();
        add(found, exact.getOrDefault(topic.value(), NOBODY));
        boolean internal = topic.value().charAt(0) == '$';
        walk(root, topic.value(), 0, internal, found);
        return found;
    }

    private static void walk(Node node, String topic, int start, boolean internal, List<Listener> found) {
        if (!internal) {
            add(found, node.below);
        }
        int slash = topic.indexOf('/', start);
        boolean last = slash < 0;
        Node child = node.children.get(last ? topic.substring(start) : topic.substring(start, slash));
        if (child != null) {
            step(child, topic, slash, found);
        }
        Node any = node.any;
        if (any != null && !internal) {
            step(any, topic, slash, found);
        }
    }

    /// Goes on behind a level that matched; depth is bounded by [Topic#LEVELS_MAX].
    private static void step(Node node, String topic, int slash, List<Listener> found) {
        if (slash >= 0) {
            walk(node, topic, slash + 1, false, found);
            return;
        }
        add(found, node.here);
        add(found, node.below); // a/# means a itself, too
    }

    private static void add(List<Listener> found, Listener[] listeners) {
        for (Listener listener : listeners) {
            found.add(listener);
        }
    }

    private void change(TopicFilter filter, UnaryOperator<Listener[]> edit) {
        String text = filter.value();
        writing.lock();
        try {
            if (text.indexOf('+') < 0 && text.indexOf('#') < 0) {
                exact.compute(text, (_, before) -> {
                    Listener[] after = edit.apply(before == null ? NOBODY : before);
                    return after.length == 0 ? null : after;
                });
            } else {
                changeWild(root, text.split("/", -1), 0, edit);
            }
            version++;
        } finally {
            writing.unlock();
        }
    }

    private static void changeWild(Node node, String[] levels, int depth, UnaryOperator<Listener[]> edit) {
        if (depth == levels.length) {
            node.here = edit.apply(node.here);
            return;
        }
        switch (levels[depth]) {
            case "#" -> node.below = edit.apply(node.below);
            case "+" -> {
                Node any = node.any == null ? new Node() : node.any;
                changeWild(any, levels, depth + 1, edit);
                node.any = any.bare() ? null : any;
            }
            default -> {
                Node known = node.children.get(levels[depth]);
                Node child = known == null ? new Node() : known;
                changeWild(child, levels, depth + 1, edit);
                if (child.bare()) {
                    node.children.remove(levels[depth]);
                } else if (known == null) {
                    node.children.put(levels[depth], child);
                }
            }
        }
    }

    private static Listener[] with(Listener[] before, Listener added) {
        for (int i = 0; i < before.length; i++) {
            if (before[i].hearer() == added.hearer()) {
                Listener[] after = before.clone();
                after[i] = new Listener(
                        added.hearer(), added.subscription(), added.since().orEarlier(before[i].since()));
                return after;
            }
        }
        Listener[] after = new Listener[before.length + 1];
        System.arraycopy(before, 0, after, 0, before.length);
        after[before.length] = added;
        return after;
    }

    private static Listener[] without(Listener[] before, Hearer hearer) {
        List<Listener> after = new ArrayList<>(before.length);
        for (Listener listener : before) {
            if (listener.hearer() != hearer) {
                after.add(listener);
            }
        }
        return after.isEmpty() ? NOBODY : after.toArray(NOBODY);
    }
}
