package tributary.query;

import java.time.Duration;
import tributary.model.Settings;

/// How much queries may take. The memory of all workers together is at most [#memoryBytesMax].
///
/// @param workersMax      worker processes at once, one a tenant that asks
/// @param memoryBytes     what the SQL engine of one worker may take
/// @param heapBytes       what the Java of one worker may take
/// @param threads         engine threads of one worker
/// @param queriesMax      queries of one tenant at once
/// @param waitingMax      queries of one tenant that wait for their turn; one more is refused
/// @param idle            a worker that was not asked for so long is stopped
/// @param stopWithin      a query that is cancelled has so long to stop, then its worker is killed
/// @param parquetBytesMax a Parquet answer may have so many bytes, for it is a file on our disk first
/// @param parquetFreeMin  such a file leaves so many bytes of the disk free
public record QuerySettings(
        int workersMax,
        long memoryBytes,
        long heapBytes,
        int threads,
        int queriesMax,
        int waitingMax,
        Duration idle,
        Duration stopWithin,
        long parquetBytesMax,
        long parquetFreeMin) {
    public static final QuerySettings DEFAULTS = new QuerySettings(
            8, 512L << 20, 128L << 20, 2, 4, 32, Duration.ofMinutes(5), Duration.ofSeconds(1), 2L << 30, 512L << 20);

    /// Asks `settings` for every key of this feature.
    public static QuerySettings read(Settings settings) {
        return new QuerySettings(
                settings.number("query.workers-max", DEFAULTS.workersMax, 1, 1000),
                settings.bytes("query.memory", DEFAULTS.memoryBytes, 64L << 20, 1L << 40),
                settings.bytes("query.worker-heap", DEFAULTS.heapBytes, 64L << 20, 8L << 30),
                settings.number("query.threads", DEFAULTS.threads, 1, 256),
                settings.number("query.queries-max", DEFAULTS.queriesMax, 1, 64),
                settings.number("query.waiting-max", DEFAULTS.waitingMax, 0, 10_000),
                settings.duration("query.idle", DEFAULTS.idle, Duration.ofSeconds(1), Duration.ofDays(1)),
                settings.duration(
                        "query.stop-within", DEFAULTS.stopWithin, Duration.ofMillis(50), Duration.ofMinutes(1)),
                settings.bytes("query.parquet-max", DEFAULTS.parquetBytesMax, 1L << 20, 1L << 40),
                settings.bytes("query.parquet-free-min", DEFAULTS.parquetFreeMin, 0, 1L << 40));
    }

    /// @return the same with other limits of a Parquet answer
    QuerySettings withParquet(long bytesMax, long freeMin) {
        return new QuerySettings(
                workersMax,
                memoryBytes,
                heapBytes,
                threads,
                queriesMax,
                waitingMax,
                idle,
                stopWithin,
                bytesMax,
                freeMin);
    }

    /// @return what all workers together may take at most, their own code and stacks not counted
    public long memoryBytesMax() {
        return workersMax * (memoryBytes + heapBytes);
    }
}
