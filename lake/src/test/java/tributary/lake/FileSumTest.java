package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file of history that is not as it was written is found, by its name.
class FileSumTest {
    private static final int BYTES = 40;

    @TempDir
    Path lake;

    private Path day;

    @BeforeEach
    void makeDay() throws IOException {
        day = Files.createDirectories(lake.resolve("main/readings/data/ts_day=2026-11-28"));
    }

    @Test
    void everyTurnedBitAndEveryMissingEndIsFound() throws IOException {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(1).nextBytes(bytes);
        Path file = FileSum.keep(new FolderStore(lake), Files.write(day.resolve("one.parquet"), bytes));
        assertThat(FileSum.check(lake)).isEqualTo(new FileSum.Checked(1, 0, List.of()));

        for (int bit = 0; bit < BYTES * 8; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);
            assertThat(FileSum.check(lake).damaged()).singleElement().asString().contains(file.toString());
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
        for (int end = 0; end < BYTES; end++) {
            Files.write(file, Arrays.copyOf(bytes, end));
            assertThat(FileSum.check(lake).damaged()).hasSize(1);
        }
    }

    @Test
    void fileFromBeforeThereWereChecksumsIsCountedAsSuch() throws IOException {
        Files.writeString(day.resolve("3f2a.parquet"), "old");

        assertThat(FileSum.check(lake).without()).isEqualTo(1);
    }

    @Test
    void folderThatIsNotThereHasNothingDamaged() throws IOException {
        assertThat(FileSum.check(lake.resolve("none")).damaged()).isEmpty();
    }
}
