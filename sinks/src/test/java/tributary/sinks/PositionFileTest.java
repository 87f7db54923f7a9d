package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionFileTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("position");
    }

    private PositionFile open() throws IOException {
        return PositionFile.open(file());
    }

    private void write(long... positions) throws IOException {
        try (PositionFile opened = open()) {
            for (long position : positions) {
                opened.write(position);
            }
        }
    }

    @Test
    void lastPositionIsThereAfterwards() throws IOException {
        try (PositionFile opened = open()) {
            assertThat(opened.position()).isEqualTo(-1);
        }
        write(5, 9);
        write(12);
        try (PositionFile opened = open()) {
            assertThat(opened.position()).isEqualTo(12);
            assertThat(opened.forced()).isEqualTo(12);
        }
    }

    @Test
    void writeThatIsCutOffAnywhereLeavesThePositionBefore() throws IOException {
        write(5, 9);
        byte[] before = Files.readAllBytes(file());
        write(12);
        byte[] after = Files.readAllBytes(file());
        for (int cut = 0; cut < 32; cut++) {
            // the third write goes to the second place, over the 5
            byte[] torn = before.clone();
            System.arraycopy(after, 32, torn, 32, cut);
            Files.write(file(), torn);
            try (PositionFile opened = open()) {
                assertThat(opened.position()).as("cut at %d", cut).isIn(9L, 12L);
                assertThat(opened.position() == 12).isEqualTo(Arrays.equals(torn, after));
            }
        }
    }

    @Test
    void turnedBitIsNoPosition() throws IOException {
        write(5);
        byte[] bytes = Files.readAllBytes(file());
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] turned = bytes.clone();
            turned[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file(), turned);
            try (PositionFile opened = open()) {
                assertThat(opened.position()).isIn(-1L, 5L);
                if (bit >= 256) {
                    assertThat(opened.position()).isEqualTo(-1);
                }
            }
        }
    }
}
