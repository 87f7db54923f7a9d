package tributary.broker;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import tributary.broker.RetainedStore.Kept;
import tributary.model.TopicFilter;

/// Goes over the retained messages for a new subscription, a stretch at a time: a filter like `+/status` may have to
/// look at every topic of the tenant, and nobody else waits for that.
final class RetainedWalk {
    private static final int STRETCH = 1_000;

    private final Iterator<Kept> all;
    private final TopicFilter filter;
    private final long[] before;
    private final Match match;

    RetainedWalk(Iterator<Kept> all, TopicFilter filter, long[] before, Match match) {
        this.all = all;
        this.filter = filter;
        this.before = before;
        this.match = match;
    }

    /// @return how the subscriber wants them
    Match match() {
        return match;
    }

    boolean isOver() {
        return !all.hasNext();
    }

    /// @return the next one, or null where the stretch, or all, is over
    @Nullable
    Delivery next() {
        for (int i = 0; i < STRETCH && all.hasNext(); i++) {
            Kept kept = all.next();
            // What became durable after the subscription comes with the live messages.
            boolean older = kept.position() < before[kept.partition()];
            if (older && filter.matches(kept.message().topic())) {
                return new Delivery(kept.message(), kept.partition(), kept.position());
            }
        }
        return null;
    }
}
