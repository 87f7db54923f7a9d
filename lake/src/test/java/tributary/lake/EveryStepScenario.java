package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Event;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// A life of a lake ends before its first step, the next before its second, and so on, each with new, repeated and late
/// readings, until one ends by itself. After each, the rows are those of the log, each once. More lives with
/// `-Dtributary.lake.deaths=200`.
class EveryStepScenario {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final int DEATHS = Integer.getInteger("tributary.lake.deaths", 1);
    private static final long DAY = SegmentOrder.DAY_MICROS;

    @TempDir
    Path temp;

    private final Map<Steps.Step, Integer> deaths = new EnumMap<>(Steps.Step.class);
    private int sent;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void rowsAreThoseOfTheLogWhateverStepALifeEndsBefore() throws Exception {
        int died = 0;
        for (int round = 0; died < DEATHS; round++) {
            World world = world(temp.resolve("round" + round));
            world.careAtOnce(1 << 20, false);
            world.keepSnapshots(Duration.ofMillis(1));
            world.sealAtOnce();
            int step = 1;
            while (life(world, step)) {
                died++;
                step++;
            }
            assertThat(step).as("steps of a life").isGreaterThan(10);
            assertThat(IcebergView.rows(world, MAIN))
                    .as("an engine that reads Iceberg")
                    .isEqualTo(world.expected(MAIN));
        }
        System.out.println(died + " lives ended before a step: " + deaths);
        assertThat(deaths.keySet()).as("kinds of steps").hasSizeGreaterThan(4);
    }

    /// @return an empty one
    World world(Path folder) {
        return new World(folder, 2, 10);
    }

    /// @return whether it ended before a step
    private boolean life(World world, int step) throws IOException, InterruptedException {
        AtomicInteger left = new AtomicInteger(step);
        IcebergLake lake = world.open(now -> {
            int rest = left.decrementAndGet();
            if (rest <= 0) {
                if (rest == 0) {
                    synchronized (deaths) {
                        deaths.merge(now, 1, Integer::sum);
                    }
                }
                throw new PlatformException(Fault.LAKE_FAILED, "the test cuts here: " + now);
            }
        });
        for (int i = 0; i < 2; i++) {
            sent++;
            world.send(
                    MAIN,
                    "d" + sent % 3,
                    "x " + sent + " " + sent,
                    "x " + (sent / 2) + " " + sent,
                    "y " + (DAY + sent % 7) + " " + sent);
        }
        world.happens(World.event(MAIN, "d1", Event.Kind.CONNECTED));
        world.awaitVisible(lake);
        lake.careNow();
        check(world, lake);
        boolean died = left.get() <= 0;
        if (died) {
            lake.abandon();
        } else {
            lake.close();
            died = left.get() <= 0;
        }
        return died;
    }

    private static void check(World world, IcebergLake lake) {
        Snapshot snapshot = lake.snapshot(MAIN);
        try (Hold _ = World.hold(lake, snapshot)) {
            Map<String, String> seen = World.rows(snapshot);
            assertThat(seen).isEqualTo(world.expected(MAIN));
            assertThat(RollupContents.of(snapshot)).isEqualTo(RollupContents.expected(snapshot, seen));
            assertThat(World.events(snapshot)).isEqualTo(world.events(MAIN));
            assertThat(SideContents.of(snapshot, Side.MESSAGES)).hasSameSizeAs(world.messages(MAIN));
        }
    }
}
