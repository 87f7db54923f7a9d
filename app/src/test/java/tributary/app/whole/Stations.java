package tributary.app.whole;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tributary.app.server.BentParcels;
import tributary.app.server.MoodyReceiver;
import tributary.app.server.SinkLine;
import tributary.app.whole.Plant.Station;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.broker.PlantedBroker;
import tributary.engine.SimulatedRules;
import tributary.lake.SimulatedLake;
import tributary.log.LogSettings;
import tributary.log.PlantedLog;
import tributary.log.SegmentLog;
import tributary.registry.Registry;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.sinks.SimulatedDelivery;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// One process: all stations of a message, without threads, from a start to a death. What outlives it is in [Ground].
final class Stations {
    /// So small that it is crowded now and then.
    private static final long OUTBOX_BYTES = 6_000;

    private static final LogSettings OUTBOX =
            new LogSettings(1, 1 << 18, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final BrokerSettings BROKER =
            new BrokerSettings(100, Duration.ofDays(2), 100_000, 1 << 20, Duration.ofDays(30), 1_000, 1 << 20);

    final SegmentLog log;
    final SegmentLog journal;
    final Broker broker;
    final SimulatedRules rules;
    final SinkLine line;
    final SimulatedDelivery delivery;
    final @Nullable SimulatedLake lake;
    private final SegmentLog outbox;

    /// What outlives a process.
    ///
    /// @param lake  the lake's folder, or null for a history without a lake
    /// @param sinks the folder of the sink's position and files
    record Ground(
            SimulatedDisk logDisk,
            SimulatedDisk journalDisk,
            SimulatedDisk outboxDisk,
            SimulatedDisk stateDisk,
            @Nullable Path lake,
            Path sinks,
            Registry registry,
            SinkDefinition sink,
            SimulatedClock clock,
            LogSettings logSettings,
            LogSettings journalSettings) {
        List<SimulatedDisk> disks() {
            return List.of(logDisk, journalDisk, outboxDisk, stateDisk);
        }
    }

    /// What a process is told by its history.
    ///
    /// @param answers draws the catalogue's answers; null for one that does what it is asked
    /// @param dying   told before each step of the lake, and may throw
    /// @param stuck   somebody has to look after the disks
    record Wishes(
            Plant plant,
            SplittableRandom random,
            MoodyReceiver receiver,
            LongSupplier monotonic,
            @Nullable SplittableRandom answers,
            Runnable dying,
            Runnable stuck) {}

    Stations(Ground ground, Wishes wishes) throws IOException {
        Plant plant = wishes.plant();
        SimulatedClock clock = ground.clock();
        SplittableRandom salt = new SplittableRandom(1);
        log = PlantedLog.open(ground.logSettings(), ground.logDisk(), clock, salt, plant.of(Station.LOG));
        journal =
                PlantedLog.open(ground.journalSettings(), ground.journalDisk(), clock, salt, plant.of(Station.JOURNAL));
        outbox = PlantedLog.open(OUTBOX, ground.outboxDisk(), clock, salt, null);
        broker = PlantedBroker.open(
                BROKER,
                new Broker.World(log, journal, ground.registry().devices(), clock, wishes.monotonic()),
                plant.of(Station.BROKER));
        rules = new SimulatedRules(new SimulatedRules.World(
                log,
                plant.is(Station.RULES, "TOLD_BEFORE_FLUSH") ? new Bent.Hasty(outbox) : outbox,
                outbox,
                Bent.state(ground.stateDisk(), plant),
                clock,
                RuleOracle.RULES,
                ground.sink().name(),
                OUTBOX_BYTES,
                plant.is(Station.RULES, "READERS_STRANGE"),
                wishes.stuck()));
        line = new SinkLine(rules.outbox(), ground.registry().silences());
        BentParcels bent = new BentParcels(plant.sinkBug(), wishes.receiver(), this::spooled);
        delivery = new SimulatedDelivery(
                ground.sink(),
                wishes.receiver(),
                new SimulatedDelivery.World(
                        ground.sinks(),
                        bent.shared(line.parcels()),
                        ground.registry().deadLetters(),
                        clock,
                        wishes.random(),
                        bent::line));
        Path folder = ground.lake();
        lake = folder == null
                ? null
                : new SimulatedLake(new SimulatedLake.World(
                        folder,
                        log,
                        ground.registry().sensors(),
                        clock,
                        wishes.answers(),
                        plant.is(Station.LAKE, "REFUSAL_BELIEVED"),
                        wishes.dying(),
                        reader -> Bent.lakeReader(reader, plant)));
    }

    private long spooled() {
        return delivery == null ? 0 : delivery.spooled();
    }

    /// Lets all three logs take to their disks what waits.
    ///
    /// @return whether anything waited
    boolean flush() {
        long before = log.stats().appended()
                + journal.stats().appended()
                + outbox.stats().appended();
        for (SegmentLog one : List.of(log, journal, outbox)) {
            for (int partition = 0; partition < one.partitions(); partition++) {
                one.step(partition);
            }
        }
        return log.stats().appended()
                        + journal.stats().appended()
                        + outbox.stats().appended()
                > before;
    }

    void tidy() throws IOException {
        for (SegmentLog one : List.of(log, journal, outbox)) {
            PlantedLog.tidy(one);
        }
    }

    /// Ends in good order; the sink's delivery and the lake end as they are.
    void close() {
        rules.close();
        broker.close();
        outbox.close();
        journal.close();
        log.close();
    }
}
