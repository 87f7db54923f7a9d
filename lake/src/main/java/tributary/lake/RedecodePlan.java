package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.iceberg.Metrics;
import org.jspecify.annotations.Nullable;

/// Writes the files that have the rows of a window as they are decoded now, and names those in whose place they come.
///
/// Of `readings` every file goes that has a row of the window or a reading of the same device, sensor and time
/// as one that goes or comes: in its place comes one without rows of the window, in which no reading stands
/// that a fresh one replaces. A fresh reading that a later message outside the window replaces is not written.
/// So no row needs to be late, and no file of keys comes. Of the thread that has the lock of care.
final class RedecodePlan {
    private static final int FILES_PER_QUERY = 200;

    private final LakeTables tables;
    private final ParquetFiles parquet;
    private final Merger merger;
    private final Path staging;
    private final Steps steps;

    /// What one table's commit is of.
    ///
    /// @param old       files that go, as of the snapshot in which they were found
    /// @param rewritten files with the rows of those that stay
    /// @param added     files with what was decoded
    record Part(
            LakeCatalog.Kind kind,
            LakeTable.Day old,
            List<LakeTable.Written> rewritten,
            List<LakeTable.Written> added) {
        static Part of(LakeCatalog.Kind kind) {
            return new Part(
                    kind,
                    new LakeTable.Day(-1, 0, new ArrayList<>(), new ArrayList<>()),
                    new ArrayList<>(),
                    new ArrayList<>());
        }

        Part from(LakeTable.Day snapshot) {
            return new Part(
                    kind,
                    new LakeTable.Day(snapshot.snapshotId(), snapshot.sequence(), old.data(), old.deletes()),
                    rewritten,
                    added);
        }

        boolean empty() {
            return old.data().isEmpty() && added.isEmpty();
        }
    }

    /// @param staging a folder of its own
    RedecodePlan(LakeTables tables, ParquetFiles parquet, Merger merger, Path staging, Steps steps) {
        this.tables = tables;
        this.parquet = parquet;
        this.merger = merger;
        this.staging = staging;
        this.steps = steps;
    }

    /// @return which files hold rows of the window
    Set<Path> holding(RedecodeWindow window, List<Snapshot.DataFile> files) throws IOException {
        Set<Path> hits = new HashSet<>();
        for (List<Path> batch : batches(files)) {
            try (Hold _ = tables.store().hold(batch)) {
                parquet.read(window.in(batch), row -> hits.add(Path.of(row.getString(1))));
            }
        }
        return hits;
    }

    /// @return whose rows of the window files hold
    Set<String> devices(RedecodeWindow window, Set<Path> hits) throws IOException {
        Set<String> devices = new TreeSet<>();
        if (!hits.isEmpty()) {
            List<Path> files = List.copyOf(hits);
            try (Hold _ = tables.store().hold(files)) {
                parquet.read(window.devices(files), row -> devices.add(row.getString(1)));
            }
        }
        return devices;
    }

    private static List<List<Path>> batches(List<Snapshot.DataFile> files) {
        List<Path> paths = files.stream().map(Snapshot.DataFile::path).toList();
        List<List<Path>> batches = new ArrayList<>();
        for (int i = 0; i < paths.size(); i += FILES_PER_QUERY) {
            batches.add(paths.subList(i, Math.min(paths.size(), i + FILES_PER_QUERY)));
        }
        return batches;
    }

    /// Writes files of readings.
    ///
    /// @param hits files that hold rows of the window
    /// @param into takes what is written, also where it fails
    /// @return that, as of the snapshot of the table that it was made of
    Part readings(RedecodeWindow window, RedecodedRows rows, TenantTail tail, Set<Path> hits, Part into)
            throws IOException, InterruptedException {
        LakeTables.Name name = new LakeTables.Name(tail.tenant(), into.kind);
        Map<Integer, Path> staged = stage(rows);
        Set<Integer> days = new TreeSet<>(staged.keySet());
        tail.files(into.kind).stream()
                .filter(file -> hits.contains(file.path()))
                .forEach(file -> days.add(MergePlan.day(file)));
        LakeTable table = tables.table(name);
        Part part = into;
        for (Map.Entry<Integer, LakeTable.Day> day : days(table, days).entrySet()) {
            LakeTable.Day all = day.getValue();
            Path stage = staged.get(day.getKey());
            List<Snapshot.DataFile> files = all.data().stream()
                    .map(file -> TableContents.shown(table, file))
                    .toList();
            List<Snapshot.DataFile> chosen = chosen(window, files, hits, stage);
            rewrite(
                    new Merger.Job(tail, name, new MergePlan.Merge(day.getKey(), chosen), null),
                    table,
                    all,
                    part,
                    new MergeSql.Redecoded(window, stage));
            if (stage != null) {
                write(table, day.getKey(), coming(window, stage, files), files, part);
            }
            part = part.from(all);
        }
        return part;
    }

