package tributary.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/// How long the disk takes to make 4 KiB durable: no acknowledgement that waits for a flush can be quicker.
final class DiskProbe {
    private static final int BLOCK_BYTES = 4096;
    private static final int FLUSHES_MAX = 200;
    private static final long LIMIT_NANOS = 1_000_000_000L;

    private DiskProbe() {}

    /// Writes and flushes blocks one after the other into a file of its own in `folder`, and removes it.
    ///
    /// @return nanoseconds a flush
    static Histogram run(Path folder, LongSupplier clock) throws IOException {
        Histogram nanos = new Histogram(1000, 60_000_000_000L, 3);
        Path file = Files.createTempFile(folder, "bench-", ".probe");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
            long begin = clock.getAsLong();
            for (int i = 0; i < FLUSHES_MAX && clock.getAsLong() - begin < LIMIT_NANOS; i++) {
                block.clear();
                long start = clock.getAsLong();
                channel.write(block);
                channel.force(false);
                nanos.recordValue(Math.clamp(clock.getAsLong() - start, 1, 59_000_000_000L));
            }
        } finally {
            Files.delete(file);
        }
        return nanos;
    }
}
