package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Log;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Erases what devices sent: rows out of every file, then the files that had them, then waits for the log.
///
/// Each phase may be begun again at any time: it looks at what is left and does that. Of the thread of care.
final class Eraser {
    private static final Logger LOG = LoggerFactory.getLogger(Eraser.class);
    private static final int FILES_PER_QUERY = 200;
    private static final int TOGETHER_MAX = 100;

    private final Erasures erasures;
    private final LakeTables tables;
    private final Map<TenantId, TenantTail> tails;
    private final Tools tools;
    private final Surroundings around;

    /// What it works with.
    record Tools(
            ParquetFiles parquet,
            Merger merger,
            Rollups rollups,
            Orphans orphans,
            Checkpoints checkpoints,
            long orphanAgeMillis) {}

    /// @param visible by partition: what the lake's thread has taken
    record Surroundings(Log log, AtomicLongArray visible, Forgetting forgetting, Steps steps) {}

    Eraser(Erasures erasures, LakeTables tables, Map<TenantId, TenantTail> tails, Tools tools, Surroundings around) {
        this.erasures = erasures;
        this.tables = tables;
        this.tails = tails;
        this.tools = tools;
        this.around = around;
    }

    /// Brings every open wish as far as it can be now. Wishes of a tenant whose rows are all in files are fulfilled
    /// together, so that a file is written once for all of them.
    void turn(long nowMillis) throws IOException, InterruptedException {
        Map<TenantId, List<Erasures.Wish>> ready = new LinkedHashMap<>();
        for (Erasures.Wish wish : erasures.open()) {
            Erasures.Wish now = advance(wish, nowMillis);
            if (now.phase() == Lake.Phase.REWRITING) {
                ready.computeIfAbsent(now.tenant(), _ -> new ArrayList<>()).add(now);
            }
        }
        for (List<Erasures.Wish> wishes : ready.values()) {
            for (int i = 0; i < wishes.size(); i += TOGETHER_MAX) {
                rewrite(wishes.subList(i, Math.min(wishes.size(), i + TOGETHER_MAX)), nowMillis);
            }
        }
    }

    /// @return the wish as far as it comes without files being written
    private Erasures.Wish advance(Erasures.Wish wish, long nowMillis) throws IOException {
        Erasures.Wish now = wish;
        for (Erasures.Wish next = next(now, nowMillis); next != null; next = next(now, nowMillis)) {
            note(next);
            now = next;
        }
        return now;
    }

    private void note(Erasures.Wish wish) throws IOException {
        around.steps.before(Steps.Step.ERASE_NOTE);
        erasures.save(wish);
        LOG.info("erasure {} of tenant {} is in phase {}", wish.id(), wish.tenant(), wish.phase());
    }

    /// @return the wish in its next phase, or null where it has to wait or files have to be written
    private Erasures.@Nullable Wish next(Erasures.Wish wish, long nowMillis) throws IOException {
        return switch (wish.phase()) {
            case WAITING ->
                sealed(wish, tails.get(wish.tenant()))
                        ? wish.to(Lake.Phase.REWRITING, nowMillis, sequences(wish))
                        : null;
            case REWRITING, DONE -> null;
            case EXPIRING -> expired(wish, nowMillis) ? leftToTheLog(wish, nowMillis) : null;
            case LOG -> gone(wish) ? wish.to(Lake.Phase.DONE, nowMillis, Map.of()) : null;
        };
    }

    /// Only the log has it now, in segments that a quiet installation would not fill for weeks.
    private Erasures.Wish leftToTheLog(Erasures.Wish wish, long nowMillis) {
        around.log.beginSegments();
        return wish.to(Lake.Phase.LOG, nowMillis, Map.of());
    }

    /// Whether every row that is to go is in a file. What the lake's thread has taken is looked at first: what is in
    /// memory then can only have later positions.
    private boolean sealed(Erasures.Wish wish, @Nullable TenantTail tail) {
        long[] before = wish.before();
        for (int p = 0; p < before.length; p++) {
            if (around.visible.get(p) < before[p] || tail != null && tail.firstUncommitted(p) < before[p]) {
                return false;
            }
        }
        return true;
    }

