package tributary.broker;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Message;

/// One durable message on its way to subscribers; all that get it at the same time share this object.
///
/// Partition and position name the message for good: what waits for a client is those two numbers and no copy.
public final class Delivery {
    private final Message message;
    private final int partition;
    private final long position;

    /// Written and read by several threads without order: whoever sees nothing makes it anew, and what is kept
    /// has final fields only.
    private @Nullable Object form;

    /// The round of [Standing] in which the message's device was found, without order as well.
    private int standsIn;

    Delivery(Message message, int partition, long position) {
        this.message = Objects.requireNonNull(message, "message");
        this.partition = partition;
        this.position = position;
    }

    public Message message() {
        return message;
    }

    /// @return the log's partition that holds the message
    public int partition() {
        return partition;
    }

    /// @return the message's position in its partition
    public long position() {
        return position;
    }

    /// @return whether it is not in the log: what holds now, and is told anew soon
    boolean fleeting() {
        return position == Long.MAX_VALUE;
    }

    /// @return what the door kept with [#keep], or null
    public @Nullable Object kept() {
        return form;
    }

    /// Keeps the door's encoded form beside the message, so that it is made once for all subscribers.
    ///
    /// @param encoded an object whose fields are final
    public void keep(Object encoded) {
        form = encoded;
    }

    int standsIn() {
        return standsIn;
    }

    void stands(int round) {
        standsIn = round;
    }

    @Override
    public String toString() {
        return "Delivery[%d:%d %s]".formatted(partition, position, message);
    }
}
