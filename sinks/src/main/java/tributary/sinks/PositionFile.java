package tributary.sinks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// Where a sink is: everything before the position is with its receiver.
///
/// Two places of 32 bytes in turn, each with a number and a checksum, so that a write that is cut off leaves the one
/// before. Every position is written at once, which is enough for a process that is killed; it is forced to the disk
/// by [#force], and what a power cut takes is delivered a second time.
final class PositionFile implements AutoCloseable {
    private static final int PLACE_BYTES = 32;
    private static final int CONTENT_BYTES = 24;
    private static final long MAGIC = 0x5452_4942_504f_5331L;

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(PLACE_BYTES);
    private long number;
    // written by the delivery's thread, read by whoever asks for figures
    private volatile long position = -1;
    private volatile long forced = -1;

    private PositionFile(FileChannel channel) {
        this.channel = channel;
    }

    /// Opens the file, and makes it where it is missing; then there is no position yet.
    static PositionFile open(Path file) throws IOException {
        PositionFile opened = new PositionFile(
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        for (int place = 0; place < 2; place++) {
            opened.read(place);
        }
        opened.forced = opened.position;
        return opened;
    }

    private void read(int place) throws IOException {
        buffer.clear();
        channel.read(buffer, (long) place * PLACE_BYTES);
        if (buffer.position() < PLACE_BYTES) {
            return;
        }
        long magic = buffer.getLong(0);
        long count = buffer.getLong(8);
        if (magic == MAGIC && buffer.getLong(CONTENT_BYTES) == checksum() && count > number) {
            number = count;
            position = buffer.getLong(16);
        }
    }

    /// @return the position, or -1 where none was ever written
    long position() {
        return position;
    }

    /// @return the position that a power cut leaves at least
    long forced() {
        return forced;
    }

    void write(long next) throws IOException {
        if (next == position) {
            return;
        }
        buffer.clear();
        buffer.putLong(MAGIC).putLong(number + 1).putLong(next);
        buffer.putLong(checksum());
        buffer.flip();
        long at = ((number + 1) & 1) * PLACE_BYTES;
        while (buffer.hasRemaining()) {
            channel.write(buffer, at + buffer.position());
        }
        number++;
        position = next;
    }

    void force() throws IOException {
        if (forced != position) {
            // no times of the file: they would make the file system's journal, and so everybody's writes, wait
            channel.force(false);
            forced = position;
        }
    }

    private long checksum() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.array(), 0, CONTENT_BYTES);
        return crc.getValue();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            force();
        }
    }
}
