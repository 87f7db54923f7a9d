package tributary.app.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tributary.engine.SimulatedEngine;
import tributary.model.TenantId;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.Registry;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.sinks.Parcel;
import tributary.sinks.SimulatedDelivery;
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
    private final SinkBug bug;
    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SinkDefinition definition;
    private final SimulatedEngine engine;
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);

    private final MoodyReceiver receiver;
    private OutboxParcels parcels;
    private SimulatedDelivery delivery;

    /// @param fateSeed draws deaths and moods of the receiver; null for a life without any
    SinkChain(long seed, @Nullable Long fateSeed, Registry registry, Path folder, SinkBug bug) throws IOException {
        this.random = new SplittableRandom(seed);
        this.fate = fateSeed == null ? null : new SplittableRandom(fateSeed);
        this.moods = new SplittableRandom(seed * 7 + 1);
        this.registry = registry;
        this.folder = folder;
        this.bug = bug;
        String name = "s" + seed + (fateSeed == null ? "calm" : "");
        definition = new SinkDefinition(TenantId.MAIN, name, "id-" + name, "t", "{}", clock.instant());
        registry.sinks().save(definition, Map.of());
        receiver = new MoodyReceiver(fate, SinkChain::poison, bug == SinkBug.AWAY_IS_DONE);
        engine = new SimulatedEngine(seed, STATEMENTS, name);
        open();
    }

    Set<Sight> sights() {
        return sights;
    }

    private void open() throws IOException {
        parcels = new OutboxParcels(engine.outbox(), registry.silences(), false);
        BentParcels bent = new BentParcels(bug, receiver, () -> delivery == null ? 0 : delivery.spooled());
        delivery = new SimulatedDelivery(
                definition,
                receiver,
                new SimulatedDelivery.World(
                        folder.resolve(definition.id()),
                        bent.shared(parcels),
                        registry.deadLetters(),
                        clock,
                        moods,
                        bent::line));
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
        } catch (MoodyReceiver.Died e) {
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
        receiver.excuseFrom(from);
        if (bug == SinkBug.NOTED_TOO_EARLY) {
            delivery.rewrite(Math.max(from, end));
        }
        parcels.close();
        // a process that died wrote nothing more, and what it wrote may not have been forced
        engine.cutPower();
        engine.spare();
        engine.open();
        open();
    }

    private Map<String, List<String>> outcome() {
        if (receiver.lostAnswers()) {
            sights.add(Sight.ANSWER_LOST);
        }
        Map<String, List<String>> all = new TreeMap<>();
        receiver.judged()
                .forEach((who, parcels) -> all.put(
                        who,
                        new ArrayList<>(parcels.stream().map(SinkChain::text).toList())));
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

    private static boolean poison(Parcel parcel) {
        return parcel.rule().equals("r0") && parcel.payload().contains("\"v\":9");
    }
}
