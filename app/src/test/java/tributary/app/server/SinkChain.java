package tributary.app.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tributary.engine.SimulatedEngine;
import tributary.model.TenantId;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.Registry;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Parcels;
import tributary.sinks.SharedParcels;
import tributary.sinks.SimulatedDelivery;
import tributary.sinks.Sink;
import tributary.testkit.ProcessDied;
import tributary.testkit.SimulatedClock;

/// One life of the whole chain, drawn from a seed: messages in the log, rules with windows and alerts, the outbox, a
/// sink's position and files, and a receiver that fails, answers late, or takes and does not say so. Told so, the
/// process dies at any touch of a disk or in the middle of a delivery, or loses its power, and starts again.
final class SinkChain {
    private static final int ACTIONS = 90;
    private static final int STEPS_MAX = 20_000;
    private static final List<String> STATEMENTS = List.of(
            "SELECT v, topic(2) AS dev, hit_count() AS n FROM 'env/+' WHERE v > 3",
            "SELECT topic(2) AS dev, avg(v) AS mean, count(*) AS n FROM 'env/+' GROUP BY topic(2), TUMBLING(3s)",
            "SELECT topic(2) AS dev, v FROM 'env/+' ALERT warm PER topic(2) WHEN v > 7 FOR 2s CLEAR WHEN v < 3",
            "SELECT collect(v) AS seen FROM 'env/#' GROUP BY COUNTWINDOW(4, 2)");

    /// Mistakes that are put in, to see whether they are found.
    enum Bug {
        NONE,
        /// A page that is full forgets its last parcel.
        READER_SKIPS,
        /// The outbox lets go of what was not delivered.
        RELEASED_TOO_EARLY,
        /// A receiver that is away is taken for one that has them.
        AWAY_IS_DONE,
        /// The position is noted before the delivery.
        NOTED_TOO_EARLY,
        /// Parcels of a page come in another order.
        ORDER_LOST,
        /// A reader that is opened again goes back.
        READER_GOES_BACK,
        /// Of what waits in files the first is not read.
        FILES_NOT_READ
    }

    /// What a life came across.
    enum Sight {
        DEATH_OF_ENGINE,
        DEATH_IN_DELIVERY,
        POWER_CUT,
        ANSWER_LOST,
        SPOOLED,
        DEAD_LETTER
    }