    /// Writes the files of a day without rows of the window.
    private void rewrite(Merger.Job job, LakeTable table, LakeTable.Day all, Part into, MergeSql.Redecoded redecoded)
            throws IOException, InterruptedException {
        Merger.Before before = Merger.before(job, table, all);
        merger.write(job, before.with(before.sql().with(redecoded)), into.rewritten);
        into.old.data().addAll(before.old().data());
        if (!job.merge().files().isEmpty()) {
            into.old.deletes().addAll(before.old().deletes());
        }
    }

    /// Writes files of rejected messages; nothing there replaces anything.
    Part rejected(RedecodeWindow window, RedecodedRows rows, TenantTail tail, Part into)
            throws IOException, InterruptedException {
        LakeTables.Name name = new LakeTables.Name(tail.tenant(), into.kind);
        List<Snapshot.DataFile> shown = tail.files(into.kind);
        Set<Path> hits = holding(window, shown);
        SideTail staged = rows.rejected();
        if (hits.isEmpty() && staged.rows() == 0) {
            return into;
        }
        LakeTable table = tables.table(name);
        Set<Integer> days = new TreeSet<>();
        shown.stream().filter(file -> hits.contains(file.path())).forEach(file -> days.add(MergePlan.day(file)));
        Part part = into;
        for (Map.Entry<Integer, LakeTable.Day> day : days(table, days).entrySet()) {
            List<Snapshot.DataFile> chosen = day.getValue().data().stream()
                    .map(file -> TableContents.shown(table, file))
                    .filter(file -> hits.contains(file.path()))
                    .toList();
            rewrite(
                    new Merger.Job(tail, name, new MergePlan.Merge(day.getKey(), chosen), null),
                    table,
                    day.getValue(),
                    part,
                    new MergeSql.Redecoded(window, null));
            part = part.from(day.getValue());
        }
        if (staged.rows() > 0) {
            for (Map.Entry<Integer, SideRows> day : SideRows.byDay(staged).entrySet()) {
                steps.before(Steps.Step.REDECODE_WRITE);
                Path path = table.newFile(day.getKey(), UUID.randomUUID() + ".parquet");
                long bytes = parquet.write(path, day.getValue());
                Path named = FileSum.keep(tables.store(), path);
                part.added.add(new LakeTable.Written(
                        named,
                        day.getKey(),
                        day.getValue().rows(),
                        bytes,
                        day.getValue().metrics()));
            }
        }
        return part;
    }

    /// Whether a reading that was decoded again is replaced by one that was committed after the plan was made, which
    /// says so to files that are as old as the plan only. With the lock of the tables.
    boolean overtaken(TenantTail tail, Part readings) throws IOException {
        LakeTable table = tables.table(new LakeTables.Name(tail.tenant(), readings.kind));
        table.refresh();
        if (readings.added.isEmpty() || table.sequence() == readings.old.sequence()) {
            return false;
        }
        List<Path> since = table.filesSince(readings.old.sequence());
        List<Path> reads = new ArrayList<>(since);
        readings.added.forEach(file -> reads.add(file.path()));
        boolean[] hit = new boolean[1];
        if (!since.isEmpty()) {
            String sql = ("SELECT 1 FROM %s e SEMI JOIN %s r ON e.device = r.device AND e.sensor = r.sensor"
                            + " AND e.ts = r.ts LIMIT 1")
                    .formatted(
                            ParquetFiles.source(since),
                            ParquetFiles.source(readings.added.stream()
                                    .map(LakeTable.Written::path)
                                    .toList()));
            try (Hold _ = tables.store().hold(reads)) {
                parquet.read(sql, _ -> hit[0] = true);
            }
        }
        return hit[0];
    }

    /// @return by day a file of its readings
    private Map<Integer, Path> stage(RedecodedRows rows) throws IOException {
        Map<Integer, Path> staged = new TreeMap<>();
        if (rows.readings().rows() > 0) {
            SegmentOrder order = new SegmentOrder(rows.readings());
            for (SegmentOrder.Day day : order.days()) {
                steps.before(Steps.Step.REDECODE_WRITE);
                Path path = staging.resolve(day.day() + ".parquet");
                parquet.write(path, new ReadingRows(rows.readings(), order, day.rows()));
                staged.put(day.day(), path);
            }
        }
        return staged;
    }

