package tributary.lake;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A tenant's roll-ups, and which of their days are right for files and rows that a reader sees.
final class RolledUp {
    private final List<Rollup> rollups;

    /// What was found for a list of files; most snapshots have the same.
    private volatile @Nullable Found last;

    private record Found(List<Snapshot.DataFile> readings, List<Snapshot.Rolled> rolled) {}

    RolledUp(List<Rollup> rollups) {
        this.rollups = List.copyOf(rollups);
    }

    long bytes() {
        return rollups.stream().mapToLong(rollup -> rollup.file().bytes()).sum();
    }

    /// @return the files, and of each the days that may be read from it in the place of `readings` and `hot`
    List<Snapshot.Rolled> of(List<Snapshot.DataFile> readings, List<Snapshot.HotSegment> hot) {
        Found found = last;
        if (found == null || found.readings != readings) {
            found = new Found(readings, matching(readings));
            last = found;
        }
        List<Snapshot.Rolled> rolled = new ArrayList<>(found.rolled.size());
        for (Snapshot.Rolled file : found.rolled) {
            List<Integer> cold = file.days().stream()
                    .filter(day -> hot.stream().noneMatch(segment -> segment.mayHold(day)))
                    .toList();
            if (!cold.isEmpty()) {
                rolled.add(
                        cold.size() == file.days().size()
                                ? file
                                : new Snapshot.Rolled(
                                        file.path(), file.slotMicros(), file.minDevice(), file.maxDevice(), cold));
            }
        }
        return rolled;
    }

    private List<Snapshot.Rolled> matching(List<Snapshot.DataFile> readings) {
        if (rollups.isEmpty()) {
            return List.of();
        }
        Map<Integer, String> sources = Rollup.sources(Rollup.byDay(readings));
        Set<String> seen = new HashSet<>();
        List<Snapshot.Rolled> matching = new ArrayList<>();
        for (Rollup rollup : rollups) {
            List<Integer> days = rollup.sources().entrySet().stream()
                    .filter(day -> day.getValue().equals(sources.get(day.getKey())))
                    .map(Map.Entry::getKey)
                    .filter(day -> seen.add(rollup.step() + " " + day))
                    .sorted()
                    .toList();
            Snapshot.DataFile file = rollup.file();
            matching.add(
                    new Snapshot.Rolled(file.path(), rollup.step().micros(), file.minDevice(), file.maxDevice(), days));
        }
        return matching;
    }
}