    private final SplittableRandom random;
    private final @Nullable SplittableRandom fate;
    private final SplittableRandom moods;
    private final Registry registry;
    private final Path folder;
    private final Bug bug;
    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SinkDefinition definition;
    private final SimulatedEngine engine;
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);

    /// What the receiver has, in the order in which it came.
    private final List<Parcel> arrived = new ArrayList<>();

    /// Parcels that may come twice: their answer was lost, or a death came before they were noted.
    private final Set<Long> excused = new HashSet<>();

    private OutboxParcels parcels;
    private SimulatedDelivery delivery;

    /// The process is gone before it could note anything.
    private static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    /// @param fateSeed draws deaths and moods of the receiver; null for a life without any
    SinkChain(long seed, @Nullable Long fateSeed, Registry registry, Path folder, Bug bug) throws IOException {
        this.random = new SplittableRandom(seed);
        this.fate = fateSeed == null ? null : new SplittableRandom(fateSeed);
        this.moods = new SplittableRandom(seed * 7 + 1);
        this.registry = registry;
        this.folder = folder;
        this.bug = bug;
        String name = "s" + seed + (fateSeed == null ? "calm" : "");
        definition = new SinkDefinition(TenantId.MAIN, name, "id-" + name, "t", "{}", clock.instant());
        registry.sinks().save(definition, Map.of());
        engine = new SimulatedEngine(seed, STATEMENTS, name);
        open();
    }

    Set<Sight> sights() {
        return sights;
    }

    private void open() throws IOException {
        parcels = new OutboxParcels(engine.outbox(), registry.silences(), false);
        SharedParcels shared = bug == Bug.RELEASED_TOO_EARLY ? new Hasty(parcels) : parcels;
        UnaryOperator<Parcels> line = switch (bug) {
            case READER_SKIPS, ORDER_LOST, READER_GOES_BACK, FILES_NOT_READ -> Bent::new;
            default -> UnaryOperator.identity();
        };
        delivery = new SimulatedDelivery(
                definition,
                new Moody(),
                new SimulatedDelivery.World(
                        folder.resolve(definition.id()), shared, registry.deadLetters(), clock, moods, line));
    }

    /// Lives.
    ///
    /// @return by rule and device what came of it: deliveries in order, and dead letters
    Map<String, List<String>> run() throws IOException, InterruptedException {
        for (int i = 0; i < ACTIONS; i++) {
            engine.clock.advance(Duration.ofMillis(1 + random.nextInt(random.nextInt(10) == 0 ? 6_000 : 300)));
            engine.publish("env/d" + random.nextInt(4), "{\"v\":" + random.nextInt(10) + "}");
            if (random.nextInt(3) == 0) {
                turn();
            }
            work();
        }
        engine.clock.advance(Duration.ofSeconds(30));
        int quiet = 0;
        while (quiet < 3) {
            quiet = turn() ? 0 : quiet + 1;
        }
        for (int steps = 0; !delivery.done(); steps++) {
            if (steps > STEPS_MAX) {
                throw new AssertionError("it does not come to an end");
            }
            work();
        }
        delivery.close();
        return outcome();
    }

    private boolean turn() throws IOException, InterruptedException {
        if (fate == null) {
            return engine.turn();
        }
        if (fate.nextInt(8) == 0) {
            engine.dieSoon(fate);
        }
        try {
            boolean moved = engine.turn();
            engine.spare();
            return moved;
        } catch (ProcessDied e) {
            sights.add(Sight.DEATH_OF_ENGINE);
            restart(true);
            return true;
        }
    }

    /// What sinks do meanwhile.
    private void work() throws IOException, InterruptedException {
        clock.advance(Duration.ofMillis(500 + moods.nextInt(2_000)));
        if (fate == null) {
            delivery.step();
            return;
        }
        if (fate.nextInt(6) == 0) {
            if (fate.nextInt(4) == 0) {
                engine.dieSoon(fate);
            }
            try {
                delivery.tend();
                engine.spare();
            } catch (ProcessDied e) {
                restart(true);
            }
            if (delivery.spooled() > 0) {
                sights.add(Sight.SPOOLED);
            }
        }
        try {
            delivery.step();
        } catch (Died e) {
            sights.add(Sight.DEATH_IN_DELIVERY);
            restart(fate.nextInt(3) == 0);
        }
        if (fate.nextInt(40) == 0) {
            restart(fate.nextBoolean());
        }
    }

    private void restart(boolean power) throws IOException {
        if (power) {
            sights.add(Sight.POWER_CUT);
        }
        long end = parcels.end();
        long from = delivery.die(power);
        arrived.stream()
                .map(Parcel::position)
                .filter(position -> position >= from)
                .forEach(excused::add);
        if (bug == Bug.NOTED_TOO_EARLY) {
            delivery.rewrite(Math.max(from, end));
        }
        parcels.close();
        // a process that died wrote nothing more, and what it wrote may not have been forced
        engine.cutPower();
        engine.spare();
        engine.open();
        open();
    }

    private static String who(Parcel parcel) {
        return parcel.rule() + " " + parcel.device();
    }

    private Map<String, List<String>> outcome() {
        Map<Long, Parcel> firsts = new LinkedHashMap<>();
        for (Parcel parcel : arrived) {
            if (firsts.putIfAbsent(parcel.position(), parcel) != null && !excused.contains(parcel.position())) {
                throw new AssertionError("parcel " + parcel.position() + " came twice without a reason");
            }
        }
        Map<String, List<String>> all = new TreeMap<>();
        Map<String, Long> last = new TreeMap<>();
        for (Parcel parcel : firsts.values()) {
            if (last.merge(who(parcel), parcel.position(), Math::max) > parcel.position()) {
                throw new AssertionError("parcel " + parcel.position() + " came behind a later one of its device");
            }
            all.computeIfAbsent(who(parcel), _ -> new ArrayList<>()).add(text(parcel));
        }
        List<DeadLetter> letters = registry.deadLetters().page(definition.id(), Long.MIN_VALUE, 10_000);
        for (DeadLetter letter : letters) {
            sights.add(Sight.DEAD_LETTER);
            // the id and the place are of this outbox
            all.computeIfAbsent("dead", _ -> new ArrayList<>())
                    .add(letter.parcel().replaceAll("\"(id|position)\":(\"[^\"]*\"|\\d+),?", ""));
        }
        return all;
    }

    private static String text(Parcel parcel) {
        return "%d %s %s".formatted(parcel.atMillis(), parcel.payload(), parcel.alert());
    }

    /// A receiver as the world has them. What holds a nine is nothing for it.
    private final class Moody implements Sink {
        @Override
        public Outcome deliver(List<Parcel> batch) {
            boolean poison = batch.stream().anyMatch(SinkChain::poison);
            int mood = fate == null ? 9 : fate.nextInt(12);
            switch (mood) {
                case 0 -> {
                    return bug == Bug.AWAY_IS_DONE ? Outcome.DONE : Outcome.away("away");
                }
                case 1 -> {
                    int some = poison ? 0 : fate.nextInt(batch.size() + 1);
                    arrived.addAll(batch.subList(0, some));
                    return new Outcome.Away(some, "lost in the middle", Duration.ofSeconds(2));
                }
                case 2 -> {
                    if (!poison) {
                        lost(batch);
                        return Outcome.away("no answer");
                    }
                }
                case 3 -> {
                    if (!poison) {
                        lost(batch);
                    }
                    throw new Died();
                }
                default -> {}
            }
            if (poison) {
                return new Outcome.Refused(0, "a nine");
            }
            arrived.addAll(batch);
            return Outcome.DONE;
        }

        private void lost(List<Parcel> batch) {
            sights.add(Sight.ANSWER_LOST);
            arrived.addAll(batch);
            batch.forEach(parcel -> excused.add(parcel.position()));
        }

        @Override
        public void close() {}
    }

    private static boolean poison(Parcel parcel) {
        return parcel.rule().equals("r0") && parcel.payload().contains("\"v\":9");
    }

    /// Lets everything go at once.
    private record Hasty(SharedParcels rest) implements SharedParcels {
        @Override
        public long start() {
            return rest.start();
        }

        @Override
        public Page all(long from) {
            return rest.all(from);
        }

        @Override
        public boolean crowded() {
            return false;
        }

        @Override
        public boolean full() {
            return rest.full();
        }

        @Override
        public void release(long before) {
            rest.release(rest.end());
        }

        @Override
        public long end() {
            return rest.end();
        }

        @Override
        public Reader reader(TenantId tenant, String sink, long from) {
            return new Blind(rest.reader(tenant, sink, from), rest);
        }
    }

    /// Does not see what was let go.
    private record Blind(Parcels.Reader rest, SharedParcels of) implements Parcels.Reader {
        @Override
        public Parcels.Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
            Parcels.Page page = rest.next(wait, countMax, bytesMax);
            return new Parcels.Page(
                    page.parcels().stream()
                            .filter(parcel -> parcel.position() >= of.start())
                            .toList(),
                    page.next());
        }

        @Override
        public void seek(long position) {
            rest.seek(position);
        }

        @Override
        public void close() {
            rest.close();
        }
    }

    /// What a sink reads, with a mistake in it.
    private final class Bent implements Parcels {
        private final Parcels rest;

        Bent(Parcels rest) {
            this.rest = rest;
        }

        @Override
        public long end() {
            return rest.end();
        }

        @Override
        public Reader reader(TenantId tenant, String sink, long from) {
            Reader reader = rest.reader(tenant, sink, bug == Bug.READER_GOES_BACK ? back(from) : from);
            return new Reader() {
                @Override
                public Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
                    boolean files = delivery != null && delivery.spooled() > 0;
                    Page page = reader.next(wait, countMax, bytesMax);
                    List<Parcel> found = new ArrayList<>(page.parcels());
                    if (bug == Bug.READER_SKIPS && found.size() == countMax && countMax > 1
                            || bug == Bug.FILES_NOT_READ && files && !found.isEmpty()) {
                        found.removeLast();
                    } else if (bug == Bug.ORDER_LOST) {
                        found = new ArrayList<>(found.reversed());
                    }
                    return new Page(found, page.next());
                }

                @Override
                public void seek(long position) {
                    reader.seek(position);
                }

                @Override
                public void close() {
                    reader.close();
                }
            };
        }

        private long back(long from) {
            return arrived.stream()
                    .mapToLong(Parcel::position)
                    .filter(position -> position < from)
                    .max()
                    .orElse(from);
        }
    }
}
