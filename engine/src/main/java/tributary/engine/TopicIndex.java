package tributary.engine;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Which rules of a tenant listen to a topic: a tree by levels, and before it a table of the topics that came last,
/// because the same ones come again and again. For one thread.
final class TopicIndex {
    private static final int REMEMBERED_MAX = 20_000;

    private final Node root = new Node();
    private final Map<Topic, List<RuleAtWork>> remembered = new HashMap<>();
    private final List<RuleAtWork> order;

    /// Each rule alone, because most topics have one listener.
    private final List<List<RuleAtWork>> alone;

    /// The rules that the walk has met so far, some twice.
    private int[] met = new int[8];

    private int metCount;

    /// Rules by their place in the order.
    private static final class Node {
        private static final int[] NONE = {};

        private final Map<String, Node> below = new HashMap<>();
        private int[] here = NONE;
        private int[] allBelow = NONE;
    }

    /// @param rules in the order in which they see a message
    TopicIndex(List<RuleAtWork> rules) {
        order = List.copyOf(rules);
        alone = order.stream().map(List::of).toList();
        for (int place = 0; place < order.size(); place++) {
            for (TopicFilter filter : order.get(place).filters()) {
                add(filter.value(), place);
            }
        }
    }

    private void add(String filter, int place) {
        Node node = root;
        for (String level : filter.split("/", -1)) {
            if (level.equals("#")) {
                node.allBelow = with(node.allBelow, place);
                return;
            }
            node = node.below.computeIfAbsent(level, _ -> new Node());
        }
        node.here = with(node.here, place);
    }

    private static int[] with(int[] places, int place) {
        int[] longer = Arrays.copyOf(places, places.length + 1);
        longer[places.length] = place;
        return longer;
    }

    /// @return the rules that listen to `topic`, each once, in their order
    List<RuleAtWork> listeners(Topic topic) {
        List<RuleAtWork> known = remembered.get(topic);
        if (known != null) {
            return known;
        }
        metCount = 0;
        collect(root, topic.value(), 0);
        List<RuleAtWork> listeners = listeners();
        if (remembered.size() >= REMEMBERED_MAX) {
            remembered.clear();
        }
        remembered.put(topic, listeners);
        return listeners;
    }

    /// @return the rules that the walk met
    private List<RuleAtWork> listeners() {
        return switch (metCount) {
            case 0 -> List.of();
            case 1 -> alone.get(met[0]);
            default ->
                Arrays.stream(met, 0, metCount)
                        .sorted()
                        .distinct()
                        .mapToObj(order::get)
                        .toList();
        };
    }

    private void meet(int[] places) {
        if (places.length > met.length - metCount) {
            met = Arrays.copyOf(met, Math.max(2 * met.length, metCount + places.length));
        }
        System.arraycopy(places, 0, met, metCount, places.length);
        metCount += places.length;
    }

    /// @param from where the next level begins, behind the end where there is none
    private void collect(Node node, String topic, int from) {
        boolean aside = from == 0 && topic.charAt(0) == '$';
        if (!aside) {
            meet(node.allBelow);
        }
        if (from > topic.length()) {
            meet(node.here);
            return;
        }
        if (node.below.isEmpty()) {
            return;
        }
        int slash = topic.indexOf('/', from);
        int end = slash < 0 ? topic.length() : slash;
        follow(node.below.get(topic.substring(from, end)), topic, end + 1);
        if (!aside) {
            follow(node.below.get("+"), topic, end + 1);
        }
    }

    private void follow(@Nullable Node node, String topic, int from) {
        if (node != null) {
            collect(node, topic, from);
        }
    }
}
