package tributary.log;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads the log in order, partition by partition. For one thread at a time.
///
/// Only durable records are seen. A stretch that is damaged is stepped over and reported by [Log#damage].
public interface LogReader extends AutoCloseable {
    /// Waits for records.
    ///
    /// @param wait how long at most; zero does not wait
    /// @return the next records of one partition, or null where none came in time
    @Nullable
    Batch poll(Duration wait);

    /// @return the next records of that partition without waiting, or null where there are none
    @Nullable
    Batch next(int partition);

    /// @return the position that the next batch of `partition` begins at, or later where records are gone
    long position(int partition);

    /// Continues `partition` at `position`; below the oldest kept record means the oldest.
    void seek(int partition, long position);

    /// Remembers that everything of `partition` before `position` is done: a named reader of this name begins there
    /// after a restart, and retention may delete it. Durable when it returns. A nameless reader refuses.
    void commit(int partition, long position);

    @Override
    void close();
}
