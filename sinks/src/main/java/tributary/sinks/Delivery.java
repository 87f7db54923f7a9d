package tributary.sinks;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.PlatformException;
import tributary.registry.DeadLetters;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// Delivers to one sink: reads its parcels in order, gathers batches, tries again, puts aside what nobody will take,
/// and remembers how far it is. For one thread, which calls [#step] again and again; [#status] and [#again] are for
/// all.
///
/// A batch is one at a time and the next begins when it is over, so parcels arrive in order. A batch that the receiver
/// refuses as a whole is given parcel by parcel, so that the one that is to blame is found.
final class Delivery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    private static final Duration FORCE_EVERY = Duration.ofSeconds(1);
    private static final Duration BLOCKED_PAUSE = Duration.ofSeconds(10);
    private static final Duration PAUSE_MAX = Duration.ofHours(1);
    private static final int DOUBLINGS_MAX = 40;

    /// What all deliveries share.
    record World(Parcels parcels, DeadLetters letters, InstantSource clock, RandomGenerator random) {
        World {
            Objects.requireNonNull(parcels, "parcels");
            Objects.requireNonNull(letters, "letters");
            Objects.requireNonNull(clock, "clock");
            Objects.requireNonNull(random, "random");
        }
    }

    private final SinkDefinition definition;
    private final Sink sink;
    private final Pace pace;
    private final PositionFile file;
    private final World world;
    private final Parcels.Reader reader;
    private final LinkedBlockingQueue<Long> again = new LinkedBlockingQueue<>(DeadLetters.LETTERS_MAX);

    /// Read and not yet with the sink, in order.
    private final List<Parcel> batch = new ArrayList<>();

    private long batchBytes;

    /// Everything of this sink before it has been read.
    private long read;

    private Instant batchSince = Instant.EPOCH;
    private Instant forcedAt = Instant.EPOCH;

    /// How many parcels of the batch have to go one by one, because the batch was refused as a whole.
    private int single;

    /// The reader has to go back to where the sink is.
    private boolean rewind;

    /// How often the first of the batch was answered with an error.
    private int attempts;

    /// Failures one after the other, of whatever kind.
    private int failuresInRow;

    private final Tally tally = new Tally();

    Delivery(SinkDefinition definition, Sink sink, Pace pace, PositionFile file, World world) {
        this.definition = definition;
        this.sink = sink;
        this.pace = pace;
        this.file = file;
        this.world = world;
        this.read = sink.resume(Math.max(0, file.position()));
        this.reader = world.parcels().reader(definition.tenant(), definition.name(), read);
    }

    /// Does one piece of work.
    ///
    /// @param idle how long to wait for parcels at most where there is nothing to do
    /// @return how long to wait before the next piece; zero where there may be more at once
    Duration step(Duration idle) throws InterruptedException {
        Instant now = world.clock().instant();
        try {
            Duration pause = tally.pause(now);
            if (!pause.isZero()) {
                return pause;
            }
            Long letter = again.poll();
            if (letter != null) {
                deliverAgain(letter);
                return Duration.ZERO;
            }
            if (rewind) {
                read = sink.resume(read);
                reader.seek(read);
                rewind = false;
            }
            gather(idle);
            now = world.clock().instant();
            if (!batch.isEmpty() && (full() || !now.isBefore(batchSince.plus(pace.linger())))) {
                attempt();
            } else {
                // a sink that holds parcels hears that time passes
                Outcome outcome = sink.tick();
                after(outcome, 0);
                if (outcome instanceof Outcome.Done && batch.isEmpty()) {
                    tally.recovered();
                }
            }
            return Duration.ZERO;
        } catch (IOException e) {
            LOG.error("sink {} of {}: its position cannot be kept", definition.name(), definition.tenant(), e);
            pause(Outcome.away("the position of the sink cannot be kept: " + e.getMessage()
                    + ". Look after the disk of the data folder."));
            return Duration.ZERO;
        }
    }

    /// Fills the batch as far as it goes; waits only where it is empty, or for the rest of its time.
    private void gather(Duration idle) throws InterruptedException {
        if (full() || single > 0) {
            return;
        }
        Duration wait = idle;
        if (!batch.isEmpty()) {
            Duration left = Duration.between(world.clock().instant(), batchSince.plus(pace.linger()));
            wait = left.isNegative() ? Duration.ZERO : left.compareTo(idle) < 0 ? left : idle;
        }
        Parcels.Page page = reader.next(wait, pace.batchCount() - batch.size(), pace.batchBytes() - batchBytes);
        if (!page.parcels().isEmpty() && batch.isEmpty()) {
            batchSince = world.clock().instant();
        }
        for (Parcel parcel : page.parcels()) {
            batch.add(parcel);
            batchBytes += parcel.bytes();
        }
        read = page.next();
    }

    private boolean full() {
        return batch.size() >= pace.batchCount() || batchBytes >= pace.batchBytes();
    }

    private void attempt() throws InterruptedException, IOException {
        List<Parcel> now = List.copyOf(batch.subList(0, single > 0 ? 1 : sink.together(batch)));
        after(deliver(now), now.size());
    }

    private Outcome deliver(List<Parcel> parcels) throws InterruptedException {
        try {
            return sink.deliver(parcels);
        } catch (RuntimeException e) {
            LOG.error("sink {} of {} failed in an unforeseen way", definition.name(), definition.tenant(), e);
            return new Outcome.Failed(
                    0,
                    "an unforeseen failure (%s), which is in the server's log"
                            .formatted(e.getClass().getSimpleName()));
        }
    }

    /// What follows from an outcome.
    ///
    /// @param given how many parcels were handed over
    private void after(Outcome outcome, int given) throws IOException {
        switch (outcome) {
            case Outcome.Done _ -> done(given);
            case Outcome.Away away -> {
                done(away.done());
                pause(away);
            }
            case Outcome.Failed(int done, String reason) -> {
                done(done);
                attempts++;
                if (attempts < pace.attempts()) {
                    pause(Outcome.away(reason));
                } else {
                    blame(given - done, reason);
                }
            }
            case Outcome.Refused(int done, String reason) -> {
                done(done);
                attempts++;
                blame(given - done, reason);
            }
            case Outcome.Lost(String reason) -> {
                lost();
                pause(Outcome.away(reason));
            }
        }
        noteProgress();
    }

    /// The sink is given all since its last safe position again.
    private void lost() {
        batch.clear();
        batchBytes = 0;
        single = 0;
        read = Math.max(0, file.position());
        rewind = true;
    }

    /// The first `count` of the batch are with the sink.
    private void done(int count) {
        if (count == 0) {
            return;
        }
        remove(count);
        tally.delivered(count, world.clock().instant());
        failuresInRow = 0;
    }

    private void remove(int count) {
        for (Parcel parcel : batch.subList(0, count)) {
            batchBytes -= parcel.bytes();
        }
        batch.subList(0, count).clear();
        single = Math.max(0, single - count);
        attempts = 0;
    }

    /// One of the first `count` of the batch will not be taken.
    private void blame(int count, String reason) {
        if (count > 1) {
            single = count;
            attempts = 0;
            tally.failed(reason, world.clock().instant());
            return;
        }
        Parcel parcel = batch.getFirst();
        try {
            DeadLetter letter = new DeadLetter(
                    definition.id(),
                    parcel.position(),
                    ParcelText.kept(parcel),
                    reason,
                    attempts,
                    world.clock().instant());
            if (!world.letters().add(letter)) {
                tally.blocked(
                        "there is no room for another dead letter; drive some again or drop them. The parcel that waits: "
                                + reason,
                        world.clock().instant(),
                        BLOCKED_PAUSE);
                return;
            }
        } catch (PlatformException e) {
            pause(Outcome.away(e.detail()));
            return;
        }
        remove(1);
        failuresInRow = 0;
        tally.putAside(reason, world.clock().instant());
    }

    private void pause(Outcome.Away away) {
        failuresInRow++;
        long most = pace.retryMost().toMillis();
        double whole = pace.retryFirst().toMillis() * Math.pow(2, Math.min(failuresInRow - 1, DOUBLINGS_MAX));
        double part = 0.5 + world.random().nextDouble() / 2;
        Duration pause = Duration.ofMillis(Math.max(1, (long) (Math.min(whole, most) * part)));
        Duration asked = away.notBefore().compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : away.notBefore();
        tally.retrying(away.reason(), world.clock().instant(), asked.compareTo(pause) > 0 ? asked : pause);
    }

    /// Everything before the first parcel that is not safe is done.
    private void noteProgress() throws IOException {
        long safe =
                Math.min(sink.held(), batch.isEmpty() ? read : batch.getFirst().position());
        if (safe > file.position()) {
            file.write(safe);
        }
        Instant now = world.clock().instant();
        if (!now.isBefore(forcedAt.plus(FORCE_EVERY))) {
            file.force();
            forcedAt = now;
        }
    }

    private void deliverAgain(long position) throws InterruptedException {
        Optional<DeadLetter> found = world.letters().find(definition.id(), position);
        if (found.isEmpty()) {
            return;
        }
        DeadLetter letter = found.get();
        Optional<Parcel> parcel = ParcelText.parcel(definition, letter);
        Outcome outcome =
                parcel.isEmpty() ? new Outcome.Refused(0, "the letter cannot be read") : deliver(List.of(parcel.get()));
        if (outcome instanceof Outcome.Done) {
            outcome = sink.flush();
        }
        switch (outcome) {
            case Outcome.Done _ -> {
                // one that was edited meanwhile stays: what it says now did not go
                world.letters().remove(letter);
                tally.delivered(1, world.clock().instant());
            }
            case Outcome.Away away -> {
                keep(letter, away.reason());
                // the others would fail, too; they stay where they are and can be asked for again
                again.clear();
                pause(away);
            }
            case Outcome.Failed failed -> keep(letter, failed.reason());
            case Outcome.Refused refused -> keep(letter, refused.reason());
            case Outcome.Lost lost -> {
                keep(letter, lost.reason());
                lost();
                pause(Outcome.away(lost.reason()));
            }
        }
    }

    private void keep(DeadLetter letter, String reason) {
        Instant now = world.clock().instant();
        world.letters()
                .tried(new DeadLetter(
                        letter.sink(), letter.position(), letter.parcel(), reason, letter.attempts() + 1, now));
        tally.failed(reason, now);
    }

    /// Delivers a dead letter again, soon.
    ///
    /// @return false where so many are waiting already that this one has to be asked for later
    boolean again(long position) {
        return again.offer(position);
    }

    /// @return the position that a power cut leaves at least: nobody needs to keep what is before it
    long safe() {
        return Math.max(0, file.forced());
    }

    /// @return everything before it is with the receiver
    long reached() {
        return Math.max(0, file.position());
    }

    /// The outbox could not be read, or the registry does not answer.
    void troubled(RuntimeException e) {
        String what = e instanceof PlatformException world ? world.detail() : e.toString();
        pause(Outcome.away(what));
    }

    SinkStatus status() {
        return tally.status(Math.max(0, world.parcels().end() - Math.max(0, file.position())));
    }

    /// Makes what the sink holds safe and notes how far it is.
    void finish() throws InterruptedException {
        try {
            after(sink.flush(), 0);
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "sink {} of {} was not finished; it goes on from its last position",
                    definition.name(),
                    definition.tenant(),
                    e);
        }
    }

    @Override
    public void close() {
        reader.close();
        sink.close();
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("the position of sink {} was not forced to the disk", definition.name(), e);
        }
    }
}
