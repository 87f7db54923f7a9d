package tributary.lake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// Says which files of a table are to be made one.
///
/// Of a day that goes on, small files are joined with those of their own size and below, so that each row is
/// rewritten a few times only; what that leaves is joined when it has waited. A day that is over, and quiet, is
/// put in order once: files that overlap become files that do not, of the target size. Data that comes late
/// makes such a day overlap again, and so it is done again.
final class MergePlan {
    /// A day that never gets quiet is put in order all the same when a file has waited so many times as long.
    private static final int PATIENCE = 24;

    private static final int FILES_MAX = 200;
    private static final long DAY_MILLIS = 86_400_000L;

    private final CareSettings settings;
    private final long nowMillis;
    private final ToLongFunction<Path> sealedMillis;

    /// Files to rewrite together.
    ///
    /// @param day days since 1970
    record Merge(int day, List<Snapshot.DataFile> files) {
        long bytes() {
            return files.stream().mapToLong(Snapshot.DataFile::bytes).sum();
        }
    }

    /// @param sealedMillis when a file was written
    MergePlan(CareSettings settings, long nowMillis, ToLongFunction<Path> sealedMillis) {
        this.settings = settings;
        this.nowMillis = nowMillis;
        this.sealedMillis = sealedMillis;
    }

    /// @return what is to be done now, at most one merge a day, the newest day first
    List<Merge> of(List<Snapshot.DataFile> files) {
        Map<Integer, List<Snapshot.DataFile>> days = new TreeMap<>(Comparator.reverseOrder());
        for (Snapshot.DataFile file : files) {
            if (file.minTsMicros() != Long.MIN_VALUE) {
                days.computeIfAbsent(day(file), _ -> new ArrayList<>()).add(file);
            }
        }
        List<Merge> merges = new ArrayList<>();
        days.forEach((day, all) -> {
            List<Snapshot.DataFile> chosen = over(day) ? settling(all) : List.of();
            if (chosen.isEmpty()) {
                chosen = joining(all);
            }
            if (!chosen.isEmpty()) {
                merges.add(new Merge(day, chosen));
            }
        });
        return merges;
    }

    /// @return the day of all rows of a file, in days since 1970
    static int day(Snapshot.DataFile file) {
        return Math.toIntExact(Math.floorDiv(file.minTsMicros(), SegmentOrder.DAY_MICROS));
    }

    /// @return whether the day ended a while ago
    boolean over(int day) {
        return nowMillis > (day + 1L) * DAY_MILLIS + settings.quiet().toMillis();
    }

    /// Small files with those of their own size and below. Where those of one size are not enough yet, the next size is
    /// looked at: a few tiny files keep no others waiting.
    private List<Snapshot.DataFile> joining(List<Snapshot.DataFile> all) {
        List<Snapshot.DataFile> small = all.stream()
                .filter(file -> file.bytes() < settings.smallBytes())
                .sorted(Comparator.comparingLong(Snapshot.DataFile::bytes))
                .limit(FILES_MAX)
                .toList();
        long sum = 0;
        int level = 0;
        int count = 0;
        for (; count < small.size() && sum < 4 * settings.fileBytes(); count++) {
            long bytes = small.get(count).bytes();
            if (count > level && bytes > 2 * sum) {
                if (enough(small.subList(level, count))) {
                    break;
                }
                level = count;
            }
            sum += bytes;
        }
        return enough(small.subList(level, count)) ? small.subList(0, count) : leftovers(small);
    }

    /// Small files of whatever size that have waited: none is left beside another for longer than twice
    /// [CareSettings#smallAge]. What they become is young again, so that rows of a quiet stream are rewritten
    /// once in such a while, and then only as long as all of them are a small file.
    private List<Snapshot.DataFile> leftovers(List<Snapshot.DataFile> small) {
        List<Snapshot.DataFile> waited = small.stream()
                .filter(file -> age(file) >= settings.smallAge().toMillis())
                .toList();
        return waited.size() > 1 ? waited : List.of();
    }

