package tributary.broker;

import java.util.ArrayList;
import java.util.Arrays;
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
    private static final int NAMES = 256;

    private final ReentrantLock writing = new ReentrantLock();
    private final Map<String, Listener[]> exact = new ConcurrentHashMap<>();
    private final Node root = new Node("");

    /// Names of levels that were seen lately, each at the place that its hash gives: `commands` below a hundred
    /// thousand devices is one text, and is near when a topic is compared with it. Guarded by the lock.
    private final @Nullable String[] names = new String[NAMES];

    /// Grows after each change. Written under the lock, read without it.
    private volatile long version;

    /// What is below a level: nothing, one level, or many. Most filters are a path of their own from some level on, and
    /// each map on it would be three more places of memory to wait for.
    private sealed interface Branch {
        @Nullable
        Node child(String level);
    }

    private record Fork(Map<String, Node> children) implements Branch {
        @Override
        public @Nullable Node child(String level) {
            return children.get(level);
        }
    }

    /// A level of the filters with wildcards; as a branch, the one that is there.
    private static final class Node implements Branch {
        final String level;
        final int hash;
        volatile @Nullable Branch branch;
        volatile @Nullable Node any;
        volatile Listener[] here = NOBODY;
        volatile Listener[] below = NOBODY;

        Node(String level) {
            this.level = level;
            this.hash = level.hashCode();
        }

        @Override
        public @Nullable Node child(String asked) {
            return hash == asked.hashCode() && level.equals(asked) ? this : null;
        }

        @Nullable
        Node next(String asked) {
            Branch known = branch;
            return known == null ? null : known.child(asked);
        }

        void put(Node child) {
            switch (branch) {
                case null -> branch = child;
                case Fork fork -> fork.children().put(child.level, child);
                case Node only -> {
                    Map<String, Node> children = new ConcurrentHashMap<>(4);
                    children.put(only.level, only);
                    children.put(child.level, child);
                    branch = new Fork(children);
                }
            }
        }

        void remove(Node child) {
            if (branch instanceof Fork(Map<String, Node> children)) {
                children.remove(child.level);
                branch = children.isEmpty() ? null : branch;
            } else {
                branch = null;
            }
        }

        boolean bare() {
            return branch == null && any == null && here.length == 0 && below.length == 0;
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
        Node child = node.next(last ? topic.substring(start) : topic.substring(start, slash));
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
                String[] levels = text.split("/", -1);
                Arrays.setAll(levels, i -> shared(levels[i]));
                changeWild(root, levels, 0, edit);
            }
            version++;
        } finally {
            writing.unlock();
        }
    }

    private String shared(String name) {
        int place = (name.hashCode() ^ name.hashCode() >>> 16) & NAMES - 1;
        String known = names[place];
        if (known != null && known.equals(name)) {
            return known;
        }
        names[place] = name;
        return name;
    }

    private static void changeWild(Node node, String[] levels, int depth, UnaryOperator<Listener[]> edit) {
        if (depth == levels.length) {
            node.here = edit.apply(node.here);
            return;
        }
        switch (levels[depth]) {
            case "#" -> node.below = edit.apply(node.below);
            case "+" -> {
                Node any = node.any == null ? new Node("+") : node.any;
                changeWild(any, levels, depth + 1, edit);
                node.any = any.bare() ? null : any;
            }
            default -> {
                Node known = node.next(levels[depth]);
                Node child = known == null ? new Node(levels[depth]) : known;
                changeWild(child, levels, depth + 1, edit);
                if (known == null && !child.bare()) {
                    node.put(child);
                } else if (known != null && child.bare()) {
                    node.remove(child);
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
