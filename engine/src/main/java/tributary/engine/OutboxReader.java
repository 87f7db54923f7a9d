package tributary.engine;

import java.time.Duration;
import java.util.List;

/// Reads the outbox in order. For one thread at a time.
public interface OutboxReader extends AutoCloseable {
    /// Waits for parcels.
    ///
    /// @param wait how long at most; zero does not wait
    /// @return the next ones, some thousands at most, of all destinations: take those that are yours; empty
    ///         where none came in time
    List<Parcel> poll(Duration wait);

    /// @return where the next poll begins
    long position();

    /// Goes on at a position: that of a parcel, one behind a parcel, or [Outbox#end].
    void seek(long position);

    /// Remembers that every parcel before `position` is done. After a restart a reader of this name begins there, or
    /// up to a batch earlier: whoever must not see a parcel twice keeps the position of the last one beside what it
    /// did, and seeks behind it.
    void commit(long position);

    @Override
    void close();
}
