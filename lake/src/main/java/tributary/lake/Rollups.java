package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Metrics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.TenantId;

/// Makes the roll-ups of days that are over, and makes them anew where a day's files have changed.
///
/// A day of a roll-up that is not of the files that the day has now is taken out at once: nothing that was
/// erased or replaced stays in one. Whether a day is rolled up is what the widest step says, which is
/// written last. Each file is one commit; a commit without an answer is looked up in the table. Of the
/// thread of care.
final class Rollups {
    private static final Logger LOG = LoggerFactory.getLogger(Rollups.class);
    /// A step is kept where it has so many times fewer rows than readings; else it costs more than it saves.
    private static final int WORTH = 10;
    /// A day that never gets quiet is rolled up all the same when it has waited so many times as long.
    private static final int PATIENCE = 24;
    /// So many days are rolled up in one turn.
    private static final int DAYS_MAX = 31;
    /// So many files of days that are not over are rolled up in one turn.
    private static final int PARTS_MAX = 8;

    private final LakeTables tables;
    private final ParquetFiles parquet;
    private final CareSettings settings;
    private final Pace pace;
    private final Merger.Place place;
    private final Map<TenantId, List<Rollup>> known = new HashMap<>();
    private final Map<String, Long> staleMillis = new HashMap<>();
    /// By tenant: what names parts that are not worth their files.
    private final Map<TenantId, Set<String>> worthless = new HashMap<>();

    /// Read by others.
    private final Map<TenantId, Days> counted = new ConcurrentHashMap<>();

    /// @param rolled days that are rolled up as they are now
    /// @param due    days that are over and not
    record Days(int rolled, int due) {}

    /// A day, its files and what names them.
    private record Due(int day, String source, List<Snapshot.DataFile> files) {
        long rows() {
            return files.stream().mapToLong(Snapshot.DataFile::rows).sum();
        }
    }

    /// Slots that are to be written.
    ///
    /// @param reads   the files that the query reads
    /// @param sources by day: what names the files that its slots are of
    private record Slots(ParquetFiles.Query query, List<Path> reads, Map<Integer, String> sources) {}

    /// What a span of a step gets.
    ///
    /// @param kept  days of its old file that stay
    /// @param parts files with the rows of days that come
    private record Span(
            RollupStep step, int span, Map<Integer, String> kept, Map<Integer, String> fresh, List<Path> parts) {
        Map<Integer, String> days() {
            Map<Integer, String> days = new TreeMap<>(kept);
            days.putAll(fresh);
            return days;
        }
    }

    Rollups(LakeTables tables, ParquetFiles parquet, CareSettings settings, Pace pace, Merger.Place place) {
        this.tables = tables;
        this.parquet = parquet;
        this.settings = settings;
        this.pace = pace;
        this.place = place;
    }

    /// Does what is due for the tenant, a few days of it: files of today are not to wait for those of a year.
    ///
    /// @return whether more is due
    boolean turn(TenantTail tail, long nowMillis) throws IOException, InterruptedException {
        boolean[] more = new boolean[1];
        guarded(tail, () -> {
            Map<Integer, List<Snapshot.DataFile>> byDay = Rollup.byDay(tail.files(LakeCatalog.Kind.READINGS));
            dropStale(tail, byDay);
            Map<Integer, List<Due>> months = new TreeMap<>();
            List<Due> all = due(tail, byDay, nowMillis);
            more[0] = all.size() > DAYS_MAX;
            for (Due due : all.subList(0, Math.min(all.size(), DAYS_MAX))) {
                months.computeIfAbsent(RollupStep.DAY.span(due.day), _ -> new ArrayList<>())
                        .add(due);
            }
            for (Map.Entry<Integer, List<Due>> month : months.entrySet()) {
                make(tail, month.getKey(), month.getValue());
            }
            more[0] |= parts(tail, byDay);
            count(tail, byDay.keySet(), nowMillis);
        });
        return more[0];
    }

