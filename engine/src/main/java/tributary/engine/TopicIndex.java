package tributary.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Which rules of a tenant listen to a topic: a tree by levels, and before it a table of the topics that came last,
/// because the same ones come again and again. For one thread.
final class TopicIndex {
    private static final int REMEMBERED_MAX = 20_000;

    private final Node root = new Node();
    private final Map<Topic, List<RuleAtWork>> remembered = new HashMap<>();

    private static final class Node {
        private final Map<String, Node> below = new HashMap<>();
        private final List<RuleAtWork> here = new ArrayList<>();
        private final List<RuleAtWork> allBelow = new ArrayList<>();
    }

    /// @param rules in the order in which they see a message
    TopicIndex(List<RuleAtWork> rules) {
        for (RuleAtWork rule : rules) {
            for (TopicFilter filter : rule.filters()) {
                add(filter.value(), rule);
            }
        }
        this.order = List.copyOf(rules);
    }

    private final List<RuleAtWork> order;

    private void add(String filter, RuleAtWork rule) {
        Node node = root;
        for (String level : filter.split("/", -1)) {
            if (level.equals("#")) {
                node.allBelow.add(rule);
                return;
            }
            node = node.below.computeIfAbsent(level, _ -> new Node());
        }
        node.here.add(rule);
    }

    /// @return the rules that listen to `topic`, each once, in their order
    List<RuleAtWork> listeners(Topic topic) {
        List<RuleAtWork> known = remembered.get(topic);
        if (known != null) {
            return known;
        }
        Set<RuleAtWork> found = new LinkedHashSet<>();
        collect(root, topic.value(), 0, found);
        List<RuleAtWork> listeners = found.size() < 2
                ? List.copyOf(found)
                : order.stream().filter(found::contains).toList();
        if (remembered.size() >= REMEMBERED_MAX) {
            remembered.clear();
        }
        remembered.put(topic, listeners);
        return listeners;
    }

    /// @param from where the next level begins, behind the end where there is none
    private static void collect(Node node, String topic, int from, Set<RuleAtWork> found) {
        boolean aside = from == 0 && topic.charAt(0) == '$';
        if (!aside) {
            found.addAll(node.allBelow);
        }
        if (from > topic.length()) {
            found.addAll(node.here);
            return;
        }
        int slash = topic.indexOf('/', from);
        int end = slash < 0 ? topic.length() : slash;
        follow(node.below.get(topic.substring(from, end)), topic, end + 1, found);
        if (!aside) {
            follow(node.below.get("+"), topic, end + 1, found);
        }
    }

    private static void follow(@Nullable Node node, String topic, int from, Set<RuleAtWork> found) {
        if (node != null) {
            collect(node, topic, from, found);
        }
    }
}
