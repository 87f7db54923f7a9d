package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Metrics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes files of files: sorted, without superseded rows, of the target size, in one commit.
///
/// Rows are sorted in pieces that fit into memory; the pieces of a file are written beside and then joined, which
/// costs less than to sort more than the memory holds. Of the thread of care.
final class Merger {
    private static final Logger LOG = LoggerFactory.getLogger(Merger.class);

    private final LakeTables tables;
    private final ParquetFiles parquet;
    private final CareSettings settings;
    private final Pace pace;
    private final Place place;
    private final List<Doubt> doubts = new ArrayList<>();

    /// @param spill a folder of its own, for pieces
    /// @param steps told before each step
    record Place(Path spill, Steps steps) {}

    /// What is to be done.
    ///
    /// @param erased rows to leave out, or null
    record Job(TenantTail tail, LakeTables.Name name, MergePlan.Merge merge, MergeSql.@Nullable Erased erased) {}

    /// What was done.
    record Done(int filesBefore, int filesAfter, long bytesBefore, long bytesAfter, long rows) {}

    /// Files of one day before they are replaced.
    record Before(LakeTable table, LakeTable.Day base, LakeTable.Day old, MergeSql sql) {
        Before with(MergeSql other) {
            return new Before(table, base, old, other);
        }
    }

    /// A commit that may have been made.
    private record Doubt(Job job, Before before, List<LakeTable.Written> fresh) {}

    Merger(LakeTables tables, ParquetFiles parquet, CareSettings settings, Pace pace, Place place) {
        this.tables = tables;
        this.parquet = parquet;
        this.settings = settings;
        this.pace = pace;
        this.place = place;
    }

    /// Does it whole or not at all. Whatever it throws, tables are as before.
    Done run(Job job) throws IOException, InterruptedException {
        Before before = before(job);
        List<LakeTable.Written> fresh = new ArrayList<>();
        boolean written = false;
        try {
            write(job, before, fresh);
            check(job, before, fresh);
            written = true;
        } finally {
            clear(place.spill);
            if (!written) {
                tables.discard(fresh);
            }
        }
        replace(new Doubt(job, before, fresh));
        return new Done(
                job.merge.files().size(),
                fresh.size(),
                job.merge.bytes(),
                fresh.stream().mapToLong(LakeTable.Written::bytes).sum(),
                fresh.stream().mapToLong(LakeTable.Written::rows).sum());
    }

    private Before before(Job job) throws IOException {
        LakeTable table;
        LakeTable.Day base;
        synchronized (tables) {
            table = Objects.requireNonNull(tables.find(job.name), "a table with files is there");
            base = table.day(job.merge.day());
        }
        return before(job, table, base);
    }

    /// @param base all files of the day
    static Before before(Job job, LakeTable table, LakeTable.Day base) throws IOException {
        LakeCatalog.Kind kind = job.name.kind();
        Set<Path> chosen = new HashSet<>();
        job.merge.files().forEach(file -> chosen.add(file.path()));
        List<DataFile> old = new ArrayList<>();
        List<DataFile> rest = new ArrayList<>();
        for (DataFile file : base.data()) {
            (chosen.contains(table.path(file)) ? old : rest).add(file);
        }
        if (old.size() != chosen.size()) {
            throw new IOException("the table " + job.name + " has other files by now");
        }
        List<Snapshot.DataFile> shownOld = shown(table, old);
        List<Snapshot.DataFile> shownRest = shown(table, rest);
        boolean settled = shownRest.stream().noneMatch(file -> MergePlan.overlapsAny(file, shownOld));
        List<Path> late = new ArrayList<>();
        if (kind.readings()) {
            shownOld.stream().filter(Snapshot.DataFile::hasLate).forEach(file -> late.add(file.path()));
            shownRest.stream()
                    .filter(file -> file.hasLate() && MergePlan.overlapsAny(file, shownOld))
                    .forEach(file -> late.add(file.path()));
        }
        List<Path> paths = shownOld.stream().map(Snapshot.DataFile::path).toList();
        return new Before(
                table,
                base,
                new LakeTable.Day(base.snapshotId(), base.sequence(), old, spent(table, base, rest)),
                new MergeSql(kind, paths, late, settled, job.erased));
    }

    /// @return deletes that no file has rows for any more, once `rest` is all that is as old
    static List<DeleteFile> spent(LakeTable table, LakeTable.Day base, List<DataFile> rest) {
        List<DeleteFile> spent = new ArrayList<>();
        for (DeleteFile delete : base.deletes()) {
            String min = TableContents.device(delete.lowerBounds(), "");
            String max = TableContents.device(delete.upperBounds(), TableContents.LAST_DEVICE);
            boolean needed = rest.stream()
                    .filter(file -> number(file.dataSequenceNumber()) < number(delete.dataSequenceNumber()))
                    .anyMatch(file -> MergePlan.overlap(TableContents.shown(table, file), min, max));
            if (!needed) {
                spent.add(delete);
            }
        }
        return spent;
    }

    static long number(@Nullable Long sequence) {
        return sequence == null ? 0 : sequence;
    }

    private static List<Snapshot.DataFile> shown(LakeTable table, List<DataFile> files) {
        return files.stream().map(file -> TableContents.shown(table, file)).toList();
    }

