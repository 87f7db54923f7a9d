package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Event;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// Repeated, late and out-of-order readings, lakes that die at any step and come back: what is seen is always what the
/// log says, once each, the last of each key.
class CrashScenario {
    private static final TenantId[] TENANTS = {new TenantId("acme"), new TenantId("beta")};
    private static final long DAY = 86_400_000_000L;

    @TempDir
    Path folder;

    @Test
    void everyReadingIsSeenOnceWhateverStepTheProcessDiesIn() throws Exception {
        int seeds = Integer.getInteger("tributary.lake.seeds", 2);
        long first = Long.getLong("tributary.lake.seed", 1);
        Set<Steps.Step> met = new HashSet<>();
        for (long seed = first; seed < first + seeds; seed++) {
            try {
                run(seed, met);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(met).as("steps that a crash was tried in").isNotEmpty();
    }

    private void run(long seed, Set<Steps.Step> met) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        World world = world(folder.resolve("seed" + seed), 1 + random.nextInt(3), 1 + random.nextInt(8));
        world.sealEvery(25 + random.nextInt(60));
        world.careAtOnce(1_500L << 3 * random.nextInt(3), random.nextInt(3) == 0);
        for (int life = 0; life < 4; life++) {
            Trap trap = new Trap(random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt(40), random.nextBoolean());
            IcebergLake lake = world.open(trap);
            int messages = 5 + random.nextInt(60);
            for (int i = 0; i < messages; i++) {
                send(world, random);
            }
            world.awaitVisible(lake);
            check(world, lake, "life " + life);
            if (random.nextInt(3) > 0) {
                lake.careNow();
                check(world, lake, "life " + life + ", cared for");
            }
            if (trap.sprung.get() || random.nextInt(3) == 0) {
                met.addAll(trap.where);
                lake.abandon();
            } else {
                lake.close();
            }
            if (random.nextInt(4) == 0) {
                Files.deleteIfExists(world.folder.resolve("acme").resolve("newest.bin"));
            }
        }
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
        }
        try (IcebergLake lake = world.open()) {
            check(world, lake, "at the end");
            lake.careNow();
            check(world, lake, "at the end, cared for");
            for (TenantId tenant : TENANTS) {
                assertThat(lake.snapshot(tenant).hot()).isEmpty();
                assertThat(lake.snapshot(tenant).rolled())
                        .as("days that are over are rolled up")
                        .isNotEmpty();
            }
        }
        for (TenantId tenant : TENANTS) {
            assertThat(IcebergView.rows(world, tenant))
                    .as("an engine that reads Iceberg, tenant %s", tenant)
                    .isEqualTo(world.expected(tenant));
        }
    }

    /// @return an empty one
    World world(Path folder, int partitions, int batchMax) {
        return new World(folder, partitions, batchMax);
    }

    private static void send(World world, SplittableRandom random) {
        TenantId tenant = TENANTS[random.nextInt(TENANTS.length)];
        if (random.nextInt(8) == 0) {
            world.happens(World.event(tenant, "d" + random.nextInt(3), Event.Kind.values()[random.nextInt(5)]));
            return;
        }
        List<String> lines = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            long ts = random.nextInt(3) * DAY + random.nextInt(30);
            String value = switch (random.nextInt(5)) {
                case 0 -> "\"text" + random.nextInt(100) + "\"";
                case 1 -> Boolean.toString(random.nextBoolean());
                default -> Integer.toString(random.nextInt(1000));
            };
            lines.add("s" + random.nextInt(3) + " " + ts + " " + value);
        }
        if (random.nextInt(20) == 0) {
            lines.add("rubbish");
        }
        world.send(tenant, "d" + random.nextInt(3), lines.toArray(String[]::new));
    }

    private static void check(World world, Lake lake, String when) {
        for (TenantId tenant : TENANTS) {
            Snapshot snapshot = lake.snapshot(tenant);
            try (Hold _ = World.hold(lake, snapshot)) {
                Map<String, String> seen = World.rows(snapshot);
                assertThat(seen).as("%s, tenant %s", when, tenant).isEqualTo(world.expected(tenant));
                assertThat(RollupContents.of(snapshot))
                        .as("roll-ups, %s, tenant %s", when, tenant)
                        .isEqualTo(RollupContents.expected(snapshot, seen));
                assertThat(SideContents.of(snapshot, Side.REJECTED))
                        .as("rejected, %s", when)
                        .hasSize(Math.toIntExact(world.rejected(tenant)));
                assertThat(SideContents.of(snapshot, Side.MESSAGES).stream()
                                .map(row -> row.get("device") + " " + row.get("received") + " " + row.get("payload"))
                                .sorted()
                                .toList())
                        .as("messages, %s", when)
                        .isEqualTo(world.messages(tenant));
                assertThat(World.events(snapshot)).as("events, %s", when).isEqualTo(world.events(tenant));
            }
        }
    }

    /// Fails one step, once or for ever after.
    private static final class Trap implements Steps {
        private final AtomicInteger left;
        private final boolean once;
        private final AtomicBoolean sprung = new AtomicBoolean();
        private final Set<Step> where = new HashSet<>();

        Trap(int left, boolean once) {
            this.left = new AtomicInteger(left);
            this.once = once;
        }

        @Override
        public void before(Step step) {
            if (left.decrementAndGet() == 0 || !once && sprung.get()) {
                sprung.set(true);
                synchronized (where) {
                    where.add(step);
                }
                throw new PlatformException(Fault.LAKE_FAILED, "the test cuts here: " + step);
            }
        }
    }
}
