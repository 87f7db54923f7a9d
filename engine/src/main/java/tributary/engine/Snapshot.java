package tributary.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tributary.log.AtomicFile;
import tributary.model.Disk;
import tributary.model.DiskFile;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// A small truth in a file: replaced as a whole, checked when it is read.
final class Snapshot {
    private final Disk disk;
    private final String name;

    Snapshot(Disk disk, String name) {
        this.disk = disk;
        this.name = name;
    }

    /// Durable when it returns; where it throws, the old content may or may not have been replaced.
    void write(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        ByteBuffer file = ByteBuffer.allocate(content.length + 4);
        file.put(content).putInt((int) crc.getValue()).flip();
        try {
            AtomicFile.write(disk, "", name, file);
        } catch (IOException e) {
            throw failed("writing", e);
        }
    }

    /// @return the content, or null where there is no file yet
    /// @throws PlatformException where the file is damaged
    byte @Nullable [] read() {
        try {
            if (!disk.list("").contains(name)) {
                return null;
            }
            try (DiskFile file = disk.open(name)) {
                ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.size()));
                while (content.hasRemaining() && file.read(content, content.position()) > 0) {
                    // goes on until all is there
                }
                return checked(content.flip());
            }
        } catch (IOException e) {
            throw failed("reading", e);
        }
    }

    private byte[] checked(ByteBuffer file) {
        int length = file.limit() - 4;
        CRC32C crc = new CRC32C();
        if (length >= 0) {
            crc.update(file.array(), 0, length);
        }
        if (length < 0 || file.getInt(length) != (int) crc.getValue()) {
            throw new PlatformException(Fault.DATA_DAMAGED, "%s is damaged".formatted(disk.describe(name)));
        }
        return Arrays.copyOf(file.array(), length);
    }

    private PlatformException failed(String what, IOException e) {
        return new PlatformException(
                e instanceof Disk.Full ? Fault.LOG_FULL : Fault.DISK_FAILED,
                "%s %s failed: %s".formatted(what, disk.describe(name), e.getMessage()),
                e);
    }
}