    /// Writes what is to be in the place of the files, and commits nothing.
    void write(Job job, Before before, List<LakeTable.Written> fresh) throws IOException, InterruptedException {
        clear(place.spill);
        if (job.merge.files().isEmpty()) {
            return; // only keys go
        }
        try (Hold _ = tables.store().hold(before.sql.reads())) {
            for (List<MergeSql.Piece> file :
                    new MergePieces(parquet, before.sql, settings).files(job.merge, job.name)) {
                LakeTable.Written written = writeOne(job, before, file);
                if (written != null) {
                    fresh.add(written);
                }
            }
        }
    }

    /// @return the file, or null where no row is left
    private LakeTable.@Nullable Written writeOne(Job job, Before before, List<MergeSql.Piece> pieces)
            throws IOException, InterruptedException {
        Path path = before.table.newFile(job.merge.day(), UUID.randomUUID() + ".parquet");
        Map<String, Integer> columns = before.sql.columns();
        boolean written = false;
        try {
            if (pieces.size() == 1) {
                step(
                        Steps.Step.MERGE_WRITE,
                        () -> parquet.copy(
                                path, before.sql.rows(pieces.getFirst()), columns, ParquetFiles.Compression.ZSTD));
            } else {
                List<Path> parts = new ArrayList<>();
                for (MergeSql.Piece piece : pieces) {
                    Path part = place.spill.resolve(parts.size() + ".parquet");
                    step(
                            Steps.Step.MERGE_WRITE,
                            () -> parquet.copy(part, before.sql.rows(piece), columns, ParquetFiles.Compression.SNAPPY));
                    parts.add(part);
                }
                step(
                        Steps.Step.MERGE_JOIN,
                        () -> parquet.copy(path, MergeSql.joined(parts), columns, ParquetFiles.Compression.ZSTD));
                clear(place.spill);
            }
            Metrics metrics = FileMetrics.of(parquet, path, job.name.kind());
            if (number(metrics.recordCount()) == 0) {
                return null;
            }
            long bytes = Files.size(path);
            Path named = FileSum.keep(tables.store(), path);
            written = true;
            return new LakeTable.Written(named, job.merge.day(), number(metrics.recordCount()), bytes, metrics);
        } finally {
            if (!written) {
                Files.deleteIfExists(path);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private void step(Steps.Step step, Work work) throws IOException, InterruptedException {
        place.steps.before(step);
        long start = System.nanoTime();
        work.run();
        pace.rest(System.nanoTime() - start);
    }

    /// No row may come or go by a fault of ours: files are replaced only where the sums say so.
    private static void check(Job job, Before before, List<LakeTable.Written> fresh) throws IOException {
        long old = before.old.data().stream().mapToLong(DataFile::recordCount).sum();
        long now = fresh.stream().mapToLong(LakeTable.Written::rows).sum();
        boolean same = job.erased == null && !before.sql.supersedes();
        if (now > old || same && now != old) {
            throw new IOException(
                    "merging %d rows of %s gave %d; the files stay as they are".formatted(old, job.name, now));
        }
    }

    private void replace(Doubt doubt) throws IOException {
        synchronized (tables) {
            boolean asked = false;
            try {
                place.steps.before(Steps.Step.MERGE_COMMIT);
                asked = true;
                doubt.before.table.replace(doubt.before.base, doubt.before.old, doubt.fresh);
            } catch (RuntimeException e) {
                if (!asked) {
                    tables.discard(doubt.fresh);
                    throw e;
                }
                doubts.add(doubt);
                if (settle(doubt)) {
                    LOG.warn("the commit to {} was reported as failed and is in it all the same", doubt.job.name, e);
                    return;
                }
                throw e;
            }
            show(doubt);
        }
    }

    private void show(Doubt doubt) {
        Set<Path> gone = new HashSet<>();
        doubt.job.merge.files().forEach(file -> gone.add(file.path()));
        LakeCatalog.Kind kind = doubt.job.name.kind();
        List<Snapshot.DataFile> shown = doubt.fresh.stream()
                .map(file -> TableContents.shown(doubt.before.table, doubt.before.table.dataFile(file)))
                .toList();
        try {
            place.steps.before(Steps.Step.MERGE_SHOW);
        } finally {
            doubt.job.tail.replaced(kind, gone, shown);
        }
    }

    /// Looks up what became of commits that gave no answer. Until that is known nothing may be deleted.
    ///
    /// @throws IOException where it cannot be seen now
    void settle() throws IOException {
        for (Doubt doubt : List.copyOf(doubts)) {
            settle(doubt);
        }
    }

    /// @return whether it was committed
    private boolean settle(Doubt doubt) throws IOException {
        synchronized (tables) {
            Set<Path> now = new HashSet<>();
            doubt.before
                    .table
                    .day(doubt.job.merge.day())
                    .data()
                    .forEach(file -> now.add(doubt.before.table.path(file)));
            boolean committed = doubt.job.merge.files().stream().noneMatch(file -> now.contains(file.path()));
            doubts.remove(doubt);
            if (committed) {
                show(doubt);
            } else {
                tables.discard(doubt.fresh);
            }
            return committed;
        }
    }

    /// Empties the folder of pieces, and makes it.
    static void clear(Path folder) throws IOException {
        Folders.make(folder);
        Folders.clear(folder);
    }
}
