package tributary.lake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.decode.EventFormat;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.model.Event;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Sensors;

/// Follows the log: decodes, appends to hot segments, freezes them when they are due, and commits the log's reader
/// behind what is in files. Everything here belongs to the lake's thread; only counters and [#visibleUpTo] are read
/// by others.
final class LogFollower implements Forgetting.Hands {
    private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);
    private static final Duration WAIT = Duration.ofMillis(50);

    /// How long messages may gather while they keep coming: woken for each group of the log, this thread would take a
    /// tenth of a core from those who acknowledge.
    private static final long GATHER_NANOS = 5_000_000;

    private static final long DUE_EVERY_MILLIS = 100;
    private static final long COMMIT_EVERY_MILLIS = 2_000;
    /// Below this share of a full segment a young one waits for more rows.
    private static final int WORTHWHILE_SHARE = 20;
    private static final int BUGS_LOGGED_MAX = 20;

    private final LakeSettings settings;
    private final LakeInputs inputs;
    private final Map<TenantId, TenantTail> tails;
    private final SealQueue seals;
    private final Forgetting forgetting;
    private final Steps steps;

    private final LogReader reader;
    private final SensorReports reports;
    private final MessageReadings readings;
    /// By partition: the position of the next record to take.
    private final long[] next;
    private final long[] committed;
    private final AtomicLongArray visible;
    private final List<Sensors.Seen> unreported = new ArrayList<>();

    private final MessageRows rows = new MessageRows();

    private long hotRows;
    /// Bytes of side tables in segments that are being filled.
    private long sideBytes;
    /// Whether messages are coming: then all that there are are taken, and the next gather for a while.
    private boolean gathering;

    private long dueMillis;
    private long commitMillis;
    private int bugs;
    private volatile long readingCount;
    private volatile long rejectedCount;
    private volatile @Nullable String trouble;

    /// What the follower shares with the rest of the lake.
    ///
    /// @param tails of all tenants; the follower adds to it
    record Shared(
            Map<TenantId, TenantTail> tails,
            AtomicLongArray visible,
            SensorReports reports,
            SealQueue seals,
            Forgetting forgetting) {}

    LogFollower(LakeSettings settings, LakeInputs inputs, LogReader reader, Shared shared, Steps steps) {
        this.settings = settings;
        this.inputs = inputs;
        this.tails = shared.tails;
        this.seals = shared.seals;
        this.forgetting = shared.forgetting;
        this.visible = shared.visible;
        this.reports = shared.reports;
        this.reader = reader;
        this.steps = steps;
        this.readings = new MessageReadings(settings.seriesMax());
        int partitions = inputs.log().partitions();
        this.next = new long[partitions];
        for (int p = 0; p < partitions; p++) {
            next[p] = reader.position(p);
            visible.set(p, next[p]);
        }
        this.committed = next.clone();
        for (TenantTail tail : tails.values()) {
            remember(tail);
        }
    }

    /// @return why the log holds on to what the lake has, for people, or null
    @Nullable
    String trouble() {
        return trouble;
    }

    long readings() {
        return readingCount;
    }

    long rejected() {
        return rejectedCount;
    }

    /// One turn: takes what the log has, or waits for it a little, and does what is due.
    void turn() throws InterruptedException {
        turn(WAIT, GATHER_NANOS);
    }

    /// @param wait        how long for messages at most
    /// @param gatherNanos how long they may gather while they keep coming
    void turn(Duration wait, long gatherNanos) throws InterruptedException {
        long now = inputs.clock().millis();
        if (hotRows() < settings.hotRowsMax()
                && sideBytes + seals.bytesWaiting() < settings.sides().hotBytesMax()) {
            Batch batch = reader.poll(gathering ? Duration.ZERO : wait);
            if (batch != null) {
                take(batch, now);
            } else if (gathering) {
                LockSupport.parkNanos(gatherNanos);
            }
            gathering = batch != null;
        } else {
            seals.awaitRoom(wait.toMillis());
        }
        if (now - dueMillis >= DUE_EVERY_MILLIS || now < dueMillis) {
            dueMillis = now;
            tails.values().forEach(tail -> freezeIfDue(tail, now));
            makeRoom();
            forgetting.answer(this);
            report();
        }
        if (now - commitMillis >= COMMIT_EVERY_MILLIS || now < commitMillis) {
            commitMillis = now;
            tryCommitReader();
        }
    }

    /// Freezes everything that has rows.
    void freezeAll() {
        for (TenantTail tail : tails.values()) {
            for (Side side : Side.values()) {
                freeze(tail, side);
            }
            freezeReadings(tail);
        }
    }

    /// Tells the log what is in files, so that it begins there next time and may delete what is before.
    void commitReader() {
        for (int p = 0; p < next.length; p++) {
            long first = next[p];
            for (TenantTail tail : tails.values()) {
                first = Math.min(first, tail.firstUncommitted(p));
            }
            if (first > committed[p]) {
                steps.before(Steps.Step.COMMIT_READER);
                reader.commit(p, first);
                committed[p] = first;
            }
        }
    }

    /// A log that cannot take the position now is no reason to stop showing what it gives.
    private void tryCommitReader() {
        try {
            commitReader();
            trouble = null;
        } catch (PlatformException e) {
            if (trouble == null) {
                LOG.warn("the log does not take the lake's position; tried again every {} ms", COMMIT_EVERY_MILLIS, e);
            }
            trouble = "the log does not take the lake's position, so it can delete nothing: " + e.detail();
        }
    }

    private long hotRows() {
        return hotRows + seals.rowsWaiting();
    }

    private void take(Batch batch, long now) {
        int partition = batch.partition();
        int size = batch.size();
        next[partition] = Math.max(next[partition], batch.first());
        for (int i = 0; i < size; i++) {
            Message message = batch.message(i);
            TenantTail tail = tail(message.tenant());
            if (EventFormat.is(message)) {
                takeEvent(tail, message, new SideTail.Origin(partition, batch.first() + i, now));
                continue;
            }
            MessageReadings.Outcome outcome = readings.take(
                    inputs.decoder(),
                    tail,
                    message,
                    new MessageReadings.Place(partition, batch.first() + i, now, this::bug));
            next[partition] = batch.first() + i + 1;
            hotRows += outcome.readings();
            readingCount += outcome.readings();
            rejectedCount += outcome.rejected();
            sideBytes += outcome.rejectedBytes() + keep(tail, message, partition, batch.first() + i, now);
            if (outcome.rejected() > 0) {
                tell(message, readings.firstReason());
            }
            if (tail.hot().filled() >= settings.sealRows()) {
                freezeReadings(tail);
            }
            if (outcome.rejected() > 0 && tail.side(Side.REJECTED).full()) {
                freeze(tail, Side.REJECTED);
            }
            if (tail.side(Side.MESSAGES).full()) {
                freeze(tail, Side.MESSAGES);
            }
        }
        visible.set(partition, next[partition]);
    }

    /// An event of a later build is none that this one can show; the log has it still.
    private void takeEvent(TenantTail tail, Message message, SideTail.Origin origin) {
        boolean wanted = tail.wants(Side.EVENTS, origin.partition(), origin.position());
        Event event = wanted ? EventFormat.event(message) : null;
        if (event != null) {
            sideBytes += rows.event(tail.side(Side.EVENTS), event, origin);
        }
        next[origin.partition()] = origin.position() + 1;
        if (tail.side(Side.EVENTS).full()) {
            freeze(tail, Side.EVENTS);
        }
    }

    /// Keeps the message itself.
    ///
    /// @return bytes that it takes
    private int keep(TenantTail tail, Message message, int partition, long position, long now) {
        boolean wanted = settings.sides().messages() && tail.wants(Side.MESSAGES, partition, position);
        return wanted
                ? rows.message(tail.side(Side.MESSAGES), message, new SideTail.Origin(partition, position, now))
                : 0;
    }

    private void tell(Message message, String reason) {
        try {
            inputs.rejections().rejected(message, reason);
        } catch (RuntimeException e) {
            LOG.error("whoever hears of rejected messages failed on {}; it is in the table all the same", message, e);
        }
    }

    private TenantTail tail(TenantId tenant) {
        TenantTail known = tails.get(tenant);
        if (known == null) {
            known = new TenantTail(tenant, next.length);
            tails.put(tenant, known);
        }
        return known;
    }

    /// One segment of a table waits for the sealer at a time, but for full ones.
    private void freezeIfDue(TenantTail tail, long now) {
        for (Side side : Side.values()) {
            SideTail rows = tail.side(side);
            boolean worthwhile = rows.bytes() >= SideTail.BYTES_MAX / WORTHWHILE_SHARE;
            if (rows.rows() > 0 && !tail.frozen(side) && due(now - rows.firstMillis(), worthwhile)) {
                freeze(tail, side);
            }
        }
        int filled = tail.hot().filled();
        boolean worthwhile = filled >= settings.sealRows() / WORTHWHILE_SHARE;
        if (filled > 0 && !tail.frozen() && due(now - tail.hot().firstMillis(), worthwhile)) {
            freezeReadings(tail);
        }
    }

    /// Many tenants that send little each fill the memory, too.
    private void makeRoom() {
        long bytesMax = settings.sides().hotBytesMax();
        if (sideBytes < bytesMax / 2) {
            return;
        }
        long least = sideBytes + seals.bytesWaiting() < bytesMax ? bytesMax / 64 : 0;
        for (TenantTail tail : tails.values()) {
            for (Side side : Side.values()) {
                if (tail.side(side).bytes() > least) {
                    freeze(tail, side);
                }
            }
        }
    }

    private boolean due(long ageMillis, boolean worthwhile) {
        return ageMillis >= settings.idleAge().toMillis()
                || worthwhile && ageMillis >= settings.sealAge().toMillis();
    }

    private void freezeReadings(TenantTail tail) {
        HotTail hot = tail.hot();
        if (hot.filled() == 0 || seals.full()) {
            return;
        }
        tail.freeze();
        hotRows -= hot.filled();
        seals.add(new SealTask.Readings(tail, hot, tail.readingPositions(next.clone())));
    }

    private void freeze(TenantTail tail, Side side) {
        SideTail rows = tail.side(side);
        if (rows.rows() == 0 || seals.full()) {
            return;
        }
        tail.freeze(side);
        sideBytes -= rows.bytes();
        seals.add(new SealTask.SideTable(tail, rows, tail.positions(side, next.clone())));
    }

    @Override
    public boolean freeze(TenantTail tail) {
        freezeReadings(tail);
        freeze(tail, Side.REJECTED);
        return tail.hot().filled() == 0 && tail.side(Side.REJECTED).rows() == 0;
    }

    @Override
    public boolean met(List<Sensors.Seen> sensors) {
        unreported.addAll(sensors);
        return true;
    }

    private void report() {
        if (readings.hasDiscovered()) {
            unreported.addAll(readings.drainDiscovered());
        }
        if (!unreported.isEmpty() && reports.offer(List.copyOf(unreported))) {
            unreported.clear();
        }
    }

    /// What was known before this start may never have reached the registry; to say it twice is harmless.
    private void remember(TenantTail tail) {
        tail.devices().forEach(device -> device.all().forEach(series -> unreported.add(series.seen(tail.tenant()))));
    }

    private void bug(Message message, RuntimeException failure) {
        if (bugs++ < BUGS_LOGGED_MAX) {
            LOG.error("the decoder failed on {}; the message is kept as rejected", message, failure);
        }
    }
}
