package tributary.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.testkit.ProcessDied;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;
import tributary.testkit.SimulatedDisk.Rates;

/// One life of a log under faults, all of it drawn from a seed: appends, reads, kills, power cuts, failed flushes, a
/// full disk, damage. [LogOracle] judges after every restart and at the end, when all is healed.
final class LogSimulation {
    /// What a run came across; a branch of recovery that no seed reaches is not tested.
    enum Sight {
        KILL,
        POWER_CUT,
        DEATH_IN_OPENING,
        OPENING_REFUSED,
        DISK_FAILED,
        LOG_FULL,
        QUEUE_FULL,
        DAMAGE_FOUND,
        RECORDS_REWRITTEN,
        RETENTION,
        COMMIT_FAILED,
        HEALED
    }

    private static final int EVENTS_KEPT = 50;

    private final long seed;
    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final LogWorld world;
    private final LogOracle oracle = new LogOracle();
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);
    private final Deque<String> events = new ArrayDeque<>();
    private final boolean damaging;
    private final Rates rates;
    private final boolean filling;
    private SegmentLog log;
    private LogReader named;
    private LogReader live;

    LogSimulation(long seed, Set<Flaw> flaws) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.disk = new SimulatedDisk(random.split());
        // Swarm: each seed has its own mix of faults and sizes, and many have none of a kind.
        this.damaging = random.nextInt(4) == 0;
        this.filling = random.nextInt(4) == 0;
        this.rates = random.nextInt(3) == 0 ? Rates.NONE : new Rates(rate(), rate(), rate(), rate());
        long segmentBytes = 8192L << random.nextInt(3);
        int partitions = 1 + random.nextInt(3);
        LogSettings settings = new LogSettings(
                partitions,
                segmentBytes,
                4096L << random.nextInt(5),
                random.nextBoolean() ? 0 : 4096L << random.nextInt(4),
                random.nextInt(4) == 0 ? Duration.ofMinutes(1) : Duration.ofDays(30),
                random.nextInt(4) == 0 ? partitions * segmentBytes * 4 : 1 << 24);
        this.world = new LogWorld(disk, clock, random.split(), settings, flaws);
    }

    /// Runs the seed.
    ///
    /// @return what it came across
    /// @throws AssertionError with the seed and the last events where a promise was broken
    Set<Sight> run() {
        try {
            restart();
            int steps = 50 + random.nextInt(200);
            for (int i = 0; i < steps; i++) {
                act();
            }
            heal();
            oracle.judgeEverything(log, "after healing");
            disk.cutPower();
            restart();
            oracle.judgeEverything(log, "after the last power cut");
            return sights;
        } catch (AssertionError | RuntimeException | IOException | ProcessDied e) {
            throw new AssertionError(
                    "seed %d: %s%nfiles: %s%nthe last events:%n  %s"
                            .formatted(seed, e, files(), String.join("\n  ", events)),
                    e);
        }
    }

    private void act() throws IOException {
        try {
            move();
        } catch (ProcessDied e) {
            event("died");
            afterDeath();
        }
    }

    private void move() throws IOException {
        int partition = random.nextInt(log.partitions());
        switch (random.nextInt(25)) {
            case 0, 1, 2, 3, 4, 5 -> append(1 + random.nextInt(12));
            case 6, 7, 8, 9, 10 -> {
                event("step " + partition);
                log.step(partition);
            }
            case 11 -> {
                event("idle " + partition);
                log.idle(partition);
            }
            case 12, 13 -> tidy();
            case 14 -> oracle.read(log, live, 1 + random.nextInt(5));
            case 15 -> oracle.read(log, named, 1 + random.nextInt(5));
            case 16 -> commit(partition);
            case 17 -> {
                boolean faulty = random.nextInt(3) == 0;
                disk.rates(faulty ? rates : Rates.NONE);
                event("faults " + (faulty ? rates : "off"));
            }
            case 18 -> {
                boolean full = filling && random.nextBoolean();
                disk.capacity(full ? disk.used() + random.nextInt(20_000) : Long.MAX_VALUE);
                event("room " + (full ? "little" : "enough"));
            }
            case 19 -> {
                disk.dieAfter(1 + random.nextInt(12));
                event("death in wait");
            }
            case 20 -> afterDeath();
            case 21 -> {
                clock.advance(Duration.ofSeconds(random.nextInt(60)));
            }
            case 22 -> closeAndOpen();
            case 23 -> {
                event("segments begin");
                log.beginSegments();
            }
            default -> damage();
        }
        oracle.watch(log);
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            DeviceId device = new DeviceId("d" + random.nextInt(5));
            int size = random.nextInt(10) == 0 ? random.nextInt(1500) : random.nextInt(60);
            long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
            Message template = Samples.telemetry(device.value(), "");
            LogOracle.Entry entry = oracle.expect(
                    log.partitionOf(template.tenant(), device, template.publisher()), device.value(), size, micros);
            log.append(entry.message(), entry);
            if (entry.isRefused()) {
                see(entry.fault(), entry.detail());
            }
        }
        event("append " + count);
    }

    private void see(Fault fault, String detail) {
        if (fault == Fault.DISK_FAILED) {
            sights.add(Sight.DISK_FAILED);
        }
        if (fault == Fault.LOG_FULL) {
            sights.add(detail.contains("queue-bytes") ? Sight.QUEUE_FULL : Sight.LOG_FULL);
        }
    }

    private void tidy() {
        event("tidy");
        try {
            log.tidy(random.nextInt(3) == 0);
        } catch (IOException e) {
            event("tidy failed: " + e.getMessage());
        }
        for (int partition = 0; partition < log.partitions(); partition++) {
            if (log.start(partition) > 0) {
                sights.add(Sight.RETENTION);
            }
        }
    }

    private void commit(int partition) {
        long position = named.position(partition);
        if (position > log.end(partition)) {
            return;
        }
        event("commit partition %d position %d".formatted(partition, position));
        oracle.committing(partition, position);
        try {
            named.commit(partition, position);
            oracle.committed(partition, position);
        } catch (PlatformException e) {
            sights.add(Sight.COMMIT_FAILED);
            event("commit failed: " + e.detail());
        }
    }

    /// Damages bytes at rest, at a moment when all of them are known to be durable.
    private void damage() throws IOException {
        if (!damaging || random.nextInt(3) != 0) {
            return;
        }
        disk.rates(Rates.NONE);
        disk.capacity(Long.MAX_VALUE);
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.step(partition);
            log.idle(partition);
        }
        List<String> files = disk.files().stream()
                .filter(path -> path.endsWith(".seg") || path.equals("meta") && random.nextInt(8) == 0)
                .filter(path -> !path.equals("meta") || anyHeaderIsSound())
                .toList();
        if (files.isEmpty()) {
            return;
        }
        String path = files.get(random.nextInt(files.size()));
        int size = disk.sizeOf(path);
        if (size == 0) {
            return;
        }
        int at = random.nextInt(size);
        switch (random.nextInt(3)) {
            case 0 -> {
                disk.damage(path, at, new byte[] {(byte) (disk.byteAt(path, at) ^ 1 << random.nextInt(8))});
                oracle.damaged(1);
            }
            case 1 -> {
                disk.damage(path, at, new byte[Math.min(512, size - at)]);
                oracle.damaged(1 + 512 / 31);
            }
            default -> {
                // An empty file looks like one that was about to be made: only whoever emptied it knows.
                disk.cutAtRest(path, Math.max(1, at));
                oracle.damaged(size);
            }
        }
        event("damage %s at %d".formatted(path, at));
        // A file that is being written may be damaged only while nobody writes: afterwards a restart, as after a
        // check of the disk.
        oracle.closing();
        log.close();
        oracle.closed();
        disk.kill();
        restart();
    }

    /// A lost meta file is made anew from any segment; without one, opening is refused for good, and rightly.
    private boolean anyHeaderIsSound() {
        return disk.files().stream().filter(path -> path.endsWith(".seg")).anyMatch(path -> {
            try {
                return Recovery.readHeader(disk, path) != null;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void afterDeath() throws IOException {
        if (random.nextBoolean()) {
            event("power cut");
            sights.add(Sight.POWER_CUT);
            disk.cutPower();
        } else {
            event("kill");
            sights.add(Sight.KILL);
            disk.kill();
        }
        disk.rates(Rates.NONE);
        oracle.processDied();
        restart();
    }

    private void closeAndOpen() throws IOException {
        event("close");
        named.close();
        oracle.closing();
        log.close();
        oracle.closed();
        disk.kill();
        restart();
    }

    /// Opens the log until it is open; opening too may die or be refused.
    private void restart() throws IOException {
        for (int attempt = 0; ; attempt++) {
            if (attempt < 3 && random.nextInt(6) == 0) {
                disk.dieAfter(1 + random.nextInt(20));
            }
            try {
                log = SegmentLog.openUnmanned(world);
                event("opened");
                named = log.reader("lake");
                live = log.reader();
                disk.dieAfter(Long.MAX_VALUE);
                if (log.stats().appended() > 0) {
                    sights.add(Sight.RECORDS_REWRITTEN);
                }
                break;
            } catch (ProcessDied e) {
                sights.add(Sight.DEATH_IN_OPENING);
                event("died while opening");
                if (random.nextBoolean()) {
                    disk.cutPower();
                } else {
                    disk.kill();
                }
            } catch (IOException | PlatformException e) {
                sights.add(Sight.OPENING_REFUSED);
                event("opening refused: " + e.getMessage());
                if (attempt > 50) {
                    throw new AssertionError("the log does not open any more: " + e.getMessage());
                }
                disk.kill();
                disk.capacity(Long.MAX_VALUE);
            }
        }
        if (oracle.reopened(log, named)) {
            sights.add(Sight.DAMAGE_FOUND);
        }
    }

    private void heal() throws IOException {
        event("heal");
        disk.dieAfter(Long.MAX_VALUE);
        disk.rates(Rates.NONE);
        disk.capacity(Long.MAX_VALUE);
        for (int round = 0; round < 3; round++) {
            // Reading and committing everything makes room where only size-max is in the way.
            oracle.read(log, named, Integer.MAX_VALUE);
            for (int partition = 0; partition < log.partitions(); partition++) {
                oracle.committing(partition, named.position(partition));
                named.commit(partition, named.position(partition));
                oracle.committed(partition, named.position(partition));
                log.step(partition);
            }
            log.tidy(true);
        }
        oracle.everythingIsTold();
        List<LogOracle.Entry> last = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Message template = Samples.telemetry("d" + i % 5, "");
            LogOracle.Entry entry = oracle.expect(
                    log.partitionOf(template.tenant(), template.device(), template.publisher()),
                    "d" + i % 5,
                    10,
                    ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
            log.append(entry.message(), entry);
            last.add(entry);
        }
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.step(partition);
        }
        for (LogOracle.Entry entry : last) {
            if (!entry.isDurable()) {
                throw new AssertionError("a healed log does not take messages: " + entry.detail());
            }
        }
        sights.add(Sight.HEALED);
    }

    /// @return every segment file with its records: `[` begins a group, then its marker
    private String files() {
        StringBuilder text = new StringBuilder();
        disk.kill();
        for (String path : disk.files()) {
            text.append("\n  ").append(path).append(' ').append(disk.sizeOf(path));
            try {
                SegmentHeader header = path.endsWith(".seg") ? Recovery.readHeader(disk, path) : null;
                if (header != null) {
                    text.append(" base ").append(header.base()).append(':');
                    list(new Segment(header, path, 0), text);
                }
            } catch (IOException e) {
                text.append(e.getMessage());
            }
        }
        return text.toString();
    }

    private void list(Segment segment, StringBuilder text) throws IOException {
        try (SegmentCursor cursor = new SegmentCursor(disk.open(segment.path()), segment.key(), true)) {
            cursor.moveTo(SegmentHeader.BYTES);
            long expected = SegmentHeader.BYTES;
            while (cursor.look(0, RecordFormat.POSITION_MASK) || cursor.search(0, RecordFormat.POSITION_MASK)) {
                text.append(cursor.offset() > expected ? " ..." : "")
                        .append(cursor.startsGroup() ? " [" : " ")
                        .append(cursor.position());
                cursor.next();
                expected = cursor.offset();
            }
            cursor.moveTo(segment.header().markerOffset());
            text.append(cursor.lookForMarker() ? " marked " + cursor.position() : "");
        }
    }

    private int rate() {
        return random.nextInt(3) == 0 ? 0 : 2 + random.nextInt(30);
    }

    private void event(String text) {
        if (events.size() == EVENTS_KEPT) {
            events.removeFirst();
        }
        events.add(text);
    }

    static String payload(long id, int size) {
        return new String(
                ("#" + id + "#" + "abcdefghij".repeat(size / 10 + 1)).getBytes(StandardCharsets.US_ASCII),
                0,
                size + Long.toString(id).length() + 2,
                StandardCharsets.US_ASCII);
    }
}
