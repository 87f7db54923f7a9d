package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.testkit.SimulatedClock;

/// Thousands of lives of a sink whose receiver fails, answers late, takes half or takes and does not say so, and whose
/// process dies at any step, while now and then the outbox has to go on without it: nothing is lost, first arrivals are
/// in order, and without deaths and lost answers nothing arrives twice.
class DeliveryScenario {
    private static final int SEEDS = Integer.getInteger("sim.seeds", 300);
    private static final Instant START = Instant.parse("2026-11-27T19:00:00Z");

    @TempDir
    Path folder;

    /// The process is gone before it could note anything.
    private static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    /// A receiver as the world has them.
    private static final class Moody implements Sink {
        private final SplittableRandom chance;
        private final List<Parcel> arrived;
        private final boolean rough;

        Moody(SplittableRandom chance, List<Parcel> arrived, boolean rough) {
            this.chance = chance;
            this.arrived = arrived;
            this.rough = rough;
        }

        @Override
        public Outcome deliver(List<Parcel> batch) {
            boolean poison = batch.stream().anyMatch(parcel -> parcel.payload().endsWith("13"));
            int some = chance.nextInt(batch.size() + 1);
            return switch (chance.nextInt(10)) {
                case 0 -> Outcome.away("refused");
                case 1 -> {
                    if (poison) {
                        yield new Outcome.Refused(0, "poison");
                    }
                    arrived.addAll(batch.subList(0, some));
                    yield new Outcome.Away(some, "lost in the middle", Duration.ZERO);
                }
                case 2 -> new Outcome.Failed(0, "500");
                case 3 -> {
                    if (rough && !poison) {
                        arrived.addAll(batch);
                        yield Outcome.away("no answer");
                    }
                    yield Outcome.away("timed out");
                }
                case 4 -> {
                    if (rough) {
                        arrived.addAll(poison ? List.of() : batch);
                        throw new Died();
                    }
                    yield Outcome.away("busy");
                }
                default -> {
                    if (poison) {
                        yield new Outcome.Refused(0, "poison");
                    }
                    arrived.addAll(batch);
                    yield Outcome.DONE;
                }
            };
        }

        @Override
        public void close() {}
    }

    @Test
    void nothingIsLostAndOrderIsKeptWhateverHappens() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            life(seed, seed % 2 == 0);
        }
    }

    private void life(int seed, boolean rough) throws IOException, InterruptedException {
        SplittableRandom chance = new SplittableRandom(seed);
        SimulatedClock clock = new SimulatedClock(START);
        MemoryParcels parcels = new MemoryParcels();
        MemoryLetters letters = new MemoryLetters();
        List<Parcel> arrived = new ArrayList<>();
        List<String> said = new ArrayList<>();
        Pace pace = new Pace(
                1 + chance.nextInt(5),
                1 << 20,
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(9),
                4,
                Pace.WAITING_MAX);
        Path file = folder.resolve("position-" + seed);
        Path waiting = folder.resolve("waiting-" + seed);
        SinkDefinition definition = new SinkDefinition(TenantId.MAIN, "s", "id", "t", "{}", START);
        Delivery delivery = null;
        Spool spool = new Spool(definition, waiting, clock, Pace.WAITING_MAX);
        Relief relief = relief(parcels, clock);
        parcels.crowded = true;
        int steps = 0;
        while (said.size() < 40 || delivery == null || delivery.status().behind() > 2) {
            assertThat(steps++).as("seed %d comes to an end", seed).isLessThan(20_000);
            if (delivery == null) {
                spool = new Spool(definition, waiting, clock, Pace.WAITING_MAX);
                relief = relief(parcels, clock);
                delivery = new Delivery(
                        definition,
                        new Moody(chance, arrived, rough),
                        pace,
                        PositionFile.open(file),
                        new Delivery.World(relief.line(spool), letters, clock, chance));
            }
            if (chance.nextInt(12) == 0) {
                relief.tend(List.of(new Held(definition, spool, delivery.safe())), new ReentrantLock());
            } else if (chance.nextInt(12) == 0) {
                // died between taking them and letting the outbox go
                spool.add(mine(parcels));
                delivery.close();
                delivery = null;
                continue;
            }
            if (said.size() < 40 && chance.nextInt(3) == 0) {
                said.add("" + said.size());
                parcels.add(TenantId.MAIN, chance.nextInt(4) == 0 ? "other" : "s", "d", said.getLast());
            }
            try {
                delivery.step(Duration.ZERO);
            } catch (Died _) {
                delivery.close();
                delivery = null;
            }
            if (delivery != null && rough && chance.nextInt(25) == 0) {
                delivery.close();
                delivery = null;
            }
            clock.advance(Duration.ofMillis(chance.nextInt(2000)));
        }
        delivery.close();
        check(seed, rough, parcels, new Arrivals(arrived, letters));
    }

    private static Relief relief(MemoryParcels parcels, SimulatedClock clock) {
        return new Relief(parcels, (_, _, _) -> {}, clock, Long.MAX_VALUE);
    }

    private static List<Parcel> mine(MemoryParcels parcels) {
        return parcels.all(parcels.start()).parcels().stream()
                .filter(parcel -> parcel.sink().equals("s"))
                .toList();
    }

    private record Held(SinkDefinition definition, Spool spool, long safe) implements Relief.Waiting {
        @Override
        public long reached() {
            return safe;
        }
    }

    private record Arrivals(List<Parcel> arrived, MemoryLetters letters) {}

    private static void check(int seed, boolean rough, MemoryParcels parcels, Arrivals arrivals)
            throws InterruptedException {
        List<Long> due = parcels.everything().stream()
                .filter(parcel -> parcel.sink().equals("s"))
                .map(Parcel::position)
                .toList();
        LinkedHashSet<Long> first = new LinkedHashSet<>();
        arrivals.arrived().forEach(parcel -> first.add(parcel.position()));
        LinkedHashSet<Long> all = new LinkedHashSet<>(first);
        all.addAll(arrivals.letters().all.keySet());
        assertThat(all).as("seed %d loses nothing", seed).containsExactlyInAnyOrderElementsOf(due);
        assertThat(List.copyOf(first)).as("seed %d keeps the order", seed).isSorted();
        if (!rough) {
            assertThat(arrivals.arrived()).as("seed %d delivers once", seed).hasSameSizeAs(first);
        }
    }
}
