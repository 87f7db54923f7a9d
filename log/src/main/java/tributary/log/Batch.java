package tributary.log;

import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Records of one partition at contiguous positions, lent by [LogReader#poll] until the next poll.
public interface Batch {
    /// @return which partition
    int partition();

    /// @return the position of the first record
    long first();

    /// @return how many records; at least 1
    int size();

    /// @return the record at `first() + index`, decoded anew at each call; it owns its payload
    Message message(int index);

    /// Spares readers who want few of the messages the decoding of the others, as do the next three.
    ///
    /// @return whether the record is retained or has a publish id
    default boolean marked(int index) {
        Message message = message(index);
        return message.retain() || message.publishId() > 0;
    }

    /// @return whose message the record is
    default TenantId tenant(int index) {
        return message(index).tenant();
    }

    /// @return where the message was published
    default Topic topic(int index) {
        return message(index).topic();
    }

    /// @return when the record was accepted, microseconds since 1970 UTC
    default long receivedMicros(int index) {
        return message(index).receivedMicros();
    }

    /// @return the position after the last record
    default long end() {
        return first() + size();
    }
}