    /// @return the files of each day, all as of one snapshot
    private Map<Integer, LakeTable.Day> days(LakeTable table, Set<Integer> days) throws IOException {
        Map<Integer, LakeTable.Day> found = new TreeMap<>();
        synchronized (tables) {
            for (int day : days) {
                found.put(day, table.day(day));
            }
        }
        return found;
    }

    /// @return those of a day's files that are wanted, or hold a reading of the same device, sensor and time as one of
    ///     the window or of `staged`
    private List<Snapshot.DataFile> chosen(
            RedecodeWindow window, List<Snapshot.DataFile> files, Set<Path> wanted, @Nullable Path staged)
            throws IOException {
        List<String> keys = new ArrayList<>();
        List<Path> reads = new ArrayList<>();
        List<Path> holding = files.stream()
                .map(Snapshot.DataFile::path)
                .filter(wanted::contains)
                .toList();
        if (!holding.isEmpty()) {
            reads.addAll(holding);
            keys.add("SELECT device, sensor, ts FROM %s r WHERE %s"
                    .formatted(ParquetFiles.source(holding), window.condition("r")));
        }
        if (staged != null) {
            keys.add("SELECT device, sensor, ts FROM " + ParquetFiles.source(List.of(staged)));
        }
        Set<Path> hits = new HashSet<>(holding);
        for (List<Path> batch : batches(files)) {
            List<Path> all = new ArrayList<>(batch);
            all.addAll(reads);
            String sql = ("SELECT filename, count(*) FROM %s r SEMI JOIN (%s) k"
                            + " ON r.device = k.device AND r.sensor = k.sensor AND r.ts = k.ts GROUP BY filename")
                    .formatted(MergeSql.Erased.named(batch), String.join(" UNION ", keys));
            try (Hold _ = tables.store().hold(all)) {
                parquet.read(sql, row -> hits.add(Path.of(row.getString(1))));
            }
        }
        return files.stream().filter(file -> hits.contains(file.path())).toList();
    }

    /// Gives the fresh readings but those that a reading of a later message outside the window replaces.
    private static ParquetFiles.Query coming(RedecodeWindow window, Path staged, List<Snapshot.DataFile> files) {
        String columns = String.join(
                ", ",
                new MergeSql(LakeCatalog.Kind.READINGS, List.of(), List.of(), false, null)
                        .columns()
                        .keySet());
        String later = files.isEmpty()
                ? ""
                : (" WHERE NOT EXISTS (FROM %s e WHERE e.device = r.device AND e.sensor = r.sensor AND e.ts = r.ts"
                                + " AND e.part = r.part AND e.position > r.position AND NOT %s)")
                        .formatted(
                                ParquetFiles.source(files.stream()
                                        .map(Snapshot.DataFile::path)
                                        .toList()),
                                window.condition("e"));
        return new ParquetFiles.Query(
                "SELECT * REPLACE (false AS late) FROM (SELECT %s FROM %s r%s) ORDER BY device, sensor, ts, part, position"
                        .formatted(columns, ParquetFiles.source(List.of(staged)), later),
                List.of());
    }

    private void write(LakeTable table, int day, ParquetFiles.Query rows, List<Snapshot.DataFile> reads, Part into)
            throws IOException {
        steps.before(Steps.Step.REDECODE_WRITE);
        Path path = table.newFile(day, UUID.randomUUID() + ".parquet");
        boolean kept = false;
        try (Hold _ =
                tables.store().hold(reads.stream().map(Snapshot.DataFile::path).toList())) {
            MergeSql columns = new MergeSql(into.kind, List.of(), List.of(), false, null);
            parquet.copy(path, rows, columns.columns(), ParquetFiles.Compression.ZSTD);
            Metrics metrics = FileMetrics.of(parquet, path, into.kind);
            long count = Merger.number(metrics.recordCount());
            if (count > 0) {
                long bytes = Files.size(path);
                Path named = FileSum.keep(tables.store(), path);
                kept = true;
                into.added.add(new LakeTable.Written(named, day, count, bytes, metrics));
            }
        } finally {
            if (!kept) {
                Files.deleteIfExists(path);
            }
        }
    }
}
