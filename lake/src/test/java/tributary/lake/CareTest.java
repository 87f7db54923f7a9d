package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// Files become fewer and sorted, old ones go, and nobody sees another row for it.
class CareTest {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final long DAY = 86_400_000_000L;

    @TempDir
    Path temp;

    @Test
    void filesOfADayBecomeOneAndLateRowsAreGone() throws Exception {
        World world = history(2);
        Map<String, String> expected = world.expected(MAIN);
        world.careAtOnce(1 << 20, false);
        try (IcebergLake lake = world.open()) {
            Snapshot before = lake.snapshot(MAIN);
            assertThat(before.readings()).hasSizeGreaterThan(4).anyMatch(Snapshot.DataFile::hasLate);
            lake.careNow();
            Snapshot after = lake.snapshot(MAIN);
            assertThat(after.readings()).as("one a day").hasSize(2).noneMatch(Snapshot.DataFile::hasLate);
            assertThat(after.side(Side.MESSAGES).files()).hasSize(1);
            assertThat(World.rows(after)).isEqualTo(expected);
            assertThat(World.rows(before))
                    .as("who took a snapshot before still reads it")
                    .isEqualTo(expected);
            assertThat(after.readings().stream()
                            .mapToLong(Snapshot.DataFile::rows)
                            .sum())
                    .isEqualTo(expected.size());
            assertSides(world, after);
            lake.careNow();
            assertThat(lake.snapshot(MAIN).readings())
                    .as("nothing is left to do")
                    .isEqualTo(after.readings());
        }
        assertThat(IcebergView.rows(world.folder, MAIN)).isEqualTo(expected);
        assertThat(IcebergView.deletes(world.folder, MAIN))
                .as("deletes that nothing needs")
                .isEmpty();
    }

    /// An erasure waits an hour for what a crash may have left; a stop is no crash.
    @Test
    void aRollUpThatIsNotCommittedLeavesNoFile() throws Exception {
        World world = history(2);
        world.careAtOnce(1 << 20, false);
        AtomicInteger stopped = new AtomicInteger();
        try (IcebergLake lake = world.open(step -> {
            if (step == Steps.Step.ROLLUP_COMMIT) {
                stopped.incrementAndGet();
                throw new PlatformException(Fault.LAKE_FAILED, "the test cuts here: " + step);
            }
        })) {
            lake.careNow();
            assertThat(stopped).hasPositiveValue();
            try (Stream<Path> files = Files.walk(world.folder)) {
                assertThat(files.filter(file -> file.toString().matches(".*rollup_.*[.]parquet")))
                        .isEmpty();
            }
        }
    }

