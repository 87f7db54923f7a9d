package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// What is erased is in no table, no file and no memory of the lake, whenever the process dies; the rest stays.
class ErasureTest {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final DeviceId GONE = new DeviceId("gone-device");

    @TempDir
    Path temp;

    @Test
    void whatADeviceSentIsInNoFileAnyMoreAndTheRestStays() throws Exception {
        World world = history();
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            assertThat(lake.care().rolledDays()).isPositive();
            assertThat(lake.care().rollupsDue()).isZero();
            assertThat(lake.snapshot(MAIN).rolled())
                    .as("roll-ups that had its readings")
                    .isNotEmpty();
            Lake.Erasure wish = lake.erase(MAIN, GONE);
            assertThat(wish.phase()).isEqualTo(Lake.Phase.WAITING);
            finish(world, lake);
            world.awaitVisible(lake);
            assertRest(world, lake.snapshot(MAIN), "erased");
            assertThat(lake.latest(MAIN, GONE)).isEmpty();
            assertThat(lake.latest(MAIN, new DeviceId("stays"))).isNotEmpty();
            assertThat(lake.erasures(MAIN)).singleElement().matches(done -> done.phase() == Lake.Phase.DONE);
            assertThat(lake.erasures(new TenantId("other"))).isEmpty();
        }
        assertNowhere(world);
        try (IcebergLake lake = world.open()) {
            assertRest(world, lake.snapshot(MAIN), "after a restart");
            assertThat(lake.latest(MAIN, GONE)).isEmpty();
            assertThat(lake.erasures(MAIN)).hasSize(1);
        }
    }

    @Test
    void whatTheDeviceSendsAfterwardsStays() throws Exception {
        World world = history();
        try (IcebergLake lake = world.open()) {
            lake.erase(MAIN, GONE);
            world.today();
            world.send(MAIN, GONE.value(), "x 1 77", "x 2 78");
            finish(world, lake);
            Map<String, String> rows = World.rows(lake.snapshot(MAIN));
            assertThat(rows).containsEntry("gone-device x 1", "77.0").containsEntry("gone-device x 2", "78.0");
            assertThat(rows.keySet().stream().filter(row -> row.startsWith("gone")))
                    .hasSize(2);
            assertThat(lake.latest(MAIN, GONE))
                    .singleElement()
                    .matches(latest -> latest.tsMicros() == 2 && latest.value() == 78);
        }
        try (IcebergLake lake = world.open()) {
            assertThat(World.rows(lake.snapshot(MAIN))).containsEntry("gone-device x 1", "77.0");
        }
    }

    @Test
    void newestValuesGoWhateverTheClockSaidWhenTheyCame() throws Exception {
        World world = history();
        world.tomorrow();
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, GONE.value(), "x 100 1");
            world.awaitVisible(lake);
            lake.erase(MAIN, GONE);
            world.send(MAIN, GONE.value(), "x 50 2");
            finish(world, lake);
            assertThat(lake.latest(MAIN, GONE)).singleElement().matches(latest -> latest.tsMicros() == 50);
        }
        try (IcebergLake lake = world.open()) {
            assertThat(lake.latest(MAIN, GONE)).singleElement().matches(latest -> latest.tsMicros() == 50);
        }
    }

    @Test
    void allOfATenantGoesAndOthersStay() throws Exception {
        World world = history();
        TenantId other = new TenantId("other");
        try (IcebergLake lake = world.open()) {
            world.send(other, "a", "x 1 1");
            world.awaitVisible(lake);
        }
        try (IcebergLake lake = world.open()) {
            lake.erase(MAIN, null);
            finish(world, lake);
            assertThat(lake.snapshot(MAIN).readings()).isEmpty();
            for (Side side : Side.values()) {
                assertThat(lake.snapshot(MAIN).side(side).files()).isEmpty();
            }
            assertThat(lake.snapshot(MAIN).rolled()).isEmpty();
            assertThat(World.rows(lake.snapshot(other))).isEqualTo(world.expected(other));
        }
        assertNowhere(world);
    }

    @Test
    void filesAreWrittenOnceForAllDevicesThatAreErasedTogether() throws Exception {
        int alone = writings(history(), List.of(GONE));
        World world = new World(temp.resolve("both"), 2, 10);
        int both = writings(history(world), List.of(GONE, new DeviceId("a")));

        assertThat(both).isEqualTo(alone);
        try (IcebergLake lake = world.open()) {
            assertThat(World.rows(lake.snapshot(MAIN)).keySet()).isNotEmpty().allMatch(row -> row.startsWith("stays"));
            assertThat(lake.latest(MAIN, new DeviceId("a"))).isEmpty();
        }
        assertNowhere(world);
    }

    private static int writings(World world, List<DeviceId> devices) throws InterruptedException {
        AtomicInteger commits = new AtomicInteger();
        try (IcebergLake lake = world.open(step -> {
            if (step == Steps.Step.MERGE_COMMIT) {
                commits.incrementAndGet();
            }
        })) {
            lake.careNow();
            commits.set(0);
            devices.forEach(device -> lake.erase(MAIN, device));
            finish(world, lake);
        }
        return commits.get();
    }

    /// It dies before each of its steps in turn; the wish goes on in the next life.
    @Test
    void aWishSurvivesADeathAtAnyStep() throws Exception {
        World world = history();
        Set<Steps.Step> died = new HashSet<>();
        try (IcebergLake lake = world.open()) {
            lake.erase(MAIN, GONE);
        }
        world.log.forget();
        for (int step = 1; ; step++) {
            AtomicInteger left = new AtomicInteger(step);
            IcebergLake lake = world.open(now -> {
                if (left.decrementAndGet() <= 0) {
                    died.add(now);
                    throw new PlatformException(Fault.LAKE_FAILED, "the test cuts here: " + now);
                }
            });
            lake.careNow();
            assertOnlyThatIsMissing(world, lake.snapshot(MAIN));
            boolean done = lake.erasures(MAIN).getFirst().phase() == Lake.Phase.DONE;
            lake.abandon();
            if (done) {
                break;
            }
        }
        assertThat(died).contains(Steps.Step.MERGE_WRITE, Steps.Step.MERGE_COMMIT, Steps.Step.ERASE_NOTE);
        try (IcebergLake lake = world.open()) {
            assertRest(world, lake.snapshot(MAIN), "at the end");
        }
        assertNowhere(world);
    }

    private static void assertOnlyThatIsMissing(World world, Snapshot snapshot) {
        Map<String, String> rows = World.rows(snapshot);
        Map<String, String> expected = world.expected(MAIN);
        rows.keySet().removeIf(row -> row.startsWith("gone"));
        expected.keySet().removeIf(row -> row.startsWith("gone"));
        assertThat(rows).isEqualTo(expected);
    }

    private static void assertRest(World world, Snapshot snapshot, String when) throws IOException {
        Map<String, String> expected = world.expected(MAIN);
        expected.keySet().removeIf(row -> row.startsWith("gone"));
        assertThat(World.rows(snapshot)).as(when).isEqualTo(expected);
        assertThat(IcebergView.rows(world.folder, MAIN)).as(when).isEqualTo(expected);
        for (Side side : Side.values()) {
            assertThat(SideContents.of(snapshot, side))
                    .as("%s, %s", side, when)
                    .isNotEmpty()
                    .noneMatch(row -> GONE.value().equals(row.get("device")));
        }
    }

    /// In the bytes of no file of the lake but the list of wishes, and in no row of any Parquet file.
    private static void assertNowhere(World world) throws IOException, SQLException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(world.folder)) {
            all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains(".erasures"))
                    .forEach(files::add);
        }
        try (Connection duck = SharedDuck.connect();
                Statement statement = duck.createStatement()) {
            for (Path file : files) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertThat(bytes).as(file.toString()).doesNotContain(GONE.value());
                if (file.toString().endsWith(".parquet")) {
                    try (ResultSet count = statement.executeQuery(
                            "SELECT count(*) FROM read_parquet('%s') WHERE device = '%s'".formatted(file, GONE))) {
                        count.next();
                        assertThat(count.getLong(1)).as(file.toString()).isZero();
                    }
                }
            }
        }
    }

    private static void finish(World world, IcebergLake lake) {
        world.log.forget();
        World.await(() -> {
            try {
                lake.careNow();
                return lake.erasures(MAIN).stream().allMatch(wish -> wish.phase() == Lake.Phase.DONE);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        // what was sent after the wish, on which no erasure waits
        world.awaitVisible(lake);
    }

    /// Files of three lives, with replaced rows and keys of them, in every table.
    private World history() {
        return history(new World(temp.resolve("lake"), 2, 10));
    }

    private static World history(World world) {
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ofMillis(1));
        world.sealAtOnce();
        for (int life = 0; life < 3; life++) {
            try (IcebergLake lake = world.open()) {
                for (String device : List.of("a", GONE.value(), "stays")) {
                    world.send(MAIN, device, "x 1 " + life, "x " + (2 + life) + " 1", "y 9 \"of " + device + "\"");
                    world.send(MAIN, device, "rubbish");
                    world.happens(World.event(MAIN, device, Event.Kind.CONNECTED));
                }
                world.awaitVisible(lake);
            }
        }
        return world;
    }
}
