package tributary.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Keeps a second process out of a log's folder; the system lets go of it when the process ends in any way.
record FolderLock(FileChannel channel, FileLock lock) implements AutoCloseable {
    static FolderLock take(Path folder) throws IOException {
        Path file = folder.resolve("lock");
        FileChannel channel;
        try {
            Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel = FileChannel.open(file, options, FileDisk.ownerOnly(folder, "rw-------"));
        } catch (FileSystemException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    ("the folder %s cannot be written to: %s. Give this user the right to write there, or choose"
                                    + " another data folder.")
                            .formatted(folder, e.getMessage()),
                    e);
        }
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    ("%s is in use by another process: one data folder serves one server. Stop the other one (is it"
                                    + " running already?), or give this one a folder of its own.")
                            .formatted(folder));
        }
        return new FolderLock(channel, lock);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
