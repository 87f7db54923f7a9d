package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;

/// Takes files out of a table whole, without reading them: rows whose time is over, and the oldest days where the disk
/// is full.
final class OldFiles {
    private final LakeTables tables;
    private final Steps steps;

    OldFiles(LakeTables tables, Steps steps) {
        this.tables = tables;
        this.steps = steps;
    }

    /// Removes the files of the table that hold nothing as new as `beforeMicros`.
    ///
    /// @return how many
    int removeBefore(TenantTail tail, LakeCatalog.Kind kind, long beforeMicros) throws IOException {
        return remove(
                tail,
                kind,
                tail.files(kind).stream()
                        .filter(file -> file.maxTsMicros() < beforeMicros)
                        .toList());
    }

    /// @return how many
    int remove(TenantTail tail, LakeCatalog.Kind kind, List<Snapshot.DataFile> files) throws IOException {
        Map<Integer, Set<Path>> days = new TreeMap<>();
        for (Snapshot.DataFile file : files) {
            days.computeIfAbsent(MergePlan.day(file), _ -> new HashSet<>()).add(file.path());
        }
        for (Map.Entry<Integer, Set<Path>> day : days.entrySet()) {
            synchronized (tables) {
                LakeTable table = tables.table(new LakeTables.Name(tail.tenant(), kind));
                LakeTable.Day base = table.day(day.getKey());
                List<DataFile> gone = new ArrayList<>();
                List<DataFile> rest = new ArrayList<>();
                base.data().forEach(file -> (day.getValue().contains(table.path(file)) ? gone : rest).add(file));
                steps.before(Steps.Step.REMOVE_OLD);
                if (!gone.isEmpty()) {
                    table.replace(
                            base,
                            new LakeTable.Day(
                                    base.snapshotId(), base.sequence(), gone, Merger.spent(table, base, rest)),
                            List.of());
                }
                tail.replaced(kind, day.getValue(), List.of());
            }
        }
        return files.size();
    }
}
