package tributary.log;

import java.time.Duration;
import tributary.model.Settings;

/// How a [SegmentLog] keeps its records.
///
/// @param partitions   how many partitions a new log gets; an existing one keeps what it was made with
/// @param segmentBytes size of a full segment file; the first ones after a start are smaller
/// @param queueBytes   how many bytes may wait for the disk; appenders are asked to pause at half of it
/// @param tailBytes    how many bytes of the newest records are kept in memory for readers
/// @param keep         how long a record is kept at least as long as it is read by all named readers
/// @param sizeMax      how many bytes all segments may have together
public record LogSettings(
        int partitions, long segmentBytes, long queueBytes, long tailBytes, Duration keep, long sizeMax) {
    private static final long KB = 1L << 10;
    private static final long MB = 1L << 20;
    private static final long GB = 1L << 30;

    public static final LogSettings DEFAULTS =
            new LogSettings(2, 64 * MB, 32 * MB, 16 * MB, Duration.ofDays(7), 16 * GB);

    public LogSettings {
        if (partitions < 1 || partitions > 64) {
            throw new IllegalArgumentException("partitions is 1 to 64, was " + partitions);
        }
        if (segmentBytes < 4 * KB || segmentBytes > GB || queueBytes < KB || tailBytes < 0) {
            throw new IllegalArgumentException("segmentBytes, queueBytes or tailBytes out of range");
        }
    }

    /// Reads the keys `log.*`.
    public static LogSettings read(Settings s) {
        LogSettings read = new LogSettings(
                s.number("log.partitions", DEFAULTS.partitions, 1, 64),
                s.bytes("log.segment-bytes", DEFAULTS.segmentBytes, MB, GB),
                s.bytes("log.queue-bytes", DEFAULTS.queueBytes, MB, 4 * GB),
                s.bytes("log.tail-bytes", DEFAULTS.tailBytes, 0, 4 * GB),
                s.duration("log.keep", DEFAULTS.keep, Duration.ofMinutes(1), Duration.ofDays(36_500)),
                s.bytes("log.size-max", DEFAULTS.sizeMax, 16 * MB, 1L << 50));
        long least = 4 * read.partitions * read.segmentBytes;
        if (read.sizeMax < least) {
            s.problem("log.size-max must hold four segments a partition, %d bytes with log.partitions %d and"
                            .formatted(least, read.partitions)
                    + " log.segment-bytes %d, was %d".formatted(read.segmentBytes, read.sizeMax));
        }
        return read;
    }

    LogSettings withPartitions(int count) {
        return new LogSettings(count, segmentBytes, queueBytes, tailBytes, keep, sizeMax);
    }
}
