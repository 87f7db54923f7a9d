package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineLibraryTest {
    @TempDir
    Path folder;

    /// The power went before it was on the disk: its name and its size are there, and some of it is zeros.
    @Test
    void libraryThatIsNotWhatItWasIsUnpackedAgainAtTheNextStart() throws Exception {
        Path file = new EngineLibrary(folder).file();
        int bytes = 1 << 20;
        long at = Files.size(file) / 2;
        byte[] good = part(file, at, bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(bytes), at);
        }
        assertThat(part(file, at, bytes)).isNotEqualTo(good);

        assertThat(new EngineLibrary(folder).file()).isEqualTo(file);

        assertThat(part(file, at, bytes)).isEqualTo(good);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    private static byte[] part(Path file, long at, int bytes) throws Exception {
        ByteBuffer part = ByteBuffer.allocate(bytes);
        try (FileChannel channel = FileChannel.open(file)) {
            channel.read(part, at);
        }
        return part.array();
    }
}
