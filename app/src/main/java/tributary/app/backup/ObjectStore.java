package tributary.app.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;

/// Files by the SHA-256 of their bytes: what is there already is not written again, and what is there is
/// whole.
final class ObjectStore {
    private static final int BLOCK = 1 << 20;
    /// A file that grows is read in steps of what the system reads at once.
    private static final int PAGE = 4_096;
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path folder;
    private final Path draft;

    /// @param backup the folder of backups, made where it is missing
    ObjectStore(Path backup) throws IOException {
        this.folder = backup.resolve("objects");
        this.draft = backup.resolve("draft");
        closed(backup);
        closed(folder);
    }

    /// Makes a folder that only this user can look into: keys and everything that devices sent will be in it.
    static void closed(Path path) throws IOException {
        Files.createDirectories(path);
        if (POSIX) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /// Stores a file that does not change.
    ///
    /// @return its name
    String put(Path file) throws IOException {
        String name = sha256(file);
        if (!Files.exists(path(name))) {
            Files.copy(file, draft, StandardCopyOption.REPLACE_EXISTING);
            return keep();
        }
        return name;
    }

    /// Stores a file that is written at its end meanwhile, from its end to its beginning: what was not
    /// written yet when its place was read has nothing behind it either, so what is stored is how the file
    /// was at one moment.
    String putGrowing(Path file) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(PAGE);
            for (long at = (in.size() - 1) / PAGE * PAGE; at >= 0; at -= PAGE) {
                page.clear();
                while (page.hasRemaining() && in.read(page, at + page.position()) > 0) {
                    // until the page is full, or the file ends
                }
                page.flip();
                while (page.hasRemaining()) {
                    out.write(page, at + page.position());
                }
            }
        }
        return keep();
    }

    private String keep() throws IOException {
        String name = sha256(draft);
        Path home = path(name);
        if (Files.exists(home)) {
            Files.delete(draft);
            return name;
        }
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        closed(drawer(name));
        Files.move(draft, home, StandardCopyOption.ATOMIC_MOVE);
        return name;
    }

    /// Puts the bytes to a place, where they must be what their name says.
    void get(String name, Path to) throws IOException {
        if (!Files.exists(path(name))) {
            throw new IOException("the backup lacks " + path(name));
        }
        Files.createDirectories(to.getParent());
        Files.copy(path(name), to);
        if (POSIX) {
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
        }
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        if (!sha256(to).equals(name)) {
            throw new IOException(path(name) + " is damaged: its checksum is another");
        }
    }

    boolean has(String name) {
        return Files.exists(path(name));
    }

    /// Deletes what is not in `named`.
    void retain(Set<String> named) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!named.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
    }

    Path path(String name) {
        return drawer(name).resolve(name);
    }

    private Path drawer(String name) {
        return folder.resolve(name.substring(0, 2));
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[BLOCK];
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                digest.update(block, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
