package tributary.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the lake below the bytes that it may take: warns from 80 % on; above 95 % the oldest day goes, of one table
/// after the other: `messages`, `rejected`, `events`, and `readings` last. The day that goes on is never touched.
final class DiskBudget {
    private static final Logger LOG = LoggerFactory.getLogger(DiskBudget.class);
    private static final double WARN_SHARE = 0.80;
    private static final double FULL_SHARE = 0.95;
    private static final double ENOUGH_SHARE = 0.90;
    private static final long DAY_MILLIS = 86_400_000L;

    private final Path folder;
    private final boolean local;
    private final long bytesMax;
    private volatile long bytes;
    private volatile @Nullable String warning;

    /// @param bytesMax 0 for no limit
    /// @param local whether the tables' files are in the folder
    DiskBudget(Path folder, boolean local, long bytesMax) {
        this.folder = folder;
        this.local = local;
        this.bytesMax = bytesMax;
    }

    /// @return bytes of the lake's folder when it was last looked at
    long bytes() {
        return bytes;
    }

    long bytesMax() {
        return bytesMax;
    }

    /// @return what people should know long before it is full, or null
    @Nullable
    String warning() {
        return warning;
    }

    /// Looks at the folder, and removes what is too much.
    void look(Collection<TenantTail> tails, OldFiles old, long nowMillis) throws IOException {
        bytes = local ? measured() : live(tails);
        if (bytesMax == 0 || bytes < WARN_SHARE * bytesMax) {
            warning = null;
            return;
        }
        String before = warning;
        warning = ("the lake takes %d MB of the %d MB that lake.disk-max allows; from 95 %% on the oldest days go, of"
                        + " messages first, then rejected, events and readings. Raise lake.disk-max or shorten"
                        + " lake.*-keep")
                .formatted(bytes >> 20, bytesMax >> 20);
        if (before == null) {
            LOG.warn(warning);
        }
        if (bytes > FULL_SHARE * bytesMax) {
            remove(tails, old, nowMillis);
        }
    }

    /// What was replaced already goes by itself, so what counts is what the tables have now.
    private void remove(Collection<TenantTail> tails, OldFiles old, long nowMillis) throws IOException {
        long live = live(tails);
        while (live > ENOUGH_SHARE * bytesMax) {
            Optional<Victim> next = next(tails, nowMillis);
            if (next.isEmpty()) {
                LOG.error("the lake is full and has nothing left but the day that goes on");
                return;
            }
            Victim victim = next.get();
            List<Snapshot.DataFile> files = victim.tail.files(victim.kind).stream()
                    .filter(file -> MergePlan.day(file) == victim.day)
                    .toList();
            LOG.warn(
                    "the disk that the lake may take is full: day {} of {} of tenant {} goes",
                    victim.day,
                    victim.kind.table(),
                    victim.tail.tenant());
            old.remove(victim.tail, victim.kind, files);
            live -= files.stream().mapToLong(Snapshot.DataFile::bytes).sum();
        }
    }

    /// A day of a table.
    private record Victim(TenantTail tail, LakeCatalog.Kind kind, int day) {}

    private static Optional<Victim> next(Collection<TenantTail> tails, long nowMillis) {
        int today = Math.toIntExact(Math.floorDiv(nowMillis, DAY_MILLIS));
        for (LakeCatalog.Kind kind : order()) {
            List<Victim> days = new ArrayList<>();
            for (TenantTail tail : tails) {
                tail.files(kind).stream()
                        .filter(file -> file.minTsMicros() != Long.MIN_VALUE && MergePlan.day(file) < today)
                        .forEach(file -> days.add(new Victim(tail, kind, MergePlan.day(file))));
            }
            Optional<Victim> oldest = days.stream().min((a, b) -> Integer.compare(a.day, b.day));
            if (oldest.isPresent()) {
                return oldest;
            }
        }
        return Optional.empty();
    }

    private static List<LakeCatalog.Kind> order() {
        return List.of(
                LakeCatalog.Kind.of(Side.MESSAGES),
                LakeCatalog.Kind.of(Side.REJECTED),
                LakeCatalog.Kind.of(Side.EVENTS),
                LakeCatalog.Kind.READINGS);
    }

    private static long live(Collection<TenantTail> tails) {
        long live = 0;
        for (TenantTail tail : tails) {
            live += tail.rolledBytes();
            for (LakeCatalog.Kind kind : order()) {
                live += tail.files(kind).stream()
                        .mapToLong(Snapshot.DataFile::bytes)
                        .sum();
            }
        }
        return live;
    }

    /// Files come and go meanwhile.
    private long measured() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(DiskBudget::size)
                    .sum();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return bytes;
            }
            throw e;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
