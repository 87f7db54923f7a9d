package tributary.engine;

/// What rules said, in the order in which they said it. Durable: what a reader sees stays said, whatever crashes.
///
/// A parcel is kept until every named reader has committed beyond it.
public interface Outbox {
    /// Opens a named reader; it begins where it last committed, or at the end where the name is new.
    ///
    /// @param name `[a-z0-9-]{1,40}`; one open reader a name
    OutboxReader reader(String name);

    /// Opens a reader that leaves no trace, and begins at the end.
    OutboxReader reader();

    /// @return the position behind the last parcel that can be read
    long end();

    /// @return bytes that it takes on the disk
    long bytes();

    /// @return bytes that it may take; rules stand still where there is no more room
    long bytesMax();
}
