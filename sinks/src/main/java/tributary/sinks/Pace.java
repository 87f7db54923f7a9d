package tributary.sinks;

import java.time.Duration;
import java.util.Objects;

/// How parcels are gathered and how often they are tried.
///
/// @param batchCount how many parcels go at once at most
/// @param batchBytes how many bytes of payload go at once at most, but always one parcel
/// @param linger     how long the first parcel of a batch waits for others
/// @param retryFirst the pause after the first failure; each further one is twice as long
/// @param retryMost  the longest pause
/// @param attempts   how often a parcel is tried that the receiver answers with an error, before it is put aside
/// @param waitingMax how many bytes may wait for a receiver that is away; beyond that the oldest go
public record Pace(
        int batchCount,
        long batchBytes,
        Duration linger,
        Duration retryFirst,
        Duration retryMost,
        int attempts,
        long waitingMax) {
    static final long WAITING_MAX = 64L << 20;

    /// One parcel at a time, at once.
    public static final Pace SINGLE = batches(1, Duration.ZERO);

    public Pace {
        Objects.requireNonNull(linger, "linger");
        Objects.requireNonNull(retryFirst, "retryFirst");
        Objects.requireNonNull(retryMost, "retryMost");
    }

    /// @return so many at once, waited for so long, with the usual pauses
    public static Pace batches(int count, Duration linger) {
        return new Pace(count, 1 << 20, linger, Duration.ofSeconds(1), Duration.ofMinutes(5), 10, WAITING_MAX);
    }

    static Pace read(SinkFields fields, Pace usual) {
        Pace read = new Pace(
                fields.number("batch-count", usual.batchCount, 1, 10_000),
                fields.bytes("batch-bytes", usual.batchBytes, 1024, 16L << 20),
                fields.duration("linger", usual.linger, Duration.ZERO, Duration.ofHours(1)),
                fields.duration("retry-first", usual.retryFirst, Duration.ofMillis(10), Duration.ofHours(1)),
                fields.duration("retry-most", usual.retryMost, Duration.ofMillis(10), Duration.ofDays(1)),
                fields.number("attempts", usual.attempts, 1, 1_000_000),
                fields.bytes("waiting-max", usual.waitingMax, 1L << 20, 1L << 30));
        if (read.retryMost.compareTo(read.retryFirst) < 0) {
            fields.problem("retry-most", "retry-most must not be shorter than retry-first");
        }
        return read;
    }
}
