package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Log;

/// Files in a table's folder that no snapshot names: what a crash left between writing and committing.
///
/// Young ones may be on their way into a commit and stay. And a catalogue that was restored from an older copy does not
/// name what came after that copy: where a table's folder has newer metadata than its catalogue, with rows that the log
/// cannot give again, a mark is left in the folder, and nothing there is an orphan while the mark stands.
final class Orphans {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
    private static final String MARK = "newer-than-catalog";

    private final LakeTables tables;

    /// @param removed    files deleted
    /// @param oldestLeft when the oldest of those that are too young was written, or the greatest long
    record Sweep(int removed, long oldestLeft) {}

    Orphans(LakeTables tables) {
        this.tables = tables;
    }

    /// Deletes those that were written before `beforeMillis`.
    Sweep sweep(LakeTables.Name name, long beforeMillis) throws IOException {
        LakeTable table = tables.find(name);
        if (table == null || marked(table)) {
            return new Sweep(0, Long.MAX_VALUE);
        }
        LakeStore store = tables.store();
        List<LakeStore.Found> files = store.list(table.folder());
        Set<Path> reachable;
        synchronized (tables) {
            reachable = table.reachable();
        }
        int removed = 0;
        long oldestLeft = Long.MAX_VALUE;
        for (LakeStore.Found file : files) {
            if (reachable.contains(file.path())) {
                continue;
            }
            if (file.writtenMillis() < beforeMillis) {
                LOG.info("removing {}, which no snapshot names", file.path());
                store.delete(file.path());
                removed++;
            } else if (!store.local() || Files.exists(file.path())) {
                oldestLeft = Math.min(oldestLeft, file.writtenMillis());
            }
        }
        return new Sweep(removed, oldestLeft);
    }

    static boolean marked(LakeTable table) {
        return Files.exists(table.folder().resolve(MARK));
    }

    /// @return why nothing is removed from the table's folder, for people
    static String marked(LakeTables.Name name, LakeTable table) {
        return ("the folder of the table %s has newer files than its catalogue, which was restored from an older copy:"
                        + " their rows are not seen. Stop the server and restore the catalogue that belongs to them, or"
                        + " give them up by deleting %s")
                .formatted(name, table.folder().resolve(MARK));
    }

    /// Looks, when a table is opened or made, whether its catalogue is older than its files, and marks the folder where
    /// it is.
    static void mark(LakeTable table, Log log) throws IOException {
        long[] own = table.positions();
        for (Path newer : table.newerMetadata()) {
            Optional<long[]> named = table.positions(newer);
            if (named.isEmpty()) {
                LOG.info("{} is not whole and in no commit: what wrote it was stopped", newer);
                continue;
            }
            long[] there = named.get();
            for (int p = 0; p < there.length; p++) {
                long has = p < own.length ? own[p] : 0;
                if (there[p] > has && (p >= log.partitions() || log.start(p) > has)) {
                    Path mark = table.folder().resolve(MARK);
                    if (!Files.exists(mark)) {
                        Folders.make(table.folder());
                        LOG.error("{} is newer than the catalogue; its files are kept", newer);
                        Files.writeString(mark, newer.getFileName().toString());
                        Folders.flush(mark);
                    }
                    return;
                }
            }
        }
    }
}
