package tributary.app.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import tributary.app.backup.FolderVersion;
import tributary.app.backup.Restore;
import tributary.log.AtomicFile;
import tributary.log.FileDisk;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// The one folder that holds everything, closed to other users and used by one process at a time.
public final class DataFolder implements AutoCloseable {
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path path;
    private final boolean fresh;
    private final FileChannel lock;

    private DataFolder(Path path, boolean fresh, FileChannel lock) {
        this.path = path;
        this.fresh = fresh;
        this.lock = lock;
    }

    /// Makes the folder where it is missing and takes it for this process.
    ///
    /// @throws PlatformException with `DATA_FOLDER` where that cannot be
    public static DataFolder open(Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    path + " is not a folder, so no data can be kept in it.\n  --data DIR      names another place");
        }
        if (Files.exists(path.resolve(Restore.UNFINISHED))) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    path + " was being restored and is not whole.\n  Delete it and run 'tributary restore' again.");
        }
        FolderVersion found = FolderVersion.of(path, Version.TEXT);
        try {
            boolean fresh = !Files.exists(path.resolve("registry.db"));
            Files.createDirectories(path);
            close(path, "rwx------");
            FileChannel channel =
                    FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            close(path.resolve("lock"), "rw-------");
            Files.createDirectories(path.resolve("tmp"));
            close(path.resolve("tmp"), "rwx------");
            if (lock(channel) == null) {
                channel.close();
                throw new PlatformException(
                        Fault.DATA_FOLDER,
                        "the data folder " + path + " is in use by another process.\n"
                                + "  tributary status --data " + path
                                + "      shows that server; --data DIR starts one on another folder");
            }
            return new DataFolder(path.toRealPath(), fresh, channel).versioned(found);
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "the data folder " + path + " cannot be used: " + why(e) + ", or name another with --data DIR.",
                    e);
        }
    }

    /// @return what is wrong, and behind a line's end what to do about it
    private static String why(IOException e) {
        String reason = e instanceof FileSystemException known ? known.getReason() : null;
        if (reason != null && reason.contains("Read-only")) {
            return "its file system is mounted read-only.\n  Mount it for writing";
        }
        if (e instanceof AccessDeniedException || reason != null && reason.contains("not permitted")) {
            return "user %s may not write there.\n  Give it to that user".formatted(System.getProperty("user.name"));
        }
        return (reason == null ? e.toString() : reason) + ".\n  Give it to the user that runs this";
    }

    private DataFolder versioned(FolderVersion found) {
        if (!found.equals(new FolderVersion(FolderVersion.FORMAT, Version.TEXT))) {
            write(FolderVersion.FILE, FolderVersion.text(Version.TEXT));
        }
        return this;
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /// @return it, without links
    public Path path() {
        return path;
    }

    /// @return whether nothing had been kept here before
    boolean fresh() {
        return fresh;
    }

    /// Writes a small file that only this user can read, whole or not at all, whatever happens to the power.
    void write(String name, String text) {
        try {
            AtomicFile.write(new FileDisk(path), "", name, StandardCharsets.UTF_8.encode(text));
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, "cannot write " + path.resolve(name) + ": " + e, e);
        }
    }

    /// Makes the names of what the stations made in here durable; called before anything is promised to anybody.
    void flush() {
        try {
            new FileDisk(path).forceFolder("");
            Path above = path.getParent();
            if (above != null && Files.isReadable(above)) {
                new FileDisk(above).forceFolder("");
            }
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, "cannot flush the folder " + path + ": " + e, e);
        }
    }

    private static void close(Path file, String mode) throws IOException {
        if (POSIX) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path.resolve("server.json"));
        lock.close();
    }
}
