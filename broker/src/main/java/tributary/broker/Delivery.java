package tributary.broker;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Message;

/// One durable message on its way to the subscribers of one [Outlet]; they share this object.
///
/// Partition and position name the message for good: a session that outlives its connection keeps those two numbers
/// and no copy.
public final class Delivery {
    private final Message message;
    private final int partition;
    private final long position;
    private @Nullable Object encoded;

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

    /// @return what the door kept with [#keep], or null
    public @Nullable Object kept() {
        return encoded;
    }

    /// Keeps the door's encoded form beside the message, so that it is made once for all subscribers of the outlet.
    public void keep(Object form) {
        encoded = form;
    }
}
