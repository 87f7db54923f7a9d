package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.LogReader;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// The lake in a local folder or a bucket: Iceberg tables over Parquet files, and hot segments in memory.
///
/// Opening returns at once; tables are read on the lake's own thread, and snapshots wait for that. Two threads do the
/// work: one follows the log, the other writes files and commits.
public final class IcebergLake implements Lake {
    private static final Logger LOG = LoggerFactory.getLogger(IcebergLake.class);
    private static final String READER = "lake";
    private static final long READY_SECONDS_MAX = 30;
    private static final long FINISH_MILLIS_MAX = 60_000;
    private static final long RETRY_MILLIS = 2_000;

    private final Path folder;
    private final LakeSettings settings;
    private final LakeInputs inputs;
    private final Steps steps;
    private final Map<TenantId, TenantTail> tails = new ConcurrentHashMap<>();
    private final AtomicLongArray visible;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean abandoned;
    private volatile @Nullable Running running;
    private volatile @Nullable String trouble;

    /// What exists while the lake runs.
    record Running(LakeCatalog catalog, Care care, SealQueue seals, LogFollower follower) {}

    private IcebergLake(Path folder, LakeSettings settings, LakeInputs inputs, Steps steps) {
        this.folder = folder;
        this.settings = settings;
        this.inputs = inputs;
        this.steps = steps;
        this.visible = new AtomicLongArray(inputs.log().partitions());
        this.thread = Thread.ofPlatform().name("lake").unstarted(this::run);
    }

    /// Opens the lake in `folder`, which is its own.
    public static IcebergLake open(Path folder, LakeSettings settings, LakeInputs inputs) {
        return open(folder, settings, inputs, Steps.NONE);
    }

    static IcebergLake open(Path folder, LakeSettings settings, LakeInputs inputs, Steps steps) {
        IcebergLake lake = new IcebergLake(folder, settings, inputs, steps);
        lake.thread.start();
        return lake;
    }

    /// Makes the lake ready without its threads, for simulations: whoever opened it calls what follows and seals.
    ///
    /// @return what it does, or null where the folder cannot be opened now
    static @Nullable Unmanned openUnmanned(
            Path folder, LakeSettings settings, LakeInputs inputs, Steps steps, LogReader reader) {
        IcebergLake lake = new IcebergLake(folder, settings, inputs, steps);
        Running made = lake.make(reader, new SensorReports(inputs.sensors()));
        lake.ready.countDown();
        return made == null ? null : new Unmanned(lake, made);
    }

    /// A lake without threads.
    record Unmanned(IcebergLake lake, Running running) implements AutoCloseable {
        LogFollower follower() {
            return running.follower;
        }

        SealQueue seals() {
            return running.seals;
        }

        /// As a killed process ends.
        @Override
        public void close() {
            running.care.close();
            running.seals.dismiss();
            running.catalog.close();
        }
    }

    @Override
    public Snapshot snapshot(TenantId tenant) {
        awaitReady();
        TenantTail tail = tails.get(tenant);
        return tail == null ? Snapshot.empty(tenant) : tail.snapshot();
    }

    @Override
    public List<LatestValue> latest(TenantId tenant, DeviceId device) {
        awaitReady();
        TenantTail tail = tails.get(tenant);
        return tail == null ? List.of() : tail.latest(device);
    }

    @Override
    public Optional<Rhythm> rhythm(TenantId tenant, DeviceId device) {
        TenantTail tail = ready() ? tails.get(tenant) : null;
        return tail == null ? Optional.empty() : Optional.ofNullable(tail.rhythm(device));
    }

    @Override
    public List<Rhythm> rhythms(TenantId tenant) {
        TenantTail tail = ready() ? tails.get(tenant) : null;
        return tail == null ? List.of() : tail.rhythms();
    }

    @Override
    public long visibleUpTo(int partition) {
        return visible.get(partition);
    }

    @Override
    public boolean ready() {
        return ready.getCount() == 0;
    }

    @Override
    public Optional<String> trouble() {
        Running now = running;
        if (trouble != null || now == null) {
            return Optional.ofNullable(trouble);
        }
        return Stream.of(now.seals.trouble(), now.follower.trouble(), now.care.trouble())
                .filter(Objects::nonNull)
                .findFirst();
    }

