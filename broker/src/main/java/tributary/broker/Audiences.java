package tributary.broker;

import java.util.HashMap;
import java.util.Map;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Who hears a topic, remembered until subscriptions of its tenant change. On the broker's thread.
final class Audiences {
    /// Topics that are remembered for one tenant; forgotten all at once beyond that.
    private static final int TOPICS_MAX = 10_000;

    private final Directory directory;
    private final Map<TenantId, Memory> memories = new HashMap<>();

    private static final class Memory {
        private final Map<Topic, Audience> byTopic = new HashMap<>();
        private long version = -1;
    }

    Audiences(Directory directory) {
        this.directory = directory;
    }

    Audience of(TenantId tenant, Topic topic) {
        SubscriptionTree tree = directory.tree(tenant);
        if (tree == null) {
            return Audience.NOBODY;
        }
        Memory memory = memories.computeIfAbsent(tenant, _ -> new Memory());
        long version = tree.version();
        if (memory.version != version || memory.byTopic.size() >= TOPICS_MAX) {
            memory.byTopic.clear();
            memory.version = version;
        }
        Audience known = memory.byTopic.get(topic);
        if (known == null) {
            known = Audience.of(tree.match(topic));
            memory.byTopic.put(topic, known);
        }
        return known;
    }
}
