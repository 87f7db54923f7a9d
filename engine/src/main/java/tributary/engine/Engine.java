package tributary.engine;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.PlatformException;

/// The engine without its thread: whoever owns it calls [#turn] again and again, from one thread.
///
/// It goes in steps: rules change, messages are taken, the clock moves on. A step in which something was said is
/// appended to the outbox and durable before the next one begins. From time to time all that is known is written
/// down. After a crash the last such checkpoint is loaded, the steps that the outbox has behind it are done again,
/// and the rest is read on from the log.
final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /// Its name as a reader of the log, and of its own records in the outbox.
    static final String NAME = "rules";

    /// How far its clock stays behind the wall's while nothing comes: a message that was stamped before needs so long
    /// to become durable.
    static final long GRACE_MILLIS = 200;

    private static final int MESSAGES_MAX = 16_384;
    private static final long SAID_BYTES_MAX = StepRecord.BYTES_MAX / 2;
    private static final int SILENT_STEPS_MAX = 1_000;
    private static final int BUSY_SHARE = 20;

    /// A checkpoint comes at least each time when such a part of the outbox is full.
    private static final int OUTBOX_PARTS = 8;

    private final World world;
    private final Workforce workforce;
    private final Merge merge;

    /// They read nothing; after the start they are of whoever is beside.
    private final LogReader place;

    private final LogReader outboxPlace;
    private final Snapshot snapshot;

    /// Steps in which nothing was said, behind the last record.
    private final List<Step> silent = new ArrayList<>();

    /// Alerts of which somebody knows, since a moment that the clock has not come to: what was due before is said.
    private List<Known> waiting = List.of();

    private StepRecord.From recorded;
    private long clock;
    private long record;
    private long checkpointMillis;
    private long checkpointNanos;
    private long replayed;
    private boolean dirty;

    /// Bytes of the outbox since the last checkpoint.
    private long saidBytes;

    /// Done when log and outbox know what the last checkpoint needs no more.
    private CompletableFuture<Void> told = CompletableFuture.allOf();

    /// What the engine lives on.
    ///
    /// @param settle   lets the outbox make durable what was appended, for simulations without threads
    /// @param aside    messages that are passed over
    /// @param standing hears why rules stand still, and "" when they go on
    /// @param beside   does what rules need not wait for, one after the other
    /// @param nanos    nanoseconds that never go back, for what a checkpoint costs
    record World(
            Log log,
            Log outbox,
            Roster roster,
            Workforce workforce,
            Snapshot snapshot,
            InstantSource clock,
            Settle settle,
            Set<Stumble.Spot> aside,
            Consumer<String> standing,
            Executor beside,
            LongSupplier nanos,
            EngineSettings settings) {
        World {
            Objects.requireNonNull(log, "log");
            Objects.requireNonNull(outbox, "outbox");
            Objects.requireNonNull(roster, "roster");
            Objects.requireNonNull(workforce, "workforce");
            Objects.requireNonNull(snapshot, "snapshot");
            Objects.requireNonNull(clock, "clock");
            Objects.requireNonNull(settle, "settle");
            Objects.requireNonNull(aside, "aside");
            Objects.requireNonNull(standing, "standing");
            Objects.requireNonNull(beside, "beside");
            Objects.requireNonNull(nanos, "nanos");
            Objects.requireNonNull(settings, "settings");
        }
    }

    /// Says which rules there are.
    interface Roster {
        /// @return the rules that should be at work, or null where nothing changed since it was asked last
        @Nullable
        List<Definition> changed();

        /// @return alerts of which somebody knows, all of them where there are more since it was asked last
        default List<Known> known() {
            return List.of();
        }
    }

    Engine(World world) {
        this.world = world;
        this.workforce = world.workforce();
        this.merge = new Merge(world.log());
        this.place = world.log().yieldingReader(NAME);
        this.outboxPlace = beside(place, world.outbox());
        this.snapshot = world.snapshot();
        this.recorded = here();
        boolean opened = false;
        try {
            recover();
            opened = true;
        } finally {
            if (!opened) {
                close(); // whoever tries again opens these readers anew
            }
        }
    }

    private static LogReader beside(LogReader place, Log outbox) {
        try {
            return outbox.reader(NAME);
        } catch (RuntimeException e) {
            place.close();
            throw e;
        }
    }

    /// Does one step, and a checkpoint when it is time.
    ///
    /// @return whether there was anything to do
    boolean turn() throws InterruptedException {
        boolean moved = step();
        long now = world.clock().millis();
        long every = Math.max(
                world.settings().checkpointEvery().toMillis(),
                TimeUnit.NANOSECONDS.toMillis(checkpointNanos) * BUSY_SHARE);
        // the outbox keeps what was said since the last checkpoint, and must not be full of that
        boolean much = saidBytes >= world.settings().outboxMax() / OUTBOX_PARTS;
        if (dirty && (much || now - checkpointMillis >= every || now < checkpointMillis)) {
            checkpoint();
        }
        return moved;
    }

    private boolean step() throws InterruptedException {
        // the clock before the ends: what becomes durable later has a place behind them; the ends before the rules:
        // what is published once a rule is kept lies behind the ends of the last look that did not find it
        long wall = world.clock().millis() - GRACE_MILLIS;
        long[] ends = merge.ends();
        List<Step.Change> changes = changes();
        if (changes.isEmpty() && workforce.idle()) {
            skip(ends, wall);
            return false;
        }
        if (!changes.isEmpty()) {
            // so that after a crash they do not come before messages that they came behind
            record();
        }
        changes.forEach(change -> workforce.apply(change, clock));
        long[] before = merge.positions();
        Taken taken = take(ends);
        long time = Math.max(clock, taken.all() ? Math.max(wall, taken.lastMillis()) : taken.lastMillis());
        boolean moved =
                !changes.isEmpty() || taken.count() > 0 || waiting.stream().anyMatch(known -> known.atMillis() <= time);
        if (!moved && workforce.due() > time && Arrays.equals(before, merge.positions())) {
            return false;
        }
        workforce.advance(time);
        clock = time;
        dirty = true;
        silent.add(new Step(changes, merge.positions(), time));
        if (!workforce.sayings().isEmpty() || !changes.isEmpty() || silent.size() >= SILENT_STEPS_MAX) {
            record();
        }
        return moved;
    }

    /// Says a step in which nothing happens, so that there is a record behind all that was said.
    void mark() throws InterruptedException {
        silent.add(new Step(List.of(), merge.positions(), clock));
        record();
        dirty = true;
    }

    /// Makes the steps durable that wait for it.
    private void record() throws InterruptedException {
        if (!silent.isEmpty()) {
            append(StepRecord.cut(recorded, silent, workforce.sayings().take()));
            silent.clear();
        }
        recorded = here();
    }

    /// Nobody listens: nothing has to be read.
    private void skip(long[] ends, long wall) {
        if (!Arrays.equals(ends, merge.positions())) {
            if (!silent.isEmpty()) {
                // paused rules remember what those steps did to them
                checkpoint();
            }
            merge.seek(ends);
            clock = Math.max(clock, wall);
            recorded = here();
            dirty = true;
        }
    }

    private record Taken(boolean all, int count, long lastMillis) {}

    private Taken take(long[] ends) {
        int[] count = new int[1];
        long[] last = {clock};
        boolean all = merge.take(ends, (batch, index, arrivalMicros) -> {
            give(batch, index);
            last[0] = Math.max(last[0], Math.floorDiv(arrivalMicros, 1000));
            return ++count[0] < MESSAGES_MAX && workforce.sayings().weight() < SAID_BYTES_MAX;
        });
        return new Taken(all, count[0], last[0]);
    }

    /// @throws Stumble where that fails, and not a rule
    private void give(Batch batch, int index) {
        Stumble.Spot spot = new Stumble.Spot(batch.partition(), batch.first() + index);
        if (!world.aside().isEmpty() && world.aside().contains(spot)) {
            return;
        }
        try {
            workforce.message(batch, index);
        } catch (RuntimeException | StackOverflowError e) {
            throw new Stumble(spot, batch.tenant(index), e);
        }
    }

    private List<Step.Change> changes() {
        List<Definition> wanted = world.roster().changed();
        List<Step.Change> changes = new ArrayList<>(wanted == null ? List.of() : workforce.changes(wanted));
        List<Known> told = world.roster().known();
        List<Known> known = told.isEmpty() ? waiting : told;
        waiting = known.stream()
                .filter(one -> one.atMillis() > clock && workforce.nags(one.alert()))
                .toList();
        known.stream()
                .filter(one -> one.atMillis() <= clock && workforce.nags(one.alert()))
                .map(Known::alert)
                .forEach(changes::add);
        return changes;
    }

    /// Appends records in their order, each durable before the next; tries again for as long as it takes.
    private void append(List<StepRecord> records) throws InterruptedException {
        for (StepRecord one : records) {
            Message message = LogOutbox.record(one.bytes(), world.clock().millis());
            String failing = "";
            for (String refusal = refusal(message); refusal != null; refusal = refusal(message)) {
                if (!refusal.equals(failing)) {
                    LOG.error("rules stand still, because what they say cannot be written down: {}", refusal);
                    failing = refusal;
                    world.standing().accept(refusal);
                }
                world.settle().await(new CountDownLatch(1));
            }
            if (!failing.isEmpty()) {
                LOG.info("rules go on");
                world.standing().accept("");
            }
            record = world.outbox().end(0);
            saidBytes += message.payload().length;
        }
    }

    /// @return why the outbox did not take it, or null where it is durable
    private @Nullable String refusal(Message message) throws InterruptedException {
        Told told = new Told();
        world.outbox().append(message, told);
        return told.refusal(world.settle());
    }

    /// Writes all down. What it says is durable already, so a crash after it needs nothing that came before.
    void checkpoint() {
        long begin = world.nanos().getAsLong();
        long[] positions = merge.positions();
        hear();
        snapshot.write(Checkpoint.bytes(positions, clock, record, workforce.rules()));
        workforce.bound(world.settings());
        long before = record;
        told = CompletableFuture.runAsync(() -> tell(positions, before), world.beside());
        if (told.isDone()) {
            hear();
        }
        silent.clear();
        recorded = here();
        dirty = false;
        saidBytes = 0;
        checkpointMillis = world.clock().millis();
        checkpointNanos = world.nanos().getAsLong() - begin;
    }

    /// What is before may go. That costs several flushes, and rules do not stand still for them.
    private void tell(long[] positions, long before) {
        for (int partition = 0; partition < positions.length; partition++) {
            place.commit(partition, positions[partition]);
        }
        outboxPlace.commit(0, before);
    }

    /// Waits until the last checkpoint is told.
    ///
    /// @throws PlatformException where it could not be
    private void hear() {
        try {
            told.join();
        } catch (CompletionException e) {
            told = CompletableFuture.allOf();
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }

    private void recover() {
        Checkpoint known = null;
        try {
            byte[] bytes = snapshot.read();
            known = bytes == null ? null : Checkpoint.read(bytes);
        } catch (PlatformException e) {
            if (e.fault() != Fault.DATA_DAMAGED) {
                throw e;
            }
            LOG.error("{}: what rules remembered is lost, they begin afresh", e.detail());
        }
        if (known == null || known.positions().length != world.log().partitions()) {
            begin();
            return;
        }
        clock = known.clock();
        for (Checkpoint.Remembered rule : known.rules()) {
            workforce.resume(rule.definition(), rule.state(), rule.depth(), clock);
        }
        workforce.sayings().take();
        workforce.bound(world.settings());
        merge.seek(known.positions());
        record = known.record();
        if (record > world.outbox().end(0)) {
            LOG.error("the outbox of rules is not the one that the checkpoint knows: rules go on from the checkpoint");
            record = world.outbox().end(0);
            checkpoint();
        }
        replayed = new Replay(world.outbox()).run(this);
        recorded = here();
        checkpointMillis = world.clock().millis();
    }

    /// The first start, or one after the loss of the checkpoint: at the end of the log.
    private void begin() {
        long[] ends = merge.ends();
        record = world.outbox().end(0);
        clock = world.clock().millis() - GRACE_MILLIS;
        merge.seek(ends);
        checkpoint();
    }

    private StepRecord.From here() {
        return new StepRecord.From(merge.positions(), clock);
    }

    /// Goes to where steps began that are to be done again.
    void again(StepRecord.From from) {
        if (!Arrays.equals(from.positions(), merge.positions())) {
            merge.seek(from.positions());
        }
        clock = from.clock();
    }

    /// Does a step again as the outbox has it.
    ///
    /// @return what was said in it
    List<Said> again(Step step) {
        step.changes().forEach(change -> workforce.apply(change, clock));
        merge.take(step.to(), (batch, index, _) -> {
            give(batch, index);
            return true;
        });
        workforce.advance(step.clock());
        clock = step.clock();
        return workforce.sayings().take();
    }

    /// Says the rest of a step whose saying a crash cut short.
    void finish(List<StepRecord> rest) {
        try {
            append(rest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlatformException(Fault.STOPPING, "the engine was stopped while it recovered", e);
        }
    }

    /// The next record of the outbox is that one.
    void next(long number) {
        record = number;
    }

    long nextRecord() {
        return record;
    }

    /// @return how many steps were done again when it was opened
    long replayed() {
        return replayed;
    }

    /// @return messages that are durable and not read yet
    long lag() {
        long[] at = merge.positions();
        long lag = 0;
        for (int partition = 0; partition < at.length; partition++) {
            lag += Math.max(0, world.log().end(partition) - at[partition]);
        }
        return lag;
    }

    long clock() {
        return clock;
    }

    /// @return how many messages were gone before rules looked at them, since it was opened
    long skipped() {
        return merge.skipped();
    }

    /// @return whether no rule sees anything
    boolean idle() {
        return workforce.idle();
    }

    /// @return when time next brings something about
    long due() {
        return workforce.due();
    }

    long[] positions() {
        return merge.positions();
    }

    @Override
    public void close() {
        try {
            hear();
        } catch (PlatformException e) {
            LOG.warn("log and outbox keep more than rules need: {}", e.detail());
        }
        merge.close();
        place.close();
        outboxPlace.close();
    }
}
