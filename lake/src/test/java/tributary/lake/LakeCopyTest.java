package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;

/// A copy of the files that the catalogue names is a lake, in another folder, for us and for others.
class LakeCopyTest {
    private static final TenantId MAIN = TenantId.MAIN;

    @TempDir
    Path temp;

    @Test
    void aCopyInAnotherFolderHasTheSameRowsAndGoesOn() throws Exception {
        World world = new World(temp.resolve("lake"), 1, 10);
        world.careAtOnce(1 << 20, false);
        for (int life = 0; life < 3; life++) {
            try (IcebergLake lake = world.open()) {
                world.send(MAIN, "a", "x 1 " + life, "x " + (2 + life) + " 1");
                world.send(MAIN, "b", "x 1 " + life, "rubbish");
                world.awaitVisible(lake);
                if (life == 1) {
                    lake.careNow();
                }
            }
        }
        Map<String, String> expected = world.expected(MAIN);
        LakeCopy.Contents contents = LakeCopy.contents(world.folder);
        Path copy = temp.resolve("copy");
        copy(world.folder, copy, world.folder.resolve("catalog.db"));
        for (Path file : contents.files()) {
            copy(world.folder, copy, file);
        }
        delete(world.folder);

        LakeCopy.moved(copy);

        assertThat(FileSum.check(copy).damaged()).isEmpty();
        assertThat(FileSum.check(copy).without()).isZero();
        LakeCopy.Contents moved = LakeCopy.contents(copy);
        assertThat(moved.rows()).isEqualTo(contents.rows()).containsKeys("main/readings", "main/messages");
        assertThat(moved.files()).hasSameSizeAs(contents.files()).allMatch(file -> file.startsWith(copy));
        assertThat(IcebergView.rows(copy, MAIN))
                .as("an engine that reads Iceberg")
                .isEqualTo(expected);
        World there = new World(copy, world.log);
        there.careAtOnce(1 << 20, false);
        try (IcebergLake lake = there.open()) {
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(expected);
            there.send(MAIN, "a", "x 1 99", "x 50 1");
            there.awaitVisible(lake);
        }
        try (IcebergLake lake = there.open()) {
            lake.careNow();
            assertThat(World.rows(lake.snapshot(MAIN)))
                    .isEqualTo(there.expected(MAIN))
                    .containsEntry("a x 1", "99.0");
            assertThat(lake.snapshot(MAIN).rolled()).isNotEmpty();
        }
        assertThat(FileSum.check(copy).damaged()).isEmpty();
        assertThat(FileSum.check(copy).without()).isZero();
    }

    private static void copy(Path from, Path to, Path file) throws IOException {
        Path place = to.resolve(from.relativize(file));
        Files.createDirectories(place.getParent());
        Files.copy(file, place);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
