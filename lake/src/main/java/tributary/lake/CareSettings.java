package tributary.lake;

import java.time.Duration;
import java.util.Objects;
import tributary.model.Settings;

/// How the lake's files are cared for.
///
/// @param fileBytes    files are made about so large; one below half of it is small
/// @param memoryBytes  memory of the engine that rewrites files, taken only while it works
/// @param pieceBytes   rows of about so many bytes are sorted at once; more than the memory goes to the disk meanwhile
/// @param sharePercent share of one processor that rewriting may take
/// @param every        how often is looked for work
/// @param smallAge     small files that are older are made one; so many small files of a day, [#SMALL_FILES], earlier
/// @param quiet        a day that is over is put in order when it ended, and got its last file, so long ago
/// @param orphanAge    a file that no snapshot names is deleted when it is so old
/// @param diskBytesMax what the lake's folder may take; 0 for no limit
/// @param keep         how long rows are kept
public record CareSettings(
        long fileBytes,
        long memoryBytes,
        long pieceBytes,
        int sharePercent,
        Duration every,
        Duration smallAge,
        Duration quiet,
        Duration orphanAge,
        long diskBytesMax,
        Retention keep) {
    public static final CareSettings DEFAULTS = new CareSettings(
            32L << 20,
            256L << 20,
            256L << 20,
            30,
            Duration.ofSeconds(30),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(1),
            0,
            Retention.DEFAULTS);

    /// So many small files of a day are made one at once.
    static final int SMALL_FILES = 16;

    /// ... or so many that together have a quarter of the target size: the last hour of a busy tenant is then in a few
    /// files, and each row is written about twice until it is in a file that is not small.
    static final int LARGER_FILES = 4;

    public CareSettings {
        Objects.requireNonNull(every, "every");
        Objects.requireNonNull(smallAge, "smallAge");
        Objects.requireNonNull(quiet, "quiet");
        Objects.requireNonNull(orphanAge, "orphanAge");
        Objects.requireNonNull(keep, "keep");
        if (fileBytes < 1 || memoryBytes < 1 || pieceBytes < 1 || sharePercent < 1 || sharePercent > 100) {
            throw new IllegalArgumentException("fileBytes, memoryBytes, pieceBytes or sharePercent out of range");
        }
    }

    static CareSettings read(Settings s, Duration keepMessages) {
        long memory = s.bytes("lake.care-memory", DEFAULTS.memoryBytes, 64L << 20, 64L << 30);
        return new CareSettings(
                s.bytes("lake.file-target", DEFAULTS.fileBytes, 1L << 20, 1L << 30),
                memory,
                memory,
                s.number("lake.care-share", DEFAULTS.sharePercent, 1, 100),
                s.duration("lake.care-every", DEFAULTS.every, Duration.ofSeconds(1), Duration.ofHours(1)),
                s.duration("lake.small-age", DEFAULTS.smallAge, Duration.ofSeconds(1), Duration.ofDays(1)),
                s.duration("lake.quiet-age", DEFAULTS.quiet, Duration.ofSeconds(1), Duration.ofDays(7)),
                DEFAULTS.orphanAge,
                s.bytes("lake.disk-max", 0, 0, 1L << 50),
                Retention.read(s, keepMessages));
    }

    /// @return a file with fewer bytes is small
    long smallBytes() {
        return fileBytes / 2;
    }

    /// @return more bytes than these are not rewritten at once
    long mergeBytesMax() {
        return 64 * fileBytes;
    }
}
