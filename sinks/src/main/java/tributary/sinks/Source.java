package tributary.sinks;

/// What a sink brings in from elsewhere, at work until it is closed. It connects and waits on a thread of its own.
public interface Source extends AutoCloseable {
    /// @return how it does, in memory
    SourceStatus status();

    /// Acknowledges what is on the disk, and lets go of the connection.
    @Override
    void close();
}
