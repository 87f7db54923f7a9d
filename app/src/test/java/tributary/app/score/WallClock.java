package tributary.app.score;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/// Sets the wall clock of a server, `native/clock.c` in its process.
final class WallClock {
    private final Path library;
    private final Path file;
    private final MappedByteBuffer offset;

    /// @param work a folder for what is compiled
    WallClock(Path work) throws IOException, InterruptedException {
        library = NativeLibrary.compile("clock", work);
        file = work.resolve("clock.control");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(Long.BYTES), 0);
            offset = channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
            offset.order(ByteOrder.nativeOrder());
        }
    }

    /// What the server's process is started with.
    Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "CLOCK_CONTROL", file.toString());
    }

    /// From now on it is off by so much.
    void off(Duration by) {
        offset.putLong(0, by.toNanos());
    }
}
