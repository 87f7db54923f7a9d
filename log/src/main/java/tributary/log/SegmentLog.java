package tributary.log;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.Disk;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// The log of one process: segment files in a folder, a writer thread a partition, a keeper thread for the slow work.
public final class SegmentLog implements Log {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);
    private static final long KEEPER_MILLIS = 20;
    private static final int EXPIRE_EVERY = 100;

    private final LogWorld world;
    private final Commons commons;
    private final Space space;
    private final ReaderPositions readers;
    private final Retention retention;
    private final List<Partition> partitions;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private @Nullable Thread keeper;
    private @Nullable FolderLock lock;
    private boolean closed;

    private SegmentLog(LogWorld world, DamageList damage) throws IOException {
        this.world = world;
        this.commons =
                new Commons(new Backlog(world.settings().queueBytes()), new Tide(), new Commons.Counters(), damage);
        this.space = new Space(world.settings().sizeMax());
        world.disk().makeFolder("");
        LogMeta meta = LogMeta.open(world, damage);
        this.readers = new ReaderPositions(world, meta.partitions(), damage);
        this.retention = new Retention(world, space, readers);
        List<Partition> opened = new ArrayList<>();
        for (int number = 0; number < meta.partitions(); number++) {
            String folder = LogMeta.folder(number);
            world.disk().makeFolder(folder);
            Recovery.Found found = new Recovery(world, meta, number, damage).run(readers.highest(number));
            Shelf shelf = new Shelf(world, folder, retention, found);
            PartitionWriter writer = new PartitionWriter(world, meta, number, shelf, commons, found);
            opened.add(new Partition(number, world, commons, shelf, writer));
        }
        this.partitions = List.copyOf(opened);
        world.disk().forceFolder("");
        retention.watch(partitions.stream().map(Partition::shelf).toList());
        partitions.forEach(partition -> partition.writer().step());
    }

    /// Opens the log in `folder`, which is made where it is not there, and starts its threads.
    public static SegmentLog open(LogSettings settings, Path folder, InstantSource clock) {
        FileDisk disk = new FileDisk(folder);
        FolderLock lock = null;
        SegmentLog log = null;
        try {
            disk.makeFolder("");
            lock = FolderLock.take(folder);
            log = new SegmentLog(new LogWorld(disk, clock, new SecureRandom(), settings, Set.of()), new DamageList());
            log.lock = lock;
            log.start();
            return log;
        } catch (AccessDeniedException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    ("the folder %s cannot be used: no right to %s. Give this user the right, or choose another data"
                                    + " folder.")
                            .formatted(folder, e.getFile()),
                    e);
        } catch (IOException e) {
            Disks.Refusal why = Disks.refusal(e, folder.toString());
            throw new PlatformException(why.fault(), "opening the log failed: " + why.detail(), e);
        } finally {
            if (log == null && lock != null) {
                closeLock(lock);
            }
        }
    }

    /// Opens a log without threads on any disk, for simulations: whoever opened it calls [#step] to have what was
    /// appended made durable, from one thread.
    public static SegmentLog unmanned(LogSettings settings, Disk disk, InstantSource clock, RandomGenerator random)
            throws IOException {
        return openUnmanned(new LogWorld(disk, clock, random, settings, Set.of()));
    }

    /// Opens a log without threads: whoever opened it calls [#step], [#idle] and [#tidy], from one thread.
    static SegmentLog openUnmanned(LogWorld world) throws IOException {
        return new SegmentLog(world, new DamageList());
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public int partitionOf(TenantId tenant, @Nullable DeviceId device, String publisher) {
        int hash = tenant.value().hashCode() * 31
                + (device == null ? publisher.hashCode() : device.value().hashCode());
        hash = (hash ^ hash >>> 16) * 0x85EBCA6B;
        hash = (hash ^ hash >>> 13) * 0xC2B2AE35;
        return Math.floorMod(hash ^ hash >>> 16, partitions.size());
    }

    @Override
    public void append(Message message, Receipt receipt) {
        partitions
                .get(partitionOf(message.tenant(), message.device(), message.publisher()))
                .append(message, receipt);
    }

    /// False while everything is refused: a door that paused then would keep its clients from hearing why.
    @Override
    public boolean congested() {
        return commons.backlog().high() && partitions.stream().noneMatch(Partition::refusing);
    }

    @Override
    public void whenRelieved(Runnable action) {
        commons.backlog().whenRelieved(action);
        if (!congested()) {
            commons.backlog().relieve();
        }
    }

    @Override
    public LogReader reader(String name) {
        return reader(name, false);
    }

    @Override
    public LogReader yieldingReader(String name) {
        return reader(name, true);
    }

    private LogReader reader(String name, boolean yields) {
        long[] oldest = partitions.stream().mapToLong(Partition::start).toArray();
        return new SegmentReader(
                world, partitions, commons, new SegmentReader.Name(name, readers), readers.claim(name, oldest, yields));
    }

    @Override
    public LogReader reader() {
        long[] ends = partitions.stream().mapToLong(Partition::end).toArray();
        return new SegmentReader(world, partitions, commons, null, ends);
    }

    @Override
    public long end(int partition) {
        return partitions.get(partition).end();
    }

    @Override
    public long start(int partition) {
        return partitions.get(partition).start();
    }

    @Override
    public long positionAt(int partition, Instant time) {
        try {
            return new TimeSearch(partitions.get(partition)).first(Micros.of(time));
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DISK_FAILED,
                    "looking for %s in partition %d failed: %s".formatted(time, partition, e.getMessage()),
                    e);
        }
    }

    @Override
    public List<Damage> damage() {
        return commons.damage().list();
    }

    @Override
    public Set<String> readerNames() {
        return readers.names();
    }

    @Override
    public LogStats stats() {
        return commons.counters().stats(space.used(), commons.backlog().bytes());
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        stopping.countDown();
        try {
            Thread running = keeper;
            if (running != null) {
                running.join();
            }
            for (Partition partition : partitions) {
                partition.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        commons.backlog().relieve();
        commons.tide().rise();
        commons.tide().wake();
        if (lock != null) {
            closeLock(lock);
        }
    }

    /// @return whether `partition` refuses what is appended
    boolean refusing(int partition) {
        return partitions.get(partition).refusing();
    }

    /// Lets the writer of `partition` commit what waits; only for a log without threads.
    public void step(int partition) {
        partitions.get(partition).writer().step();
    }

    /// Tells the writer of `partition` that nothing came for a while.
    void idle(int partition) {
        partitions.get(partition).writer().idle();
    }

    @Override
    public void beginSegments() {
        partitions.forEach(partition -> partition.writer().beginAnew());
    }

    /// Does the slow work: the next files made ready, left-overs deleted, what is too old deleted.
    void tidy(boolean expire) throws IOException {
        for (Partition partition : partitions) {
            partition.shelf().tidy();
            if (!partition.refusing()) {
                partition.shelf().prepareAhead();
            }
        }
        if (expire) {
            retention.expire();
        }
    }

    /// Starts the writers and the keeper.
    void start() {
        partitions.forEach(Partition::startThread);
        keeper = Thread.ofPlatform().name("log-keeper").start(this::keep);
    }

    private void keep() {
        int round = 0;
        String failing = "";
        try {
            while (!stopping.await(KEEPER_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    tidy(round++ % EXPIRE_EVERY == 0);
                    failing = "";
                } catch (IOException e) {
                    // positions in it grow, which is no other failure
                    String kind = String.valueOf(e.getMessage()).replaceAll("\\d+", "#");
                    if (!failing.equals(kind)) {
                        failing = kind;
                        LOG.warn("keeping the log in order failed, trying on: {}", e.getMessage());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeLock(FolderLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.debug("closing the lock failed", e);
        }
    }
}
