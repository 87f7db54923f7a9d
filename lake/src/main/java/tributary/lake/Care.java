package tributary.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// Care without an operator: small files become large ones, old rows and old snapshots go.
///
/// A thread of its own, ranked low, with an engine of its own that lives only while there is work. Each thing it
/// does is one commit or none, so it may die anywhere: what it had begun is an orphan and begun again.
final class Care {
    private static final Logger LOG = LoggerFactory.getLogger(Care.class);
    private static final String SPILL = ".care";
    private static final long MEASURE_MILLIS = 300_000;
    private static final long PAUSE_SECONDS_MAX = 30;
    /// So many times as long is waited where something failed.
    private static final long TROUBLED = 10;

    private final LakeTables tables;
    private final Map<TenantId, TenantTail> tails;
    private final LakeSettings settings;
    private final InstantSource clock;
    private final Steps steps;
    private final ParquetFiles parquet;
    private final Merger merger;
    private final Rollups rollups;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Map<Path, Long> sealed = new HashMap<>();
    private final Map<LakeTables.Name, Long> expiredMillis = new HashMap<>();
    private final Map<LakeTables.Name, Integer> snapshots = new ConcurrentHashMap<>();
    private final OldFiles old;
    private final Orphans orphans;
    private final DiskBudget disk;
    private final Erasures erasures;
    private final Eraser eraser;
    private final Redecoder redecoder;
    /// One works with the engine at a time.
    private final ReentrantLock work = new ReentrantLock();
    /// How many wait to decode again, for whom merging pauses.
    private final AtomicInteger waiting = new AtomicInteger();

    private final Forgetting forgetting;
    /// No upload takes so long.
    private static final long UPLOAD_MILLIS = 86_400_000;

    private final CareCount count = new CareCount();
    private long sweptMillis;
    private long measuredMillis;
    private final Thread thread;
    private @Nullable String failed;
    private volatile @Nullable String trouble;

    /// @param folder  the lake's
    /// @param visible by partition: what the lake's thread has taken
    record World(
            Path folder,
            LakeInputs inputs,
            Steps steps,
            Checkpoints checkpoints,
            AtomicLongArray visible,
            Forgetting forgetting,
            RedecodeCommit redecoded) {}

