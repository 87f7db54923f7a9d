package tributary.lake;

import java.util.ArrayList;
import java.util.HashMap;
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

    private record Found(
            List<Snapshot.DataFile> readings, List<Snapshot.Rolled> rolled, List<Snapshot.RolledPart> parts) {}

    RolledUp(List<Rollup> rollups) {
        this.rollups = List.copyOf(rollups);
    }

    long bytes() {
        return rollups.stream().mapToLong(rollup -> rollup.file().bytes()).sum();
    }

    /// @return the files, and of each the days that may be read from it in the place of `readings` and `hot`
    List<Snapshot.Rolled> of(List<Snapshot.DataFile> readings, List<Snapshot.HotSegment> hot) {
        Found found = found(readings);
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

    /// @return roll-ups of single files that may be read in the place of these; no row of `hot` replaces one of
    /// theirs
    List<Snapshot.RolledPart> parts(List<Snapshot.DataFile> readings, List<Snapshot.HotSegment> hot) {
        List<Snapshot.HotSegment> late =
                hot.stream().filter(Snapshot.HotSegment::hasLate).toList();
        List<Snapshot.RolledPart> parts = found(readings).parts;
        return late.isEmpty()
                ? parts
                : parts.stream().filter(part -> untouched(part.of(), late)).toList();
    }

    private static boolean untouched(Snapshot.DataFile file, List<Snapshot.HotSegment> late) {
        return late.stream().noneMatch(segment -> segment.mayReplace(file.minTsMicros(), file.maxTsMicros()));
    }

    private Found found(List<Snapshot.DataFile> readings) {
        Found found = last;
        if (found == null || found.readings != readings) {
            Map<Integer, List<Snapshot.DataFile>> byDay = rollups.isEmpty() ? Map.of() : Rollup.byDay(readings);
            Map<Integer, String> sources = Rollup.sources(byDay);
            found = new Found(readings, matching(sources), single(byDay, sources));
            last = found;
        }
        return found;
    }

    private List<Snapshot.RolledPart> single(
            Map<Integer, List<Snapshot.DataFile>> byDay, Map<Integer, String> sources) {
        Map<Integer, Map<String, Snapshot.DataFile>> known = new HashMap<>();
        List<Snapshot.RolledPart> parts = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Rollup rollup : rollups) {
            rollup.sources().forEach((day, source) -> {
                if (rollup.step() != RollupStep.DAY && !source.equals(sources.get(day)) && byDay.containsKey(day)) {
                    Snapshot.DataFile of = known.computeIfAbsent(
                                    day, _ -> Rollup.parts(byDay.getOrDefault(day, List.of())))
                            .get(source);
                    if (of != null && seen.add(rollup.step() + " " + source)) {
                        parts.add(new Snapshot.RolledPart(
                                rollup.path(), rollup.step().micros(), of));
                    }
                }
            });
        }
        return List.copyOf(parts);
    }

    private List<Snapshot.Rolled> matching(Map<Integer, String> sources) {
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
            if (!days.isEmpty()) {
                matching.add(new Snapshot.Rolled(
                        file.path(), rollup.step().micros(), file.minDevice(), file.maxDevice(), days));
            }
        }
        return matching;
    }
}
