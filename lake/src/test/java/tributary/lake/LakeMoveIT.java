package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// A lake that goes from a folder into a bucket and back is the same lake, however often the move is cut off.
class LakeMoveIT {
    @RegisterExtension
    static final BucketExtension BUCKETS = new BucketExtension();

    private static final TenantId MAIN = TenantId.MAIN;
    private static final TenantId OTHER = new TenantId("other");

    @TempDir
    Path temp;

    private Map<String, LakeMove.Moved> last = Map.of();

    /// The process ends here.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Test
    void aMovedLakeHasTheSameRowsAndGoesOnBothWays() throws Exception {
        World world = history();
        Warehouse bucket = BUCKETS.place();
        Map<String, byte[]> before = bytes(world.folder);
        List<String> messages = sideRows(world);

        Map<String, LakeMove.Moved> there = moveWithKills(world, Warehouse.FOLDER, bucket);
        assertThat(bytes(world.folder)).as("the old lake stays as it was").containsAllEntriesOf(before);
        assertThat(there).containsKeys("main/readings", "main/messages", "main/rollup_1d", "other/readings");
        refused(world, "s3://");
        world.in(bucket);
        same(world, messages);
        goesOn(world, 100);

        refusedMove(world, bucket, Warehouse.FOLDER, "older lake");
        forgetFolder(world.folder);
        messages = sideRows(world);
        Map<String, LakeMove.Moved> back = moveWithKills(world, bucket, Warehouse.FOLDER);
        assertThat(back.keySet()).containsAll(there.keySet());
        refused(world, "the data folder");
        world.in(Warehouse.FOLDER);
        same(world, messages);
        goesOn(world, 200);
        assertThat(FileSum.check(world.folder).damaged()).isEmpty();
        assertThat(FileSum.check(world.folder).without()).isZero();
        refusedMove(world, Warehouse.FOLDER, Warehouse.FOLDER, "there already");
    }

    @Test
    void whatIsCommittedBetweenTwoTriesIsMovedToo() throws Exception {
        World world = history();
        Warehouse bucket = BUCKETS.place();
        assertThat(killed(world, Warehouse.FOLDER, bucket, 6)).isTrue();
        goesOn(world, 300); // care replaces files that were copied
        LakeMove.run(world.folder, Warehouse.FOLDER, bucket, _ -> {});
        world.in(bucket);
        assertThat(IcebergView.rows(world, MAIN)).isEqualTo(world.expected(MAIN));
        try (LakeCatalog catalog = LakeCatalog.open(world.folder, bucket)) {
            LakeTable table =
                    new LakeTables(catalog, Steps.NONE).table(new LakeTables.Name(MAIN, LakeCatalog.Kind.READINGS));
            Set<Path> found = catalog.store().list(table.folder()).stream()
                    .map(LakeStore.Found::path)
                    .collect(Collectors.toSet());
            assertThat(found).as("nothing that nobody names").isEqualTo(table.current());
        }
        goesOn(world, 400);
    }

