package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;

class IcebergLakeTest {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final long DAY = 86_400_000_000L;

    @TempDir
    Path folder;

    @Test
    void whatTheLogHasIsSeenHotThenInFilesAndAfterReopening() {
        World world = new World(folder, 2, 3);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "boiler-7", "temp 1000 21.5", "door.open 1000 true", "state 1000 \"warm\"");
            world.send(MAIN, "boiler-7", "temp 2000 22");
            world.send(MAIN, "pump-1", "rpm " + 3 * DAY + " 900");
            world.awaitVisible(lake);
            Snapshot hot = lake.snapshot(MAIN);
            assertThat(hot.readings()).isEmpty();
            assertThat(World.rows(hot)).isEqualTo(world.expected(MAIN)).hasSize(5);
        }
        try (IcebergLake lake = world.open()) {
            Snapshot sealed = lake.snapshot(MAIN);
            assertThat(sealed.hot()).isEmpty();
            assertThat(sealed.readings()).as("one file a day").hasSize(2);
            assertThat(sealed.readings()).noneMatch(Snapshot.DataFile::hasLate);
            assertThat(World.rows(sealed)).isEqualTo(world.expected(MAIN));
            world.send(MAIN, "boiler-7", "temp 4000 23");
            world.awaitVisible(lake);
            assertThat(World.rows(lake.snapshot(MAIN)))
                    .isEqualTo(world.expected(MAIN))
                    .hasSize(6);
        }
    }

    @Test
    void aSnapshotTakenBeforeASealStaysAsItWas() {
        World world = new World(folder, 1, 10);
        world.sealEvery(2);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1");
            world.awaitVisible(lake);
            Snapshot before = lake.snapshot(MAIN);
            world.send(MAIN, "a", "x 2 2");
            World.await(() -> lake.snapshot(MAIN).readings().size() == 1);
            assertThat(World.rows(before)).containsOnlyKeys("a x 1");
            assertThat(World.rows(lake.snapshot(MAIN))).containsOnlyKeys("a x 1", "a x 2");
        }
    }

    @Test
    void theLastReadingOfASensorIsKnownAfterReopeningWithAndWithoutTheCheckpoint() throws Exception {
        World world = new World(folder, 2, 3);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 5 1", "s 5 \"on\"");
            world.send(MAIN, "a", "x 4 2", "b 1 true");
            world.awaitVisible(lake);
            assertThat(lake.latest(MAIN, new DeviceId("a")))
                    .extracting(Lake.LatestValue::sensor, Lake.LatestValue::tsMicros, Lake.LatestValue::value)
                    .contains(Tuple.tuple("x", 5L, 1.0));
        }
        List<Lake.LatestValue> first;
        try (IcebergLake lake = world.open()) {
            first = lake.latest(MAIN, new DeviceId("a"));
            assertThat(first).hasSize(3);
        }
        Path checkpoint = folder.resolve("main").resolve("newest.bin");
        byte[] bytes = Files.readAllBytes(checkpoint);
        bytes[30] ^= 1;
        Files.write(checkpoint, bytes);
        try (IcebergLake lake = world.open()) {
            assertThat(lake.latest(MAIN, new DeviceId("a"))).containsExactlyInAnyOrderElementsOf(first);
        }
        Files.delete(checkpoint);
        try (IcebergLake lake = world.open()) {
            assertThat(lake.latest(MAIN, new DeviceId("a"))).containsExactlyInAnyOrderElementsOf(first);
        }
    }

    @Test
    void whatCannotBeDecodedIsKeptWithItsReason() {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1", "rubbish");
            world.send(MAIN, "a", "bug");
            world.send(MAIN, "a", "x 2 2");
            world.awaitVisible(lake);
            Snapshot hot = lake.snapshot(MAIN);
            assertThat(hot.hotRejected()).hasSize(2);
            assertThat(hot.hotRejected().get(0).reason()).isEqualTo("not three words: rubbish");
            assertThat(hot.hotRejected().get(1).reason()).startsWith("internal: the decoder failed");
            assertThat(hot.hotRejected().get(1).payload()).isEqualTo("bug".getBytes());
            assertThat(World.rows(hot)).containsOnlyKeys("a x 1", "a x 2");
            assertThat(lake.stats().rejected()).isEqualTo(2);
        }
        try (IcebergLake lake = world.open()) {
            Snapshot sealed = lake.snapshot(MAIN);
            assertThat(sealed.hotRejected()).isEmpty();
            assertThat(sealed.rejected()).hasSize(1);
            assertThat(sealed.rejected().get(0).rows()).isEqualTo(2);
        }
    }

    @Test
    void filesThatNoCommitNamesAreRemovedAtTheNextStart() throws Exception {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1");
            world.awaitVisible(lake);
        }
        Path data = folder.resolve("main/readings/data");
        Path orphan = Files.createDirectories(data.resolve("ts_day=2020-01-01")).resolve("lost.parquet");
        Files.writeString(orphan, "left by a crash");
        try (IcebergLake lake = world.open()) {
            assertThat(World.rows(lake.snapshot(MAIN))).hasSize(1);
            assertThat(orphan).doesNotExist();
        }
        try (Stream<Path> files = Files.walk(data)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
    }
}