    /// @return of all tenants, as it was after their last turn
    Days days() {
        return counted.values().stream().reduce(new Days(0, 0), (a, b) -> new Days(a.rolled + b.rolled, a.due + b.due));
    }

    /// Takes out every day that is not of the files that the tenant has now.
    void dropStale(TenantTail tail) throws IOException, InterruptedException {
        guarded(tail, () -> dropStale(tail, Rollup.byDay(tail.files(LakeCatalog.Kind.READINGS))));
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /// After a failure what there is is read anew from the tables.
    private void guarded(TenantTail tail, Work work) throws IOException, InterruptedException {
        boolean done = false;
        try {
            load(tail);
            work.run();
            done = true;
        } finally {
            Merger.clear(place.spill());
            if (!done) {
                known.remove(tail.tenant());
            }
        }
    }

    private void load(TenantTail tail) throws IOException {
        if (known.containsKey(tail.tenant())) {
            return;
        }
        List<Rollup> found = new ArrayList<>();
        for (RollupStep step : RollupStep.values()) {
            LakeTable table = tables.find(new LakeTables.Name(tail.tenant(), LakeCatalog.Kind.of(step)));
            if (table != null) {
                List<Snapshot.DataFile> files;
                synchronized (tables) {
                    table.refresh();
                    files = table.contents().files();
                }
                found.addAll(read(step, files));
            }
        }
        show(tail, found);
    }

    private List<Rollup> read(RollupStep step, List<Snapshot.DataFile> files) throws IOException {
        Map<Path, String> texts = new HashMap<>();
        if (!files.isEmpty()) {
            List<Path> paths = files.stream().map(Snapshot.DataFile::path).toList();
            try (Hold _ = tables.store().hold(paths)) {
                parquet.read(RollupSql.days(paths), row -> texts.put(Path.of(row.getString(1)), row.getString(2)));
            }
        }
        List<Rollup> found = new ArrayList<>();
        for (Snapshot.DataFile file : files) {
            Map<Integer, String> sources = Rollup.sources(texts.getOrDefault(file.path(), ""));
            int span = step.span(MergePlan.day(file));
            found.add(new Rollup(step, file, span, sources));
        }
        return found;
    }

    private void show(TenantTail tail, List<Rollup> all) {
        known.put(tail.tenant(), List.copyOf(all));
        tail.rolledUp(List.copyOf(all));
    }

    private List<Rollup> of(TenantTail tail, RollupStep step, int span) {
        return known.getOrDefault(tail.tenant(), List.of()).stream()
                .filter(rollup -> rollup.step() == step && rollup.span() == span)
                .toList();
    }

    private void dropStale(TenantTail tail, Map<Integer, List<Snapshot.DataFile>> byDay)
            throws IOException, InterruptedException {
        Map<Integer, String> sources = Rollup.sources(byDay);
        Set<Integer> whole = rolled(tail);
        Map<Integer, Map<String, Snapshot.DataFile>> parts = new HashMap<>();
        Set<String> done = new HashSet<>();
        for (Rollup rollup : known.getOrDefault(tail.tenant(), List.of())) {
            Map<Integer, String> kept = new TreeMap<>(rollup.sources());
            kept.entrySet().removeIf(day -> !day.getValue().equals(sources.get(day.getKey())));
            boolean stale =
                    kept.size() < rollup.sources().size() || rollup.sources().isEmpty();
            if (!stale) {
                continue;
            }
            if (rollup.step() == RollupStep.DAY) {
                if (done.add(rollup.step() + " " + rollup.span())) {
                    put(tail, new Span(rollup.step(), rollup.span(), kept, Map.of(), List.of()));
                }
            } else if (whole.contains(rollup.span())
                    || rollup.sources().values().stream()
                            .noneMatch(
                                    parts.computeIfAbsent(
                                                    rollup.span(),
                                                    day -> Rollup.parts(byDay.getOrDefault(day, List.of())))
                                            ::containsKey)) {
                replace(tail, new Exchange(rollup.step(), rollup.span(), List.of(rollup), List.of(), Map.of()));
            }
        }
    }

    /// Rolls up single files of days that no roll-up gives as a whole: of today above all. Only files that are
    /// not small, because small ones are merged soon; so each reading is rolled up once before its day is over.
    ///
    /// @return whether more of them wait
    private boolean parts(TenantTail tail, Map<Integer, List<Snapshot.DataFile>> byDay)
            throws IOException, InterruptedException {
        Set<Integer> whole = rolled(tail);
        Set<String> there = new HashSet<>();
        // hours are made last
        known.getOrDefault(tail.tenant(), List.of()).stream()
                .filter(rollup -> rollup.step() == RollupStep.HOUR)
                .forEach(rollup -> there.addAll(rollup.sources().values()));
        Set<String> seen = new HashSet<>();
        Set<String> left = worthless.computeIfAbsent(tail.tenant(), _ -> new HashSet<>());
        int made = 0;
        for (Map.Entry<Integer, List<Snapshot.DataFile>> day : byDay.entrySet()) {
            if (whole.contains(day.getKey())) {
                continue;
            }
            for (Map.Entry<String, Snapshot.DataFile> part :
                    Rollup.parts(day.getValue()).entrySet()) {
                String source = part.getKey();
                seen.add(source);
                boolean wanted = part.getValue().bytes() >= settings.smallBytes()
                        && !there.contains(source)
                        && !left.contains(source);
                if (wanted && made == PARTS_MAX) {
                    return true;
                }
                if (wanted) {
                    made++;
                    if (!part(tail, new Part(day.getKey(), source, part.getValue()), day.getValue())) {
                        left.add(source);
                    }
                }
            }
        }
        left.retainAll(seen);
        return false;
    }

    /// A file of a day, and what names its rows that count.
    private record Part(int day, String source, Snapshot.DataFile file) {}

    /// @return whether it is worth a file
    private boolean part(TenantTail tail, Part part, List<Snapshot.DataFile> ofDay)
            throws IOException, InterruptedException {
        List<Snapshot.DataFile> replacing = Rollup.replacing(part.file, ofDay);
        List<Path> reads = new ArrayList<>(List.of(part.file.path()));
        replacing.forEach(file -> reads.add(file.path()));
        @Nullable Path narrower = null;
        for (RollupStep step : List.of(RollupStep.MINUTE, RollupStep.HOUR)) {
            Optional<Rollup> before = of(tail, step, part.day).stream()
                    .filter(rollup -> part.source.equals(rollup.sources().get(part.day)))
                    .findFirst();
            if (before.isPresent()) {
                narrower = before.get().path(); // made before a crash
                continue;
            }
            Path slots = place.spill().resolve("part-" + step.table() + ".parquet");
            write(
                    slots,
                    narrower == null
                            ? new Slots(RollupSql.ofReadings(List.of(part.file), replacing, step), reads, Map.of())
                            : new Slots(RollupSql.ofSlots(narrower, step), List.of(narrower), Map.of()));
            if (rows(slots) * WORTH <= part.file.rows()) {
                Map<Integer, String> days = Map.of(part.day, part.source);
                replace(tail, new Exchange(step, part.day, List.of(), List.of(slots), days));
            }
            narrower = slots;
        }
        return known.getOrDefault(tail.tenant(), List.of()).stream()
                .anyMatch(rollup -> rollup.sources().containsValue(part.source));
    }

    private long rows(Path slots) throws IOException {
        long[] rows = new long[1];
        parquet.read("SELECT count(*) FROM " + ParquetFiles.source(List.of(slots)), row -> rows[0] = row.getLong(1));
        return rows[0];
    }

    /// Files of a span that go, and the file that comes.
    ///
    /// @param parts its slots, or none where no file comes
    private record Exchange(RollupStep step, int span, List<Rollup> old, List<Path> parts, Map<Integer, String> days) {}

    /// Days that are over and at rest, and are not rolled up as they are now.
    private List<Due> due(TenantTail tail, Map<Integer, List<Snapshot.DataFile>> days, long nowMillis) {
        Map<Integer, String> sources = Rollup.sources(days);
        Set<Integer> valid = rolled(tail);
        MergePlan plan = new MergePlan(settings, nowMillis, this::writtenMillis);
        List<Due> due = new ArrayList<>();
        Set<String> waiting = new HashSet<>();
        days.forEach((day, files) -> {
            if (!valid.contains(day) && plan.over(day)) {
                String key = tail.tenant() + " " + day;
                waiting.add(key);
                long since = staleMillis.computeIfAbsent(key, _ -> nowMillis);
                if (plan.atRest(files)
                        || nowMillis - since > PATIENCE * settings.quiet().toMillis()) {
                    due.add(new Due(day, String.valueOf(sources.get(day)), files));
                }
            }
        });
        staleMillis.keySet().removeIf(key -> key.startsWith(tail.tenant() + " ") && !waiting.contains(key));
        return due;
    }

    /// @return days of the widest step
    private Set<Integer> rolled(TenantTail tail) {
        Set<Integer> rolled = new HashSet<>();
        for (Rollup rollup : known.getOrDefault(tail.tenant(), List.of())) {
            if (rollup.step() == RollupStep.DAY) {
                rolled.addAll(rollup.sources().keySet());
            }
        }
        return rolled;
    }

    private void count(TenantTail tail, Set<Integer> all, long nowMillis) {
        MergePlan plan = new MergePlan(settings, nowMillis, this::writtenMillis);
        Set<Integer> rolled = rolled(tail);
        long due = all.stream()
                .filter(day -> plan.over(day) && !rolled.contains(day))
                .count();
        counted.put(tail.tenant(), new Days(rolled.size(), Math.toIntExact(due)));
    }

    private long writtenMillis(Path file) {
        try {
            return tables.store().writtenMillis(file);
        } catch (IOException e) {
            return Long.MAX_VALUE / 2; // whoever reads it will say so
        }
    }

    private void make(TenantTail tail, int month, List<Due> days) throws IOException, InterruptedException {
        Merger.clear(place.spill());
        Map<Integer, String> fresh = new TreeMap<>();
        List<Path> parts = new ArrayList<>();
        for (Due due : days) {
            @Nullable Path minutes = narrow(tail, RollupStep.MINUTE, due, null);
            @Nullable Path hours = narrow(tail, RollupStep.HOUR, due, minutes);
            Path part = place.spill().resolve("day-" + due.day + ".parquet");
            write(part, slots(due, RollupStep.DAY, hours == null ? minutes : hours));
            parts.add(part);
            fresh.put(due.day, due.source);
        }
        Map<Integer, String> kept = new TreeMap<>();
        of(tail, RollupStep.DAY, month).forEach(rollup -> kept.putAll(rollup.sources()));
        kept.keySet().removeAll(fresh.keySet());
        put(tail, new Span(RollupStep.DAY, month, kept, fresh, parts));
        LOG.debug("rolled up {} days of tenant {}", fresh.size(), tail.tenant());
    }

    private static Slots slots(Due due, RollupStep step, @Nullable Path narrower) {
        return narrower == null
                ? new Slots(
                        RollupSql.ofReadings(due.files, step),
                        due.files.stream().map(Snapshot.DataFile::path).toList(),
                        Map.of())
                : new Slots(RollupSql.ofSlots(narrower, step), List.of(narrower), Map.of());
    }

    /// Makes a day of a step whose files span a day, where that is worth it.
    ///
    /// @return its file, or null
    private @Nullable Path narrow(TenantTail tail, RollupStep step, Due due, @Nullable Path narrower)
            throws IOException, InterruptedException {
        for (Rollup rollup : of(tail, step, due.day)) {
            if (due.source.equals(rollup.sources().get(due.day))) {
                return rollup.path(); // made before a crash
            }
        }
        Path part = place.spill().resolve(step.table() + ".parquet");
        write(part, slots(due, step, narrower));
        if (rows(part) * WORTH > due.rows()) {
            return null;
        }
        put(tail, new Span(step, due.day, Map.of(), Map.of(due.day, due.source), List.of(part)));
        return of(tail, step, due.day).getFirst().path();
    }

    private void write(Path path, Slots slots) throws IOException, InterruptedException {
        place.steps().before(Steps.Step.ROLLUP_WRITE);
        long start = System.nanoTime();
        Folders.make(Folders.parent(path));
        try (Hold _ = tables.store().hold(slots.reads)) {
            parquet.copyRollup(path, slots.query, Rollup.text(slots.sources));
        }
        pace.rest(System.nanoTime() - start);
    }

    /// Puts a file with the days of `span` in the place of those that it has.
    private void put(TenantTail tail, Span span) throws IOException, InterruptedException {
        List<Rollup> old = of(tail, span.step, span.span);
        exchange(tail, span, old, old.stream().map(Rollup::path).toList());
    }

    /// Takes some files of a span out, and puts one beside those that stay.
    private void replace(TenantTail tail, Exchange exchange) throws IOException, InterruptedException {
        Span span = new Span(exchange.step, exchange.span, Map.of(), exchange.days, exchange.parts);
        exchange(tail, span, exchange.old, List.of());
    }

    /// @param old  what goes
    /// @param read files of which days stay
    private void exchange(TenantTail tail, Span span, List<Rollup> old, List<Path> read)
            throws IOException, InterruptedException {
        LakeTable table = tables.table(new LakeTables.Name(tail.tenant(), LakeCatalog.Kind.of(span.step)));
        Set<Path> going = new HashSet<>();
        old.forEach(rollup -> going.add(rollup.path()));
        List<LakeTable.Written> fresh = span.days().isEmpty() ? List.of() : List.of(written(table, span, read));
        synchronized (tables) {
            boolean asked = false;
            try {
                List<DataFile> there = table.day(span.span).data();
                List<DataFile> before = there.stream()
                        .filter(file -> going.contains(table.path(file)))
                        .toList();
                if (before.size() != going.size()
                        || there.size() != of(tail, span.step, span.span).size()) {
                    throw new IOException("the table %s has other files by now".formatted(table.folder()));
                }
                place.steps().before(Steps.Step.ROLLUP_COMMIT);
                asked = true;
                table.put(before, fresh);
            } finally {
                if (!asked) {
                    tables.discard(fresh);
                }
            }
        }
        List<Rollup> all = new ArrayList<>(known.getOrDefault(tail.tenant(), List.of()));
        all.removeIf(rollup -> going.contains(rollup.path()));
        for (LakeTable.Written file : fresh) {
            all.add(new Rollup(span.step, TableContents.shown(table, table.dataFile(file)), span.span, span.days()));
        }
        show(tail, all);
    }

    /// @param old files with the days that stay
    private LakeTable.Written written(LakeTable table, Span span, List<Path> old)
            throws IOException, InterruptedException {
        Path path = table.newFile(span.span, UUID.randomUUID() + ".parquet");
        List<Path> reads = new ArrayList<>(old);
        reads.addAll(span.parts);
        boolean written = false;
        try {
            write(path, new Slots(RollupSql.joined(old, span.kept.keySet(), span.parts), reads, span.days()));
            Metrics metrics = FileMetrics.of(parquet, path, LakeCatalog.Kind.of(span.step));
            long bytes = Files.size(path);
            Path named = FileSum.keep(tables.store(), path);
            written = true;
            return new LakeTable.Written(named, span.span, Merger.number(metrics.recordCount()), bytes, metrics);
        } finally {
            if (!written) {
                Files.deleteIfExists(path); // a stop is no crash, and leaves nothing
            }
        }
    }
}
