package tributary.log;

import tributary.model.Message;

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

    /// @return the position after the last record
    default long end() {
        return first() + size();
    }
}