    private Map<String, Long> sequences(Erasures.Wish wish) {
        Map<String, Long> sequences = new TreeMap<>();
        for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
            LakeTable table = tables.find(new LakeTables.Name(wish.tenant(), kind));
            if (table != null) {
                synchronized (tables) {
                    table.refresh();
                    sequences.put(kind.table(), table.sequence());
                }
            }
        }
        return sequences;
    }

    /// @param wishes of one tenant
    private void rewrite(List<Erasures.Wish> wishes, long nowMillis) throws IOException, InterruptedException {
        TenantId tenant = wishes.getFirst().tenant();
        @Nullable TenantTail tail = tails.get(tenant);
        if (tail != null) {
            rewrite(wishes, tenant, tail);
        }
        for (Erasures.Wish wish : wishes) {
            if (tail == null || forgotten(wish, tail)) {
                Erasures.Wish next = wish.to(Lake.Phase.EXPIRING, nowMillis, sequences(wish));
                note(next);
                advance(next, nowMillis);
            }
        }
    }

    private void rewrite(List<Erasures.Wish> wishes, TenantId tenant, TenantTail tail)
            throws IOException, InterruptedException {
        MergeSql.Erased erased = new MergeSql.Erased(wishes.stream()
                .map(wish -> new MergeSql.Erased.Part(name(wish), wish.before()))
                .toList());
        for (LakeCatalog.Kind kind : LakeCatalog.Kind.logged()) {
            LakeTables.Name name = new LakeTables.Name(tenant, kind);
            LakeTable table = tables.find(name);
            if (table != null) {
                long cut = wishes.stream()
                        .mapToLong(wish -> wish.sequences().getOrDefault(kind.table(), 0L))
                        .max()
                        .orElse(0);
                for (MergePlan.Merge merge : merges(new Hunt(table, kind, erased, cut), tail)) {
                    tools.merger.run(new Merger.Job(tail, name, merge, erased));
                }
            }
        }
        tools.rollups.dropStale(tail); // those of days that had such rows, whose files are others now
    }

    /// @return the device's id, or null for all of them
    private static @Nullable String name(Erasures.Wish wish) {
        DeviceId device = wish.device();
        return device == null ? null : device.value();
    }

    /// Where to look for rows and keys.
    ///
    /// @param cut files of keys that were committed later are not looked at
    private record Hunt(LakeTable table, LakeCatalog.Kind kind, MergeSql.Erased erased, long cut) {}

    /// @return by day the files that hold such rows, and those whose rows need a file of keys with such a device
    private List<MergePlan.Merge> merges(Hunt hunt, TenantTail tail) throws IOException {
        List<Snapshot.DataFile> files = tail.files(hunt.kind);
        List<Path> possible = files.stream()
                .filter(file -> hunt.erased.mayBeIn(file))
                .map(Snapshot.DataFile::path)
                .toList();
        Map<Integer, Set<Path>> days = new TreeMap<>();
        for (Path hit : hits(possible, batch -> hunt.erased.rows(batch))) {
            files.stream()
                    .filter(file -> file.path().equals(hit))
                    .forEach(file -> of(days, MergePlan.day(file)).add(hit));
        }
        List<DeleteFile> deletes;
        synchronized (tables) {
            deletes = hunt.table.deletes();
        }
        List<DeleteFile> old = deletes.stream()
                .filter(delete -> Merger.number(delete.dataSequenceNumber()) <= hunt.cut)
                .toList();
        Set<Path> keys = hits(old.stream().map(hunt.table::path).toList(), batch -> hunt.erased.keys(batch));
        for (DeleteFile delete : old) {
            if (keys.contains(hunt.table.path(delete))) {
                int day = delete.partition().get(0, Integer.class);
                of(days, day).addAll(needing(hunt, delete, day));
            }
        }
        List<MergePlan.Merge> merges = new ArrayList<>();
        days.forEach((day, paths) -> merges.add(new MergePlan.Merge(
                day, files.stream().filter(file -> paths.contains(file.path())).toList())));
        return merges;
    }

    private static Set<Path> of(Map<Integer, Set<Path>> days, int day) {
        return days.computeIfAbsent(day, _ -> new HashSet<>());
    }

    /// @return the files that `delete` may hide rows of
    private Set<Path> needing(Hunt hunt, DeleteFile delete, int day) throws IOException {
        String min = TableContents.device(delete.lowerBounds(), "");
        String max = TableContents.device(delete.upperBounds(), TableContents.LAST_DEVICE);
        long sequence = Merger.number(delete.dataSequenceNumber());
        Set<Path> needing = new HashSet<>();
        synchronized (tables) {
            for (DataFile file : hunt.table.day(day).data()) {
                Snapshot.DataFile shown = TableContents.shown(hunt.table, file);
                if (Merger.number(file.dataSequenceNumber()) < sequence && MergePlan.overlap(shown, min, max)) {
                    needing.add(shown.path());
                }
            }
        }
        return needing;
    }

    private interface Question {
        ParquetFiles.Query of(List<Path> files);
    }

    /// @return those of `files` that the question names
    private Set<Path> hits(List<Path> files, Question question) throws IOException {
        Set<Path> hits = new HashSet<>();
        for (int i = 0; i < files.size(); i += FILES_PER_QUERY) {
            List<Path> batch = files.subList(i, Math.min(files.size(), i + FILES_PER_QUERY));
            try (Hold _ = tables.store().hold(batch)) {
                tools.parquet.read(question.of(batch), row -> hits.add(Path.of(row.getString(1))));
            }
        }
        return hits;
    }

    /// Newest values go from memory and from their file.
    private boolean forgotten(Erasures.Wish wish, TenantTail tail) throws IOException, InterruptedException {
        String name = name(wish);
        List<Snapshot.DataFile> files = tail.files(LakeCatalog.Kind.READINGS);
        List<Path> possible = files.stream()
                .filter(file -> name == null || MergePlan.overlap(file, name, name))
                .map(Snapshot.DataFile::path)
                .toList();
        Forgetting.Which which = new Forgetting.Which(
                name, device -> before(wish, device), files, tools.checkpoints.newest(tools.parquet, possible, name));
        if (!around.forgetting.ask(tail, which)) {
            return false;
        }
        tools.checkpoints.write(tail, tables, around.steps);
        return true;
    }

    /// @return the position before which messages of the device are to go
    private long before(Erasures.Wish wish, String device) {
        int partition = around.log.partitionOf(wish.tenant(), new DeviceId(device), "");
        return partition < wish.before().length ? wish.before()[partition] : 0;
    }

    /// Whether no file is left that had the rows: no snapshot of before, and nothing that a crash left behind.
    private boolean expired(Erasures.Wish wish, long nowMillis) throws IOException {
        for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
            LakeTables.Name name = new LakeTables.Name(wish.tenant(), kind);
            LakeTable table = tables.find(name);
            if (table == null) {
                continue;
            }
            synchronized (tables) {
                table.refresh();
                if (table.oldestSequence() < wish.sequences().getOrDefault(kind.table(), 0L)) {
                    return false;
                }
            }
            Orphans.Sweep sweep = tools.orphans.sweep(name, nowMillis - tools.orphanAgeMillis);
            if (Orphans.marked(table) || sweep.oldestLeft() <= wish.changedMillis()) {
                return false;
            }
        }
        return true;
    }

    /// Whether the log has forgotten the messages, too.
    private boolean gone(Erasures.Wish wish) {
        DeviceId device = wish.device();
        long[] before = wish.before();
        for (int p = 0; p < before.length; p++) {
            boolean his = device == null || around.log.partitionOf(wish.tenant(), device, "") == p;
            if (his && around.log.start(p) < before[p]) {
                return false;
            }
        }
        return true;
    }
}
