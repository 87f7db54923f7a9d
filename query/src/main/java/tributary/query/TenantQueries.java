package tributary.query;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tributary.lake.Lake;
import tributary.lake.Snapshot;
import tributary.model.TenantId;
import tributary.query.wire.Frame;
import tributary.registry.Registry;

/// The queries of one tenant: how many run and wait, and the worker that answers them.
final class TenantQueries {
    private final TenantId tenant;
    private final Lake lake;
    private final Registry registry;
    private final Starter starter;
    private final int waitingMax;
    private final Semaphore places;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger ids = new AtomicInteger();
    private final ReentrantLock feeding = new ReentrantLock(true);
    private final SnapshotFiles files = new SnapshotFiles();

    private volatile @Nullable Living living;
    private volatile long usedAtMillis;

    /// Starts a worker that may read `folder`.
    interface Starter {
        WorkerProcess start(String folder);
    }

    /// A worker, the folder that it may read and what it has.
    private record Living(WorkerProcess worker, String folder, TenantFeed feed) {}

    TenantQueries(TenantId tenant, Lake lake, Registry registry, QuerySettings settings, Starter starter) {
        this.tenant = tenant;
        this.lake = lake;
        this.registry = registry;
        this.starter = starter;
        this.places = new Semaphore(settings.queriesMax(), true);
        this.waitingMax = settings.waitingMax();
    }

    /// Waits for a place; whoever got one gives it back with [#leave].
    void enter(long millis) throws InterruptedException {
        if (places.tryAcquire()) {
            return;
        }
        if (waiting.incrementAndGet() > waitingMax) {
            waiting.decrementAndGet();
            throw new QueryException(
                    QueryException.Reason.BUSY, "too many queries of this tenant are waiting; try again in a moment");
        }
        try {
            if (!places.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                throw new QueryException(
                        QueryException.Reason.TIMEOUT,
                        "other queries of this tenant took all the time; try again in a moment");
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    void leave() {
        places.release();
    }

    /// Brings the worker up to this moment and starts a query on it.
    ///
    /// @param statement what may name small tables
    Started start(String statement, Asking asking, long nowMillis) throws InterruptedException {
        feeding.lockInterruptibly();
        try {
            usedAtMillis = nowMillis;
            Snapshot snapshot = lake.snapshot(tenant);
            files.see(snapshot);
            Living current = living(files.folder());
            current.feed.bring(snapshot, statement);
            int id = ids.incrementAndGet();
            Reply reply = current.worker.open(id);
            current.worker.send(asking.frame(id));
            return new Started(current.worker, reply, new NeededFiles(lake, tenant, snapshot));
        } finally {
            feeding.unlock();
        }
    }

    /// Makes the frame that asks as query `id`.
    interface Asking {
        Frame frame(int id);
    }

    /// A query under way.
    record Started(WorkerProcess worker, Reply reply, NeededFiles files) {}

    /// @return whether its worker lives
    boolean lives() {
        Living current = living;
        return current != null && current.worker.alive();
    }

    /// @return the process id of its worker, or -1 where none lives
    long pid() {
        Living current = living;
        return current != null && current.worker.alive() ? current.worker.pid() : -1;
    }

    /// @return whether its worker has nothing to do
    boolean idle() {
        Living current = living;
        return current != null && current.worker.busy() == 0 && !feeding.isLocked();
    }

    long usedAtMillis() {
        return usedAtMillis;
    }

    /// Stops its worker where it has nothing to do.
    ///
    /// @return whether none lives now
    boolean stopIdle() {
        if (!feeding.tryLock()) {
            return false;
        }
        try {
            Living current = living;
            if (current == null) {
                return true;
            }
            if (current.worker.busy() > 0) {
                return false;
            }
            living = null;
            current.worker.close();
            return true;
        } finally {
            feeding.unlock();
        }
    }

    /// Stops its worker whatever it does.
    void stop() {
        Living current = living;
        living = null;
        if (current != null) {
            current.worker.close();
        }
    }

    private Living living(String folder) {
        Living current = living;
        boolean worn = current != null && current.worker.spent() && current.worker.busy() == 0;
        if (current != null && current.worker.alive() && !worn && inside(folder, current.folder)) {
            return current;
        }
        if (current != null) {
            // Dead, worn out, or files have come up where it may not look: its queries end with it.
            current.worker.die("the query worker was started again for new files; run the query again");
            living = null;
        }
        if (lake.remote() && !folder.isEmpty()) {
            NeededFiles.makeFolder(folder);
        }
        WorkerProcess worker = starter.start(folder);
        Living fresh = new Living(worker, folder, new TenantFeed(tenant, worker, registry, files, lake.remote()));
        living = fresh;
        return fresh;
    }

    private static boolean inside(String folder, String allowed) {
        return folder.isEmpty() || !allowed.isEmpty() && Path.of(folder).startsWith(Path.of(allowed));
    }
}