    @Test
    void aDayIsCutIntoSortedFilesThatShareNoDevice() throws Exception {
        World world = new World(temp.resolve("lake"), 1, 10);
        for (int file = 0; file < 4; file++) {
            try (IcebergLake lake = world.open()) {
                for (int device = 0; device < 8; device++) {
                    world.send(MAIN, "d" + device, "x " + file + " " + device, "y " + file + " 1");
                }
                world.awaitVisible(lake);
            }
        }
        world.careAtOnce(2_000, false);
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            List<Snapshot.DataFile> files = new ArrayList<>(lake.snapshot(MAIN).readings());
            files.sort((a, b) -> a.minDevice().compareTo(b.minDevice()));
            assertThat(files).hasSizeGreaterThan(2);
            for (int i = 1; i < files.size(); i++) {
                assertThat(files.get(i).minDevice())
                        .isGreaterThan(files.get(i - 1).maxDevice());
            }
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
        }
    }

    @Test
    void aDayThatGotLateDataIsPutInOrderAgain() throws Exception {
        World world = history(2);
        world.careAtOnce(1 << 20, false);
        try (IcebergLake lake = world.open()) {
            lake.careNow();
        }
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 99", "x 500 1", "new 3 4");
            world.awaitVisible(lake);
        }
        try (IcebergLake lake = world.open()) {
            assertThat(lake.snapshot(MAIN).readings()).hasSize(3);
            lake.careNow();
            assertThat(lake.snapshot(MAIN).readings()).hasSize(2).noneMatch(Snapshot.DataFile::hasLate);
            assertThat(World.rows(lake.snapshot(MAIN)))
                    .isEqualTo(world.expected(MAIN))
                    .containsEntry("a x 1", "99.0");
        }
        assertThat(IcebergView.rows(world.folder, MAIN)).isEqualTo(world.expected(MAIN));
    }

    @Test
    void readersKeepReplacedFilesForTheirTimeAndThenTheyAreGone() throws Exception {
        World world = history(2);
        world.careAtOnce(1 << 20, false);
        try (IcebergLake lake = world.open()) {
            lake.careNow();
        }
        long live = lake(world).size();
        assertThat(dataFiles(world)).as("replaced files are kept").hasSizeGreaterThan((int) live);
        world.keepSnapshots(Duration.ofMillis(1));
        try (IcebergLake lake = world.open()) {
            World.await(() -> {
                try {
                    lake.careNow();
                    return dataFiles(world).size() == live;
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
        }
    }

    @Test
    void filesThatNoCommitNamesGoOnceTheyAreOld() throws Exception {
        World world = history(1);
        Path data = world.folder.resolve("main/readings/data/ts_day=1970-01-01");
        Path old = Files.writeString(data.resolve("old.parquet"), "left by a crash");
        Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() - 3_700_000));
        Path young = Files.writeString(data.resolve("young.parquet"), "on its way into a commit, for all we know");
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            assertThat(old).doesNotExist();
            assertThat(young).exists();
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
            assertThat(lake.care().orphans()).isOne();
        }
    }

    @Test
    void whatIsNewerThanARestoredCatalogueIsNoOrphan() throws Exception {
        World world = history(1);
        Path copy = temp.resolve("catalog.db");
        Files.copy(world.folder.resolve("catalog.db"), copy);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 77 1");
            world.awaitVisible(lake);
        }
        List<Path> newer = dataFiles(world);
        for (Path file : newer) {
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 100_000_000));
        }
        world.log.forget();
        restoreCatalogue(world, copy);
        for (int start = 0; start < 2; start++) {
            try (IcebergLake lake = world.open()) {
                world.send(MAIN, "a", "x " + (100 + start) + " 1");
                world.awaitVisible(lake);
                lake.careNow();
                assertThat(dataFiles(world)).containsAll(newer);
                assertThat(lake.trouble()).get().asString().contains("newer files than its catalogue");
            }
        }
    }

    /// Ends of a process in the middle of writing, and a flush that failed before the power went.
    @Test
    void metadataThatIsNotWholeStopsNothingAndIsAnOrphan() throws Exception {
        World world = history(1);
        Path metadata = world.folder.resolve("main/messages/metadata");
        byte[] whole;
        try (Stream<Path> files = Files.list(metadata)) {
            whole = Files.readAllBytes(files.filter(file -> file.toString().endsWith(".gz.metadata.json"))
                    .findFirst()
                    .orElseThrow());
        }
        Map<String, byte[]> broken = Map.of(
                "empty",
                new byte[0],
                "half",
                Arrays.copyOf(whole, whole.length / 2),
                "zeros",
                new byte[whole.length],
                "all-but-the-end",
                Arrays.copyOf(whole, whole.length - 1));
        List<Path> left = new ArrayList<>();
        for (Map.Entry<String, byte[]> one : broken.entrySet()) {
            Path file = metadata.resolve("99999-%s.gz.metadata.json".formatted(one.getKey()));
            Files.write(file, one.getValue());
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 100_000_000));
            left.add(file);
        }

        try (IcebergLake lake = world.open()) {
            lake.careNow();

            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
            assertThat(lake.trouble()).isEmpty();
            assertThat(left).allSatisfy(file -> assertThat(file).doesNotExist());
        }
    }

    @Test
    void historyStaysClosedAndWholeWhereItsCatalogueIsLost() throws Exception {
        World world = history(1);
        List<Path> files = dataFiles(world);
        for (boolean there : new boolean[] {false, true}) {
            for (String end : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(world.folder.resolve("catalog.db" + end));
            }
            if (there) {
                Files.createFile(world.folder.resolve("catalog.db"));
            }
            try (IcebergLake lake = world.open()) {
                World.await(() -> lake.trouble().isPresent());
                assertThat(lake.trouble()).get().asString().contains("the catalogue has no table");
                assertThat(lake.ready()).isFalse();
            }
            assertThat(dataFiles(world)).isEqualTo(files);
        }
    }

    @Test
    void filesOfATableThatARestoredCatalogueDoesNotNameAreNoOrphans() throws Exception {
        World world = history(1);
        TenantId other = new TenantId("other");
        Path copy = temp.resolve("catalog.db");
        Files.copy(world.folder.resolve("catalog.db"), copy);
        try (IcebergLake lake = world.open()) {
            world.send(other, "a", "x 77 1");
            world.awaitVisible(lake);
        }
        Set<Path> newer = new HashSet<>();
        try (Stream<Path> files = Files.walk(world.folder.resolve("other"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 100_000_000));
                newer.add(file);
            }
        }
        world.log.forget();
        restoreCatalogue(world, copy);
        for (int start = 0; start < 2; start++) {
            try (IcebergLake lake = world.open()) {
                world.send(other, "a", "x " + (100 + start) + " 1");
                world.awaitVisible(lake);
            }
            try (IcebergLake lake = world.open()) {
                lake.careNow();
                assertThat(newer).allSatisfy(file -> assertThat(file).exists());
                assertThat(lake.trouble()).get().asString().contains("newer files than its catalogue");
            }
        }
    }

    @Test
    void rowsGoWhenTheirTimeIsOverTableByTableAndTenantByTenant() throws Exception {
        World world = history(1);
        TenantId other = new TenantId("other");
        try (IcebergLake lake = world.open()) {
            world.send(other, "a", "x 1 1");
            world.awaitVisible(lake);
        }
        world.careAtOnce(1 << 20, false);
        world.keep(
                new Retention(
                        Map.of("messages", Duration.ofDays(36_500), "readings", Duration.ofDays(36_500)),
                        Map.of("other/readings", Duration.ofDays(30))),
                0);
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
            assertThat(lake.snapshot(other).readings()).isEmpty();
            assertThat(lake.snapshot(other).side(Side.MESSAGES).files()).isNotEmpty();
            assertThat(lake.care().removedFiles()).isOne();
        }
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            assertThat(lake.snapshot(other).readings())
                    .as("they do not come again")
                    .isEmpty();
        }
    }

    @Test
    void aFullDiskCostsOldMessagesFirstAndSaysSoBefore() throws Exception {
        World world = history(1);
        long live;
        try (IcebergLake lake = world.open()) {
            lake.snapshot(MAIN); // which waits until the tables are read
            live = lake.stats().bytes();
        }
        world.keep(new Retention(Map.of(), Map.of()), 10 * live);
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            assertThat(lake.care().diskBytes()).isPositive();
            assertThat(lake.snapshot(MAIN).side(Side.MESSAGES).files()).isNotEmpty();
        }
        world.keep(new Retention(Map.of(), Map.of()), live);
        try (IcebergLake lake = world.open()) {
            lake.careNow();
            assertThat(lake.snapshot(MAIN).side(Side.MESSAGES).files()).isEmpty();
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
            assertThat(lake.trouble()).get().asString().contains("lake.disk-max");
        }
    }

    /// The disk is taken as it is before each step of care, as a kill would leave it, and a lake begins with that.
    @Test
    void aKillAtAnyStepOfCareLosesAndDoublesNothing() throws Exception {
        World world = history(1);
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ofMillis(1));
        Path good = temp.resolve("good");
        Path killed = temp.resolve("killed");
        copy(world.folder, good);
        Set<Steps.Step> tried = new HashSet<>();
        int step = 0;
        boolean more = true;
        while (more) {
            step++;
            delete(world.folder);
            copy(good, world.folder);
            delete(killed);
            AtomicInteger left = new AtomicInteger(step);
            IcebergLake cared = world.open(now -> {
                if (left.decrementAndGet() == 0) {
                    tried.add(now);
                    copy(world.folder, killed);
                }
            });
            cared.careNow();
            cared.careNow();
            cared.abandon();
            more = left.get() <= 0;
            if (more) {
                delete(world.folder);
                copy(killed, world.folder);
                checkAfterKill(world, "killed at step " + step + " of care");
            }
        }
        assertThat(tried)
                .contains(
                        Steps.Step.MERGE_WRITE,
                        Steps.Step.MERGE_JOIN,
                        Steps.Step.MERGE_COMMIT,
                        Steps.Step.MERGE_SHOW,
                        Steps.Step.EXPIRE);
    }

    private static void checkAfterKill(World world, String when) throws Exception {
        try (IcebergLake lake = world.open()) {
            assertThat(World.rows(lake.snapshot(MAIN))).as(when).isEqualTo(world.expected(MAIN));
            assertSides(world, lake.snapshot(MAIN));
            lake.careNow();
            assertThat(World.rows(lake.snapshot(MAIN))).as(when).isEqualTo(world.expected(MAIN));
            assertSides(world, lake.snapshot(MAIN));
        }
        assertThat(IcebergView.rows(world.folder, MAIN)).as(when).isEqualTo(world.expected(MAIN));
    }

    private static void assertSides(World world, Snapshot snapshot) {
        assertThat(SideContents.of(snapshot, Side.MESSAGES).stream()
                        .map(row -> row.get("device") + " " + row.get("received") + " " + row.get("payload"))
                        .sorted()
                        .toList())
                .isEqualTo(world.messages(MAIN));
    }

    /// Days in files of several lives of the lake, with rows that replace others.
    private World history(int days) {
        World world = new World(temp.resolve("lake"), 2, 10);
        for (int life = 0; life < 3; life++) {
            try (IcebergLake lake = world.open()) {
                for (String device : List.of("a", "b", "c")) {
                    long last = (days - 1) * DAY + life;
                    world.send(MAIN, device, "x 1 " + life, "x " + (2 + life) + " 1", "y " + last + " \"t\"");
                    world.send(MAIN, device, "x 2 " + life);
                }
                world.awaitVisible(lake);
            }
        }
        return world;
    }

    private static List<Snapshot.DataFile> lake(World world) {
        try (IcebergLake lake = world.open()) {
            return lake.snapshot(MAIN).readings();
        }
    }

    private static void restoreCatalogue(World world, Path copy) throws IOException {
        Files.copy(copy, world.folder.resolve("catalog.db"), StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(world.folder.resolve("catalog.db-wal"));
        Files.deleteIfExists(world.folder.resolve("catalog.db-shm"));
    }

    private static List<Path> dataFiles(World world) throws IOException {
        try (Stream<Path> files = Files.walk(world.folder.resolve("main/readings/data"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failed) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
