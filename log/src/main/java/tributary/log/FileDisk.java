package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tributary.model.Disk;
import tributary.model.DiskFile;

/// A folder of the real file system. Folders are made with rights 0700, files with 0600.
public final class FileDisk implements Disk {
    private final Path root;
    private final boolean posix;

    /// @param root the folder; [#makeFolder] with "" makes it
    public FileDisk(Path root) {
        this.root = root;
        this.posix = posix(root);
    }

    @Override
    public List<String> list(String folder) throws IOException {
        try (Stream<Path> paths = Files.list(root.resolve(folder))) {
            return paths.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public void makeFolder(String folder) throws IOException {
        try {
            Files.createDirectories(root.resolve(folder), rights("rwx------"));
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(e.getFile(), e.getOtherFile(), "no right to make this folder");
        }
    }

    @Override
    public DiskFile create(String path) throws IOException {
        return channel(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public DiskFile open(String path) throws IOException {
        return channel(path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(root.resolve(path));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                root.resolve(from),
                root.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void forceFolder(String folder) throws IOException {
        if (posix) {
            try (FileChannel channel = FileChannel.open(root.resolve(folder), StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public String describe(String path) {
        return root.resolve(path).toString();
    }

    private DiskFile channel(String path, Set<? extends OpenOption> options) throws IOException {
        try {
            return new ChannelFile(FileChannel.open(root.resolve(path), options, rights("rw-------")));
        } catch (FileSystemException e) {
            throw full(e);
        }
    }

    private FileAttribute<?>[] rights(String text) {
        return ownerOnly(root, text);
    }

    /// @return the rights to make something below `folder` with, where its file system knows such rights
    static FileAttribute<?>[] ownerOnly(Path folder, String text) {
        return posix(folder)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))}
                : new FileAttribute<?>[0];
    }

    private static boolean posix(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /// The JDK tells a full disk only by the system's own words.
    private static IOException full(IOException e) {
        String text = String.valueOf(e.getMessage());
        boolean isFull = text.contains("No space left")
                || text.contains("quota exceeded")
                || text.contains("not enough space")
                || text.contains("File too large");
        return isFull ? new Disk.Full(text) : e;
    }

    private record ChannelFile(FileChannel channel) implements DiskFile {
        @Override
        public void write(ByteBuffer bytes, long offset) throws IOException {
            try {
                long at = offset;
                while (bytes.hasRemaining()) {
                    at += channel.write(bytes, at);
                }
            } catch (IOException e) {
                throw full(e);
            }
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return channel.read(into, offset);
        }

        @Override
        public void force() throws IOException {
            try {
                channel.force(false);
            } catch (IOException e) {
                throw full(e);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
