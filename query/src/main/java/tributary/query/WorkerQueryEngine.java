package tributary.query;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.lake.Lake;
import tributary.model.Fault;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.query.format.Spool;
import tributary.query.wire.SeriesAsk;
import tributary.query.wire.SqlAsk;
import tributary.query.worker.AllowedFunctions;
import tributary.query.worker.WallNames;
import tributary.registry.Registry;

/// Queries in worker processes, one a tenant that asks.
///
/// A worker starts with its tenant's first query and stops when nobody asked for a while, or when another tenant needs
/// its place. Whatever a statement does to its worker, the answer is a [QueryException] and the next query gets a
/// fresh one.
public final class WorkerQueryEngine implements QueryEngine {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerQueryEngine.class);
    private static final int CHARACTERS_MAX = 64 << 10;

    private final QuerySettings settings;
    private final Path folder;
    private final Lake lake;
    private final Registry registry;
    private final InstantSource clock;
    private final Path empty;
    private final EngineLibrary library;
    private final Spool spool;
    private final ScheduledExecutorService reaper;
    private final RunningQueries running;
    private final Map<TenantId, TenantQueries> tenants = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;
    private volatile @Nullable Walls walls;

    /// @param dataFolder the data folder; workers' own files are in `tmp/query` below it
    public WorkerQueryEngine(
            QuerySettings settings, Path dataFolder, Lake lake, Registry registry, InstantSource clock) {
        this.settings = settings;
        this.folder = dataFolder.resolve("tmp").resolve("query").toAbsolutePath();
        this.lake = lake;
        this.registry = registry;
        this.clock = clock;
        this.empty = folder.resolve("empty");
        this.library = new EngineLibrary(folder);
        this.spool = new Spool(folder, settings.parquetBytesMax(), settings.parquetFreeMin());
        this.running = new RunningQueries(clock);
        clean();
        this.reaper = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon(true).name("query-reaper").factory());
        long every = Math.clamp(settings.idle().toMillis() / 2, 100, 10_000);
        reaper.scheduleWithFixedDelay(this::reap, every, every, TimeUnit.MILLISECONDS);
    }

    @Override
    public Rows sql(TenantId tenant, Statement statement, QueryLimits limits) {
        int length = statement.text().length();
        if (length > CHARACTERS_MAX) {
            throw new QueryException(
                    QueryException.Reason.REFUSED,
                    "the statement has " + length + " characters; at most " + CHARACTERS_MAX + " are allowed");
        }
        SqlAsk sql = statement.ask(limits.rowsMax());
        RunningQueries.Run run = running.enter(tenant, statement);
        boolean answered = false;
        try {
            Rows rows = ask(tenant, statement.text(), limits, sql::frame, run);
            answered = true;
            return rows;
        } finally {
            if (!answered) {
                run.ended();
            }
        }
    }

    @Override
    public List<Running> running(TenantId tenant) {
        return running.of(tenant);
    }

    @Override
    public boolean cancel(TenantId tenant, String id) {
        return running.cancel(tenant, id);
    }

    @Override
    public Known known(TenantId tenant) {
        List<View> views = TypeViews.of(tenant, registry).stream()
                .map(view -> new View(
                        view.name(),
                        view.types(),
                        view.columns().stream()
                                .map(column -> new ViewColumn(
                                        column.name(), column.shape().sql(), column.sensor()))
                                .toList()))
                .toList();
        return new Known(TypeViews.TABLES, views, AllowedFunctions.NAMES);
    }

    @Override
    public Rows series(TenantId tenant, SeriesRequest request, QueryLimits limits) {
        SeriesAsk ask = ask(request, limits.rowsMax());
        return ask(tenant, "", limits, ask::frame, null);
    }

    @Override
    public Optional<Walls> walls() {
        return Optional.ofNullable(walls);
    }

    @Override
    public void close() {
        closed = true;
        reaper.shutdownNow();
        lock.lock();
        try {
            tenants.values().forEach(TenantQueries::stop);
            tenants.clear();
        } finally {
            lock.unlock();
        }
    }

    /// @return the process id of the tenant's worker, or -1 where none lives; for `status` and tests
    public long workerPid(TenantId tenant) {
        lock.lock();
        try {
            TenantQueries queries = tenants.get(tenant);
            return queries == null ? -1 : queries.pid();
        } finally {
            lock.unlock();
        }
    }

    private Rows ask(
            TenantId tenant,
            String statement,
            QueryLimits limits,
            TenantQueries.Asking asking,
            RunningQueries.@Nullable Run run) {
        Patience patience = new Patience(clock, limits.timeout());
        TenantQueries queries = of(tenant);
        boolean answered = false;
        try {
            queries.enter(patience.leftMillis());
            try {
                patience.spent();
                TenantQueries.Started started = queries.start(statement, asking, clock.millis());
                patience.spent();
                WorkerRows.Terms terms =
                        new WorkerRows.Terms(limits, settings.stopWithin().toMillis(), spool);
                WorkerRows rows = new WorkerRows(started, patience, terms, () -> {
                    queries.leave();
                    if (run != null) {
                        run.ended();
                    }
                });
                if (run != null) {
                    run.runs(rows);
                }
                rows.awaitColumns();
                answered = true;
                return rows;
            } finally {
                if (!answered) {
                    queries.leave();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueryException(QueryException.Reason.CANCELLED, "the query was cancelled");
        }
    }

    private TenantQueries of(TenantId tenant) {
        lock.lock();
        try {
            if (closed) {
                throw new PlatformException(Fault.STOPPING, "the server is stopping; run the query again later");
            }
            return tenants.computeIfAbsent(tenant, id -> new TenantQueries(id, lake, registry, settings, this::start));
        } finally {
            lock.unlock();
        }
    }

    private WorkerProcess start(String readable) {
        makeRoom();
        // unpacked with the first question and not at the start, which need not wait for 70 MB
        WorkerProcess worker = WorkerProcess.start(settings, library.file(), empty, readable);
        List<String> standing = worker.walls();
        walls = new Walls(standing, WallNames.missing(standing));
        return worker;
    }

    /// Stops the worker that was asked longest ago and has nothing to do, where there are too many.
    private void makeRoom() {
        lock.lock();
        try {
            List<TenantQueries> alive = tenants.values().stream()
                    .filter(TenantQueries::lives)
                    .sorted(Comparator.comparingLong(TenantQueries::usedAtMillis))
                    .toList();
            if (alive.size() < settings.workersMax()) {
                return;
            }
            for (TenantQueries queries : alive) {
                if (queries.idle() && queries.stopIdle()) {
                    return;
                }
            }
            throw new QueryException(QueryException.Reason.BUSY, "all query workers are busy; try again in a moment");
        } finally {
            lock.unlock();
        }
    }

    private void reap() {
        long before = clock.millis() - settings.idle().toMillis();
        lock.lock();
        try {
            tenants.values().stream()
                    .filter(queries -> queries.usedAtMillis() < before && queries.idle())
                    .forEach(TenantQueries::stopIdle);
        } finally {
            lock.unlock();
        }
    }

    /// Empties our folder but for the unpacked library, and makes it where it is not.
    private void clean() {
        try {
            Files.createDirectories(empty);
            for (Path place : List.of(folder, empty)) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(place, Files::isRegularFile)) {
                    for (Path file : files) {
                        if (!file.getFileName().toString().endsWith(".lib")) {
                            Files.delete(file);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER, "the folder " + folder + " cannot be used: " + e.getMessage(), e);
        }
        LOG.debug("query workers use {}", folder);
    }

    private static SeriesAsk ask(SeriesRequest request, long rowsMax) {
        List<SeriesAsk.Name> names = request.series().stream()
                .map(name -> new SeriesAsk.Name(name.device().value(), name.sensor()))
                .toList();
        if (request.series().stream().anyMatch(name -> name.sensor().indexOf('\0') >= 0)) {
            throw new QueryException(QueryException.Reason.WRONG, "a sensor's name has a NUL character");
        }
        long from = micros(request.from());
        long to = micros(request.to());
        return switch (request.sampling()) {
            case Sampling.Raw() -> new SeriesAsk(names, from, to, SeriesAsk.RAW, 0, rowsMax);
            case Sampling.M4(int columns) -> {
                if (columns < 1 || columns > 100_000) {
                    throw new QueryException(
                            QueryException.Reason.WRONG, "1 to 100000 columns are allowed, was " + columns);
                }
                yield new SeriesAsk(names, from, to, SeriesAsk.M4, columns, rowsMax);
            }
            case Sampling.Bucket(Duration width, Aggregate aggregate) -> {
                long micros = width.toNanos() / 1000;
                if (micros < 1) {
                    throw new QueryException(
                            QueryException.Reason.WRONG, "a bucket is at least a microsecond wide, was " + width);
                }
                yield new SeriesAsk(names, from, to, aggregate.name(), micros, rowsMax);
            }
        };
    }

    /// The moment, or the nearest one that SQL knows.
    private static long micros(Instant moment) {
        Instant least = Instant.parse("-200000-01-01T00:00:00Z");
        Instant greatest = Instant.parse("+200000-01-01T00:00:00Z");
        Instant inside = moment.isBefore(least) ? least : moment.isAfter(greatest) ? greatest : moment;
        return Micros.of(inside);
    }
}