    @Test
    void erasingGoesOnInTheNewPlaceUntilNoObjectHasTheRows() throws Exception {
        World world = history();
        world.keepSnapshots(Duration.ZERO);
        Warehouse bucket = BUCKETS.place();
        String id;
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            id = lake.erase(MAIN, new DeviceId("gone")).id();
        }
        LakeMove.run(world.folder, Warehouse.FOLDER, bucket, _ -> {});
        world.in(bucket);
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            world.log.forget();
            for (int i = 0; i < 100 && lake.erasures(MAIN).getFirst().phase() != Lake.Phase.DONE; i++) {
                lake.careNow();
            }
            assertThat(lake.erasures(MAIN)).singleElement().satisfies(wish -> {
                assertThat(wish.id()).isEqualTo(id);
                assertThat(wish.phase()).isEqualTo(Lake.Phase.DONE);
            });
            Snapshot snapshot = lake.snapshot(MAIN);
            try (Hold _ = World.hold(lake, snapshot)) {
                Map<String, String> expected = new HashMap<>(world.expected(MAIN));
                expected.keySet().removeIf(row -> row.startsWith("gone "));
                assertThat(World.rows(snapshot)).isEqualTo(expected).isNotEmpty();
            }
        }
        Path objects = BUCKETS.objects(bucket.bucket().name());
        assertThat(bytes(objects))
                .isNotEmpty()
                .noneSatisfy((_, bytes) -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
                        .contains("gone"));
    }

    @Test
    void nothingOfAnybodyElseIsWrittenOver() throws Exception {
        World world = history();
        Warehouse bucket = BUCKETS.place();
        World neighbour = new World(temp.resolve("neighbour"), 1, 10).in(bucket);
        neighbour.sealAtOnce();
        neighbour.send(MAIN, "d", "x 1 1");
        try (IcebergLake lake = neighbour.open()) {
            neighbour.awaitVisible(lake);
        }
        refusedMove(world, Warehouse.FOLDER, bucket, "names tables already");
        assertThat(IcebergView.rows(neighbour, MAIN)).isEqualTo(Map.of("d x 1", "1.0"));
        assertThat(IcebergView.rows(world, MAIN)).isEqualTo(world.expected(MAIN));
    }

    /// Days that are over with roll-ups and without, rows that replace others, a second tenant, sides.
    private World history() throws Exception {
        World world = new World(temp.resolve("lake"), 2, 10);
        world.careAtOnce(1 << 20, false);
        for (int life = 0; life < 3; life++) {
            try (IcebergLake lake = world.open()) {
                world.send(MAIN, "a", "x 1 " + life, "x " + (2 + life) + " 1", "t 1 \"word\"");
                world.send(MAIN, "gone", "x 1 " + life, "rubbish");
                world.send(OTHER, "b", "x 1 " + life, "x " + (90_000_000_000L * life) + " 4");
                world.awaitVisible(lake);
            }
        }
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            lake.careNow();
        }
        for (int life = 0; life < 2; life++) {
            try (IcebergLake lake = world.open()) {
                world.send(OTHER, "b", "x 90000000000 1" + life);
                world.awaitVisible(lake);
            }
        }
        assertThat(IcebergView.deletes(world.folder, OTHER)).as("files of keys").isNotEmpty();
        return world;
    }

    /// Cuts the move off at its second look, then at the third, and so on; each time it goes on.
    private Map<String, LakeMove.Moved> moveWithKills(World world, Warehouse from, Warehouse to) {
        int kill = 2;
        while (killed(world, from, to, kill)) {
            kill += 4;
        }
        assertThat(kill).as("it was cut off some times").isGreaterThan(10);
        return last;
    }

    private boolean killed(World world, Warehouse from, Warehouse to, int look) {
        int[] looks = {0};
        try {
            last = LakeMove.run(world.folder, from, to, _ -> {
                if (++looks[0] == look) {
                    throw new Killed();
                }
            });
            return false;
        } catch (PlatformException e) {
            assertThat(e).hasCauseInstanceOf(Killed.class);
            return true;
        }
    }

    private static void same(World world, List<String> messages) throws Exception {
        for (TenantId tenant : List.of(MAIN, OTHER)) {
            assertThat(IcebergView.rows(world, tenant))
                    .as("an engine that reads Iceberg")
                    .isEqualTo(world.expected(tenant));
        }
        assertThat(sideRows(world)).isEqualTo(messages);
        Set<String> rollups = rollups(world);
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            assertThat(lake.snapshot(MAIN).hot())
                    .as("nothing is read again from the log")
                    .isEmpty();
            lake.careNow();
            Snapshot snapshot = lake.snapshot(MAIN);
            assertThat(snapshot.rolled()).isNotEmpty();
            assertThat(snapshot.rolled())
                    .as("roll-ups are those of before")
                    .allMatch(rolled ->
                            rollups.contains(rolled.path().getFileName().toString()));
            try (Hold _ = World.hold(lake, snapshot)) {
                assertThat(World.rows(snapshot)).isEqualTo(world.expected(MAIN));
            }
        }
    }

    private static Set<String> rollups(World world) throws IOException {
        Set<String> names = new HashSet<>();
        try (LakeCatalog catalog = LakeCatalog.open(world.folder, world.settings.warehouse())) {
            for (RollupStep step : RollupStep.values()) {
                LakeTable table =
                        new LakeTables(catalog, Steps.NONE).find(new LakeTables.Name(MAIN, LakeCatalog.Kind.of(step)));
                if (table != null) {
                    table.contents()
                            .files()
                            .forEach(file -> names.add(file.path().getFileName().toString()));
                }
            }
        }
        return names;
    }

    private static List<String> sideRows(World world) throws Exception {
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            Snapshot snapshot = lake.snapshot(MAIN);
            try (Hold _ = World.hold(lake, snapshot)) {
                return Stream.of(Side.MESSAGES, Side.REJECTED)
                        .flatMap(
                                side -> SideContents.of(snapshot, side).stream().map(Object::toString))
                        .sorted()
                        .toList();
            }
        }
    }

    private static void goesOn(World world, int number) throws Exception {
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 " + number, "x " + number + " 1");
            world.send(OTHER, "b", "x " + number + " 1");
            world.awaitVisible(lake);
        }
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            Snapshot snapshot = lake.snapshot(MAIN);
            assertThat(snapshot.rolled()).isNotEmpty();
            try (Hold _ = World.hold(lake, snapshot)) {
                assertThat(World.rows(snapshot)).isEqualTo(world.expected(MAIN)).containsEntry("a x 1", number + ".0");
            }
        }
        assertThat(IcebergView.rows(world, OTHER)).isEqualTo(world.expected(OTHER));
    }

    /// The settings of before see a refusal, and not an empty lake.
    private static void refused(World world, String says) {
        assertThatThrownBy(() -> LakeCatalog.open(world.folder, world.settings.warehouse()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("lake.warehouse")
                .hasMessageContaining(says);
    }

    private static void refusedMove(World world, Warehouse from, Warehouse to, String says) {
        assertThatThrownBy(() -> LakeMove.run(world.folder, from, to, _ -> {}))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining(says);
    }

    private static Map<String, byte[]> bytes(Path folder) throws IOException {
        Map<String, byte[]> bytes = new HashMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString();
                if (name.endsWith(".parquet") || name.contains("metadata")) {
                    bytes.put(name, Files.readAllBytes(file));
                }
            }
        }
        return bytes;
    }

    /// What [LakeMove#removal] says.
    private static void forgetFolder(Path lake) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", LakeMove.removal(lake)).start();
        assertThat(process.waitFor()).isZero();
        assertThat(lake.resolve("catalog.db")).doesNotExist();
        assertThat(lake.resolve("main/readings")).doesNotExist();
        assertThat(lake.resolve("main/newest.bin")).exists();
    }
}
