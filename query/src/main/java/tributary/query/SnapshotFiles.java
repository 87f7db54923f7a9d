package tributary.query;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tributary.lake.Side;
import tributary.lake.Snapshot;
import tributary.model.TenantId;
import tributary.query.wire.Tables;

/// A tenant's files as they cross to a worker, and the folder that holds them: made anew only where the lake has other
/// files than it had, for a year of days is hundreds of them. Guarded by its tenant's lock.
final class SnapshotFiles {
    private final Kept<Snapshot.DataFile, Tables.Sealed> readings = new Kept<>(SnapshotFiles::sealed);
    private final Kept<Snapshot.Rolled, Tables.Rolled> rolled = new Kept<>(SnapshotFiles::rolled);
    private final Kept<Snapshot.RolledPart, Tables.Part> parts = new Kept<>(SnapshotFiles::part);
    private final Map<Side, Kept<Snapshot.DataFile, Tables.Sealed>> sides = new EnumMap<>(Side.class);
    private @Nullable String folder;

    SnapshotFiles() {
        for (Side side : Side.values()) {
            sides.put(side, new Kept<>(SnapshotFiles::sealed));
        }
    }

    /// What was made of a list, for as long as the list has the same elements.
    private static final class Kept<A, B> {
        private final Function<A, B> function;
        private List<A> of = List.of();
        private List<B> made = List.of();

        Kept(Function<A, B> function) {
            this.function = function;
        }

        /// @return whether the list has other elements than the last one
        boolean changed(List<A> list) {
            boolean same = list.size() == of.size();
            for (int i = 0; same && i < list.size(); i++) {
                same = list.get(i) == of.get(i); // elements of lists of files never change
            }
            if (!same) {
                of = list;
                made = list.stream().map(function).toList();
            }
            return !same;
        }
    }

    /// Takes a snapshot.
    void see(Snapshot snapshot) {
        boolean other = readings.changed(snapshot.readings());
        for (Side side : Side.values()) {
            other |= of(side).changed(snapshot.side(side).files());
        }
        rolled.changed(snapshot.rolled());
        parts.changed(snapshot.parts());
        if (other || folder == null) {
            folder = folder(snapshot);
        }
    }

    /// @return the folder that holds all files of the tenant, or "" where there are none yet
    String folder() {
        String known = folder;
        return known == null ? "" : known;
    }

    List<Tables.Sealed> readings() {
        return readings.made;
    }

    List<Tables.Sealed> side(Side side) {
        return of(side).made;
    }

    List<Tables.Rolled> rolled() {
        return rolled.made;
    }

    List<Tables.Part> parts() {
        return parts.made;
    }

    private Kept<Snapshot.DataFile, Tables.Sealed> of(Side side) {
        return Objects.requireNonNull(sides.get(side), "every side is there");
    }

    private static Tables.Sealed sealed(Snapshot.DataFile file) {
        return new Tables.Sealed(
                path(file.path()),
                file.hasLate(),
                file.minTsMicros(),
                file.maxTsMicros(),
                file.minDevice(),
                file.maxDevice());
    }

    private static Tables.Rolled rolled(Snapshot.Rolled file) {
        return new Tables.Rolled(path(file.path()), file.slotMicros(), file.minDevice(), file.maxDevice(), file.days());
    }

    private static Tables.Part part(Snapshot.RolledPart part) {
        return new Tables.Part(
                path(part.path()), part.slotMicros(), path(part.of().path()));
    }

    private static String path(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }

    private static String folder(Snapshot snapshot) {
        List<Path> files = new ArrayList<>();
        snapshot.readings().forEach(file -> files.add(file.path()));
        snapshot.sides().values().forEach(side -> side.files().forEach(file -> files.add(file.path())));
        @Nullable Path common = null;
        for (Path file : files) {
            Path home = home(snapshot.tenant(), file.toAbsolutePath().normalize());
            common = common == null ? home : shared(common, home);
        }
        return common == null ? "" : common.toString();
    }

    /// The folder that carries the tenant's name, else the file's own.
    private static Path home(TenantId tenant, Path file) {
        for (Path folder = file.getParent();
                folder != null && folder.getFileName() != null;
                folder = folder.getParent()) {
            if (folder.getFileName().toString().equals(tenant.value())) {
                return folder;
            }
        }
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }

    private static Path shared(Path left, Path right) {
        Path folder = left;
        while (!right.startsWith(folder)) {
            Path parent = folder.getParent();
            if (parent == null) {
                return folder;
            }
            folder = parent;
        }
        return folder;
    }
}