    Care(LakeTables tables, Map<TenantId, TenantTail> tails, LakeSettings settings, World world) throws IOException {
        this.tables = tables;
        this.tails = tails;
        this.settings = settings;
        this.clock = world.inputs.clock();
        this.steps = world.steps;
        Path spill = world.folder.resolve(SPILL).toAbsolutePath();
        this.parquet = new ParquetFiles(settings.care().memoryBytes(), spill.toString());
        Pace pace = new Pace(settings.care().sharePercent(), stopping);
        Merger.Place place = new Merger.Place(spill, steps);
        this.merger = new Merger(tables, parquet, settings.care(), pace, place);
        this.rollups = new Rollups(tables, parquet, settings.care(), pace, place);
        this.old = new OldFiles(tables, steps);
        this.orphans = new Orphans(tables);
        this.forgetting = world.forgetting;
        this.erasures = Erasures.open(world.folder, clock.millis());
        this.eraser = new Eraser(
                erasures,
                tables,
                tails,
                new Eraser.Tools(
                        parquet,
                        merger,
                        rollups,
                        orphans,
                        world.checkpoints,
                        settings.care().orphanAge().toMillis()),
                new Eraser.Surroundings(world.inputs.log(), world.visible, world.forgetting, steps));
        this.redecoder = new Redecoder(
                tables,
                tails,
                new Redecoder.Tools(parquet, merger, rollups, world.checkpoints, world.redecoded),
                new Redecoder.Surroundings(
                        world.inputs, world.visible, world.forgetting, erasures, settings.seriesMax(), steps, stopping),
                world.folder);
        this.disk = new DiskBudget(
                world.folder, tables.store().local(), settings.care().diskBytesMax());
        this.thread = Thread.ofPlatform().name("lake-care").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Ends it; a file that is being written is finished first.
    void close() {
        stopping.countDown();
        forgetting.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        work.lock(); // whoever decodes again sees that the lake stops, and ends
        try {
            parquet.close();
        } finally {
            work.unlock();
        }
    }

    /// @return what keeps it from its work, or will, for people, or null
    @Nullable
    String trouble() {
        String now = trouble;
        return now == null ? disk.warning() : now;
    }

    Erasures erasures() {
        return erasures;
    }

    Lake.CareStats stats() {
        long small = 0;
        for (TenantTail tail : tails.values()) {
            for (LakeCatalog.Kind kind : LakeCatalog.Kind.logged()) {
                small += tail.files(kind).stream()
                        .filter(file -> file.bytes() < settings.care().smallBytes())
                        .count();
            }
        }
        long readable =
                snapshots.values().stream().mapToLong(Integer::longValue).sum();
        return count.stats(small, readable, rollups.days(), erasures.open().size(), disk);
    }

    private void run() {
        Pace.rankLow();
        try {
            long everyMillis = settings.care().every().toMillis();
            long waitMillis = everyMillis;
            count.nextMillis = clock.millis() + waitMillis;
            while (!stopping.await(waitMillis, TimeUnit.MILLISECONDS)) {
                count.nextMillis = 0;
                round();
                waitMillis = trouble == null ? everyMillis : TROUBLED * everyMillis;
                count.nextMillis = clock.millis() + waitMillis;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Decodes messages again, as soon as care pauses.
    Lake.Redecoded redecode(Lake.Redecoding what) throws IOException, InterruptedException {
        waiting.incrementAndGet();
        boolean mine;
        try {
            mine = work.tryLock(PAUSE_SECONDS_MAX, TimeUnit.SECONDS);
        } finally {
            waiting.decrementAndGet();
        }
        if (!mine) {
            throw new PlatformException(
                    Fault.LAKE_FAILED, "files are being merged just now; nothing was changed, try again in a moment");
        }
        try {
            if (stopping.getCount() == 0) {
                throw new InterruptedException("the lake stops");
            }
            merger.settle();
            return redecoder.run(what);
        } finally {
            parquet.close();
            work.unlock();
        }
    }

    /// Does all that is due. What fails does not keep the rest from being done.
    void round() throws InterruptedException {
        work.lock();
        try {
            locked();
        } finally {
            work.unlock();
        }
    }

    private boolean goesOn() {
        return stopping.getCount() > 0 && waiting.get() == 0;
    }

    private void locked() throws InterruptedException {
        failed = null;
        try {
            if (done(merger::settle) && done(redecoder::settle)) {
                for (TenantTail tail : tails.values()) {
                    done(() -> removeOld(tail));
                    done(() -> expire(tail));
                }
                done(this::sweep);
                done(this::measure);
                done(() -> eraser.turn(clock.millis()));
                boolean more = true;
                while (more && goesOn()) {
                    merge();
                    more = rollUp();
                }
            }
        } finally {
            parquet.close(); // its memory is for others while there is nothing to do
        }
        trouble = failed;
    }

    /// @return whether a tenant has more days that are to be rolled up
    private boolean rollUp() throws InterruptedException {
        boolean[] more = new boolean[1];
        for (TenantTail tail : tails.values()) {
            done(() -> more[0] |= rollups.turn(tail, clock.millis()));
        }
        return more[0];
    }

    private interface Duty {
        void run() throws IOException, InterruptedException;
    }

    private boolean done(Duty duty) throws InterruptedException {
        try {
            duty.run();
            return true;
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            String why = "files of the lake cannot be cared for: " + SealQueue.why(e);
            if (!why.equals(trouble)) {
                LOG.warn("{}; they stay as they are, it is tried again", why, e);
            }
            failed = failed == null ? why : failed;
            return false;
        }
    }

    /// The tables with most files to merge come first.
    private void merge() throws InterruptedException {
        Set<String> given = new HashSet<>();
        List<Merger.Job> jobs = jobs(given);
        while (!jobs.isEmpty() && goesOn()) {
            for (Merger.Job job : jobs) {
                if (goesOn() && !done(() -> merge(job))) {
                    given.add(key(job));
                }
            }
            jobs = jobs(given);
        }
    }

    private void merge(Merger.Job job) throws IOException, InterruptedException {
        Merger.Done done = merger.run(job);
        count.merged(done, clock.millis());
        LOG.debug("merged files of {}, day {}: {}", job.name(), job.merge().day(), done);
    }

    private static String key(Merger.Job job) {
        return job.name() + " " + job.merge().day();
    }

    /// @param given up in this round
    private List<Merger.Job> jobs(Set<String> given) {
        MergePlan plan = new MergePlan(settings.care(), clock.millis(), this::sealedMillis);
        List<Merger.Job> jobs = new ArrayList<>();
        Set<Path> shown = new HashSet<>();
        for (TenantTail tail : tails.values()) {
            for (LakeCatalog.Kind kind : LakeCatalog.Kind.logged()) {
                LakeTables.Name name = new LakeTables.Name(tail.tenant(), kind);
                List<Snapshot.DataFile> files = tail.files(kind);
                plan.of(files).forEach(merge -> jobs.add(new Merger.Job(tail, name, merge, null)));
                files.forEach(file -> shown.add(file.path()));
            }
        }
        sealed.keySet().retainAll(shown);
        jobs.removeIf(job -> given.contains(key(job)));
        count.waiting =
                jobs.stream().mapToLong(job -> job.merge().files().size()).sum();
        jobs.sort(
                Comparator.comparingInt((Merger.Job job) -> job.merge().files().size())
                        .reversed());
        return jobs;
    }

    /// When a file was written; files never change.
    private long sealedMillis(Path file) {
        return sealed.computeIfAbsent(file, path -> {
            try {
                return tables.store().writtenMillis(path);
            } catch (NoSuchFileException e) {
                return Long.MAX_VALUE / 2; // whoever reads it will say so; for care it is too young
            } catch (IOException e) {
                throw new UncheckedIOException("cannot look at " + path, e);
            }
        });
    }

    /// Old snapshots go, and with them the files that only they name.
    private void expire(TenantTail tail) {
        long now = clock.millis();
        long keepMillis = settings.keepSnapshots().toMillis();
        for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
            LakeTables.Name name = new LakeTables.Name(tail.tenant(), kind);
            if (now - expiredMillis.computeIfAbsent(name, _ -> 0L) < keepMillis / 3) {
                continue;
            }
            expiredMillis.put(name, now);
            synchronized (tables) {
                LakeTable table = tables.find(name);
                if (table != null) {
                    steps.before(Steps.Step.EXPIRE);
                    table.expire(now - keepMillis);
                    snapshots.put(name, table.snapshots());
                }
            }
        }
    }

    /// Files whose rows have all passed their time go, without being read.
    private void removeOld(TenantTail tail) throws IOException {
        for (LakeCatalog.Kind kind : LakeCatalog.Kind.logged()) {
            boolean messages = kind.side() == Side.MESSAGES
                    && !settings.care().keep().tables().containsKey("messages");
            Duration keep = messages
                    ? settings.sides().keepMessages()
                    : settings.care().keep().of(tail.tenant(), kind);
            long before = clock.millis() - keep.toMillis();
            count.removedFiles += old.removeBefore(tail, kind, TimeUnit.MILLISECONDS.toMicros(before));
        }
    }

    private void sweep() throws IOException {
        long now = clock.millis();
        long ageMillis = settings.care().orphanAge().toMillis();
        boolean due = now - sweptMillis >= ageMillis;
        for (TenantTail tail : tails.values()) {
            for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
                LakeTables.Name name = new LakeTables.Name(tail.tenant(), kind);
                LakeTable table = tables.find(name);
                if (table != null && Orphans.marked(table)) {
                    failed = Orphans.marked(name, table);
                } else if (due && table != null) {
                    steps.before(Steps.Step.REMOVE_ORPHANS);
                    count.orphans += orphans.sweep(name, now - ageMillis).removed();
                }
            }
        }
        if (due) {
            tables.store().sweep(now - UPLOAD_MILLIS);
            sweptMillis = now;
        }
    }

    private void measure() throws IOException {
        long now = clock.millis();
        if (now - measuredMillis >= MEASURE_MILLIS) {
            measuredMillis = now;
            disk.look(tails.values(), old, now);
        }
    }
}
