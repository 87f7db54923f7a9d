package tributary.log;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tributary.model.Disk;

/// The real log without threads, with a fault planted where a test wants one. Lies beside the log because nothing of
/// this is for anybody else.
public final class PlantedLog {
    private PlantedLog() {}

    /// @param flaw the name of a fault, or null
    public static SegmentLog open(
            LogSettings settings, Disk disk, InstantSource clock, RandomGenerator random, @Nullable String flaw)
            throws IOException {
        Set<Flaw> flaws = flaw == null ? Set.of() : Set.of(Flaw.valueOf(flaw));
        return SegmentLog.openUnmanned(new LogWorld(disk, clock, random, settings, flaws));
    }

    /// What the log's keeper does: files made ready, left-overs and what is too old deleted; what comes last marked.
    public static void tidy(SegmentLog log) throws IOException {
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.idle(partition);
        }
        log.tidy(true);
    }

    /// @return whether a partition takes nothing because its disk did not
    public static boolean refusing(SegmentLog log) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            if (log.refusing(partition)) {
                return true;
            }
        }
        return false;
    }
}
