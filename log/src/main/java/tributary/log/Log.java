package tributary.log;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// The durable ordered log: what it reports durable survives kills and power cuts, in order, exactly once.
///
/// A log has a fixed number of partitions. All messages of a device are in one partition, in the order in which they
/// were appended, and so are those of a publisher that no device is behind. A position is a record's number within its
/// partition: it begins at 0, grows by one with each record
/// and is never used twice. Every variant passes `LogContract`.
public interface Log extends AutoCloseable {
    /// @return how many partitions there are; fixed when the log was made
    int partitions();

    /// @return the partition of a device's messages, or of a publisher's where no device is behind them
    int partitionOf(TenantId tenant, @Nullable DeviceId device, String publisher);

    /// Hands a message to its partition. Never blocks and never throws: the receipt hears the outcome exactly once,
    /// on the log's own thread, in the order of the appends of a partition; it must return quickly.
    ///
    /// A message that finds the partition's queue full is refused with [tributary.model.Fault#LOG_FULL] at once; a
    /// caller that heeds [#congested] never meets that.
    void append(Message message, Receipt receipt);

    /// @return whether appenders should pause: the bytes waiting for the disk passed the high mark
    boolean congested();

    /// Runs `action` once, on a thread of the log's, when the bytes waiting fall below the low mark; at once if they
    /// are.
    void whenRelieved(Runnable action);

    /// Opens a named reader over all partitions; it begins where it last committed, or at the oldest record.
    ///
    /// @param name `[a-z0-9-]{1,40}`; one open reader a name
    LogReader reader(String name);

    /// Opens a named reader that gives way: where there is no room for new records, those that it has yet to read go
    /// all the same, and it goes on behind them. A log without a limit need not know the difference.
    ///
    /// @param name as of [#reader(String)]
    default LogReader yieldingReader(String name) {
        return reader(name);
    }

    /// Opens a reader that leaves no trace, for live streams and replays; it begins at the end until it seeks.
    LogReader reader();

    /// @return the position that the next record of `partition` gets once durable: all before it can be read
    long end(int partition);

    /// @return the position of the oldest record of `partition` that is still kept
    long start(int partition);

    /// @return the first position of `partition` whose record was received at `time` or later, or its end
    long positionAt(int partition, Instant time);

    /// @return the damage found so far; empty on a healthy disk
    List<Damage> damage();

    /// @return names of the readers that hold records back from retention
    Set<String> readerNames();

    /// @return figures for metrics and `status`
    LogStats stats();

    /// Has what is appended next begin new segments: once that is durable, what is before it is forgotten as
    /// soon as it may be, and does not wait for its segment to be full. For any thread. A log that forgets each
    /// record by itself has nothing to do.
    default void beginSegments() {}

    /// Waits for what was appended, flushes, and releases everything.
    @Override
    void close();

    /// Records that can no longer be read.
    ///
    /// @param partition where
    /// @param first     the first position that cannot be read
    /// @param end       the first readable position after it
    /// @param detail    file, byte offset and what is wrong with it
    record Damage(int partition, long first, long end, String detail) {}

    /// @param appended     records made durable since start
    /// @param refused      records refused since start
    /// @param bytes        bytes of all segments on disk
    /// @param pendingBytes bytes waiting for the disk
    /// @param flushes      flushes since start
    /// @param flushMicros  microseconds spent in them
    record LogStats(long appended, long refused, long bytes, long pendingBytes, long flushes, long flushMicros) {}
}