    /// @param files of about one size, the smallest first
    private boolean enough(List<Snapshot.DataFile> files) {
        int count = files.size();
        if (count < 2) {
            return false;
        }
        long bytes = files.stream().mapToLong(Snapshot.DataFile::bytes).sum();
        return count >= CareSettings.SMALL_FILES
                || count >= CareSettings.LARGER_FILES && bytes >= settings.fileBytes() / 4
                || files.subList(0, count - 1).stream()
                        .anyMatch(file -> age(file) >= settings.smallAge().toMillis());
    }

    /// @return whether files of a day that is over will hardly be rewritten: they are in order, or none is young
    boolean atRest(List<Snapshot.DataFile> all) {
        return disturbing(all).isEmpty()
                || all.stream().allMatch(file -> age(file) >= settings.quiet().toMillis());
    }

    /// What keeps a day that is over from being in order, with all files that it overlaps.
    private List<Snapshot.DataFile> settling(List<Snapshot.DataFile> all) {
        List<Snapshot.DataFile> disturbing = disturbing(all);
        long youngest = disturbing.stream().mapToLong(this::age).min().orElse(0);
        long oldest = disturbing.stream().mapToLong(this::age).max().orElse(0);
        long quiet = settings.quiet().toMillis();
        if (disturbing.isEmpty() || youngest < quiet && oldest < PATIENCE * quiet) {
            return List.of();
        }
        List<Snapshot.DataFile> chosen = withOverlapping(disturbing, all);
        return new Merge(0, chosen).bytes() <= settings.mergeBytesMax() && chosen.size() <= 5 * FILES_MAX
                ? chosen
                : List.of();
    }

    private List<Snapshot.DataFile> disturbing(List<Snapshot.DataFile> all) {
        List<Snapshot.DataFile> late =
                all.stream().filter(Snapshot.DataFile::hasLate).toList();
        List<Snapshot.DataFile> small = all.stream()
                .filter(file -> file.bytes() < settings.smallBytes())
                .toList();
        Set<Snapshot.DataFile> disturbing = new LinkedHashSet<>(late);
        if (small.size() > 1) {
            disturbing.addAll(small);
        }
        if (disturbing.isEmpty()) {
            disturbing.addAll(crossing(all));
        }
        return List.copyOf(disturbing);
    }

    /// Files that share more devices than one at their edges.
    private static List<Snapshot.DataFile> crossing(List<Snapshot.DataFile> all) {
        List<Snapshot.DataFile> sorted = new ArrayList<>(all);
        sorted.sort((a, b) -> {
            int byFirst = compare(a.minDevice(), b.minDevice());
            return byFirst != 0 ? byFirst : compare(a.maxDevice(), b.maxDevice());
        });
        List<Snapshot.DataFile> crossing = new ArrayList<>();
        Snapshot.DataFile widest = sorted.getFirst();
        for (Snapshot.DataFile file : sorted.subList(1, sorted.size())) {
            if (compare(file.minDevice(), widest.maxDevice()) < 0) {
                crossing.add(widest);
                crossing.add(file);
            }
            widest = compare(file.maxDevice(), widest.maxDevice()) > 0 ? file : widest;
        }
        return crossing.stream().distinct().toList();
    }

    /// @return `some` with all of `all` that may hold a device of theirs, and those that these overlap, to the end
    static List<Snapshot.DataFile> withOverlapping(List<Snapshot.DataFile> some, List<Snapshot.DataFile> all) {
        Set<Snapshot.DataFile> chosen = new LinkedHashSet<>(some);
        int size = 0;
        while (size != chosen.size()) {
            size = chosen.size();
            List<Snapshot.DataFile> seen = List.copyOf(chosen);
            all.stream().filter(file -> overlapsAny(file, seen)).forEach(chosen::add);
        }
        return List.copyOf(chosen);
    }

    /// @return whether `file` may hold a device of any of `others`
    static boolean overlapsAny(Snapshot.DataFile file, List<Snapshot.DataFile> others) {
        return others.stream().anyMatch(other -> overlap(file, other.minDevice(), other.maxDevice()));
    }

    /// @return whether `file` may hold a device from `min` to `max`
    static boolean overlap(Snapshot.DataFile file, String min, String max) {
        return compare(file.minDevice(), max) <= 0 && compare(min, file.maxDevice()) <= 0;
    }

    /// By UTF-8 bytes, as files are sorted.
    private static int compare(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private long age(Snapshot.DataFile file) {
        return nowMillis - sealedMillis.applyAsLong(file.path());
    }
}
