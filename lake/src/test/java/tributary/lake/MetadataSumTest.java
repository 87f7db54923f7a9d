package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;

/// A bit that turned in a file which says what a table has is found, and so is one in the rows themselves.
class MetadataSumTest {
    private static final TenantId MAIN = TenantId.MAIN;

    @TempDir
    Path folder;

    private World world;

    /// Three commits, late rows and a merge.
    @BeforeEach
    void fill() throws Exception {
        world = new World(folder, 1, 10);
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
    }

    @Test
    void everyFileThatTheCatalogueNamesIsLookedAt() throws Exception {
        Set<Path> files = LakeCopy.contents(folder).files();
        assertThat(FileSum.check(folder).damaged()).isEmpty();
        assertThat(FileSum.check(folder).without()).isZero();
        assertThat(files).extracting(Path::toString).anyMatch(file -> file.endsWith(".gz.metadata.json"));
        SplittableRandom random = new SplittableRandom(7);

        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            int bit = random.nextInt(bytes.length * 8);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);

            assertThat(FileSum.check(folder).damaged())
                    .as("bit %d of %s", bit, file)
                    .singleElement()
                    .asString()
                    .contains(file.toString());

            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);
        }
        assertThat(FileSum.check(folder).damaged()).isEmpty();
    }

    @Test
    void damagedMetadataIsToldAsSuchAndWhatWasWrittenBeforeSumsIsCounted() throws Exception {
        Path manifest = LakeCopy.contents(folder).files().stream()
                .filter(file -> file.toString().endsWith(".avro"))
                .findFirst()
                .orElseThrow();
        Files.writeString(manifest.resolveSibling("old-m0.avro"), "as it was before there were checksums");
        Files.writeString(manifest, "nothing");

        FileSum.Checked found = FileSum.check(folder);

        assertThat(found.without()).isOne();
        assertThat(found.damaged())
                .singleElement()
                .asString()
                .contains("not as it was written")
                .contains("which files a table has");
    }
}
