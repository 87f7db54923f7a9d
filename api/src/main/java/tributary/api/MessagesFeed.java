package tributary.api;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.Message;

/// Shows each message as it was sent.
final class MessagesFeed implements LiveStream.Feed {
    @Override
    public String event() {
        return "message";
    }

    @Override
    public @Nullable ObjectNode show(int partition, long position, Message message) {
        return Recorded.json(partition, position, message);
    }
}