    @Override
    public Erasure erase(TenantId tenant, @Nullable DeviceId device) {
        long[] before = new long[visible.length()];
        for (int p = 0; p < before.length; p++) {
            before[p] = inputs.log().end(p);
        }
        return running()
                .care
                .erasures()
                .add(tenant, device, before, inputs.clock().millis())
                .shown();
    }

    @Override
    public List<Erasure> erasures(TenantId tenant) {
        return running().care.erasures().all().stream()
                .filter(wish -> wish.tenant().equals(tenant))
                .map(Erasures.Wish::shown)
                .toList();
    }

    @Override
    public Redecoded redecode(Redecoding what) throws InterruptedException {
        try {
            return running().care.redecode(what);
        } catch (IOException e) {
            throw new PlatformException(Fault.LAKE_FAILED, "the window cannot be decoded again: " + e.getMessage(), e);
        }
    }

    @Override
    public List<Kept> whereabouts(TenantId tenant, Sought sought) {
        try {
            return new Whereabouts(this, folder, sought).in(snapshot(tenant));
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.LAKE_FAILED, "the lake's files cannot be looked through: " + e.getMessage(), e);
        }
    }

    private Running running() {
        awaitReady();
        return Objects.requireNonNull(running, "it runs once it is ready");
    }

    @Override
    public CareStats care() {
        Running now = running;
        return now == null ? CareStats.NONE : now.care.stats();
    }

    @Override
    public Hold hold(Collection<Path> files) throws IOException {
        return running().catalog.store().hold(files);
    }

    @Override
    public boolean remote() {
        return settings.warehouse().bucket() != null;
    }

    @Override
    public long holdBytesMax() {
        return remote() ? settings.warehouse().copyBytesMax() : Long.MAX_VALUE;
    }

    @Override
    public LakeStats stats() {
        long hotRows = 0;
        long files = 0;
        long bytes = 0;
        long rows = 0;
        for (TenantTail tail : tails.values()) {
            TenantTail.View view = tail.view();
            hotRows += view.hot().stream().mapToLong(HotTail::rows).sum();
            files += view.readings().size();
            bytes += bytes(view.readings());
            for (TenantTail.SideView side : view.sides().values()) {
                files += side.files().size();
                bytes += bytes(side.files());
            }
            rows += view.readings().stream().mapToLong(Snapshot.DataFile::rows).sum();
        }
        long lag = 0;
        for (int p = 0; p < visible.length(); p++) {
            lag += Math.max(0, inputs.log().end(p) - visible.get(p));
        }
        Running now = running;
        return new LakeStats(
                now == null ? 0 : now.follower.readings(),
                now == null ? 0 : now.follower.rejected(),
                hotRows,
                files,
                bytes,
                rows,
                now == null ? 0 : now.seals.commits(),
                lag);
    }

    private static long bytes(List<Snapshot.DataFile> files) {
        return files.stream().mapToLong(Snapshot.DataFile::bytes).sum();
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends as a killed process would: nothing more is sealed, committed or told to the log.
    void abandon() {
        abandoned = true;
        close();
    }

    /// Cares for the files now; for tests.
    void careNow() throws InterruptedException {
        running().care.round();
    }

    private void awaitReady() {
        boolean opened = false;
        try {
            opened = ready.await(READY_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!opened) {
            String why = trouble;
            throw new PlatformException(
                    Fault.LAKE_FAILED,
                    why == null
                            ? "the lake is still being opened; try again in a moment"
                            : why + "; what devices send is kept in the log meanwhile");
        }
    }

    private void run() {
        try (SensorReports reports = new SensorReports(inputs.sensors());
                LogReader reader = inputs.log().reader(READER)) {
            Running started = start(reader, reports);
            while (started == null && !stopping.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                started = start(reader, reports);
            }
            if (started != null) {
                follow(started);
                finish(started);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(Running started) throws InterruptedException {
        while (stopping.getCount() > 0 && !abandoned) {
            try {
                started.follower.turn();
                trouble = null;
            } catch (PlatformException e) {
                trouble = "the lake cannot read the log: " + e.detail();
                LOG.warn("{}; trying again in {} ms", trouble, RETRY_MILLIS, e);
                stopping.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RuntimeException e) {
                trouble = "the lake stopped following the log because of a bug (" + e
                        + "); nothing is lost, the log keeps all of it; restart, and report it";
                LOG.error(trouble, e);
                return;
            }
        }
    }

    private void finish(Running started) {
        started.care.close();
        if (abandoned) {
            started.seals.abandon();
        } else {
            started.follower.freezeAll();
            boolean sealed = started.seals.finish(FINISH_MILLIS_MAX);
            if (!sealed) {
                LOG.warn("not all hot rows could be written to files; they are read from the log at the next start");
            }
            try {
                started.follower.commitReader();
            } catch (PlatformException e) {
                LOG.warn("the log did not take the lake's position; more of it is read again at the next start", e);
            }
        }
        started.catalog.close();
    }

    /// @return what runs, or null where the folder cannot be opened now
    private @Nullable Running start(LogReader reader, SensorReports reports) {
        Running made = make(reader, reports);
        if (made != null) {
            made.seals.start();
            made.care.start();
            reports.start();
            ready.countDown();
        }
        return made;
    }

    private @Nullable Running make(LogReader reader, SensorReports reports) {
        LakeCatalog catalog = null;
        ParquetFiles parquet = new ParquetFiles(settings.duckMemoryBytes());
        try {
            catalog = LakeCatalog.open(folder, settings.warehouse());
            Checkpoints checkpoints = new Checkpoints(folder, parquet, catalog.store());
            LakeTables tables = new LakeTables(catalog, steps, empty -> Orphans.mark(empty, inputs.log()));
            RedecodeCommit redecoded = new RedecodeCommit(tables, folder, steps);
            redecoded.settle(parquet);
            for (TenantId tenant : catalog.tenants()) {
                tails.put(tenant, load(catalog, checkpoints, tenant));
            }
            Forgetting forgetting = new Forgetting();
            Sealer sealer = new Sealer(tables, parquet, checkpoints, settings, steps);
            Care care = new Care(
                    tables,
                    tails,
                    settings,
                    new Care.World(folder, inputs, steps, checkpoints, visible, forgetting, redecoded));
            SealQueue seals = new SealQueue(sealer, inputs.clock(), tails);
            LogFollower.Shared shared = new LogFollower.Shared(tails, visible, reports, seals, forgetting);
            LogFollower follower = new LogFollower(settings, inputs, reader, shared, steps);
            Running started = new Running(catalog, care, seals, follower);
            running = started;
            trouble = null;
            return started;
        } catch (IOException | RuntimeException e) {
            trouble = "the lake's folder %s cannot be opened: %s".formatted(folder, e.getMessage());
            LOG.error("{}; trying again in {} ms", trouble, RETRY_MILLIS, e);
            parquet.close();
            tails.clear();
            if (catalog != null) {
                catalog.close();
            }
            return null;
        }
    }

    private TenantTail load(LakeCatalog catalog, Checkpoints checkpoints, TenantId tenant) throws IOException {
        TenantTail tail = new TenantTail(tenant, inputs.log().partitions());
        Map<Side, TableContents> sides = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            LakeTable known = known(catalog, tenant, LakeCatalog.Kind.of(side));
            sides.put(side, known == null ? TableContents.NOTHING : known.contents());
        }
        LakeTable readings = known(catalog, tenant, LakeCatalog.Kind.READINGS);
        if (readings != null) {
            checkpoints.load(tail, readings);
        }
        tail.restore(readings == null ? TableContents.NOTHING : readings.contents(), sides);
        return tail;
    }

    /// @return the table, or null where there is none yet
    private @Nullable LakeTable known(LakeCatalog catalog, TenantId tenant, LakeCatalog.Kind kind) throws IOException {
        Table table = catalog.find(tenant, kind);
        if (table == null) {
            return null;
        }
        LakeTable opened = new LakeTable(table, kind, catalog.store());
        Orphans.mark(opened, inputs.log());
        return opened;
    }
}
