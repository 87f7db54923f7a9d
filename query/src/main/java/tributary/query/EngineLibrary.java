package tributary.query;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// The SQL engine's library as a file: unpacked once for all workers, and kept from start to start.
///
/// DuckDB's own loader unpacks 70 MB for every process that starts; one file saves that and lets workers share its
/// pages.
final class EngineLibrary {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path folder;
    private @Nullable Path checked;

    /// @param folder where the file is
    EngineLibrary(Path folder) {
        this.folder = folder;
    }

    /// Any thread.
    ///
    /// @return the file; the first time it is read and, where it is not what it was, unpacked again: a disk that
    ///         failed or a power cut may have left zeros in it, with which no worker would ever start
    synchronized Path file() {
        if (checked == null) {
            checked = unpack();
        }
        return checked;
    }

    private Path unpack() {
        String name = "/libduckdb_java.so_" + system() + "_" + processor();
        URL resource = EngineLibrary.class.getResource(name);
        if (resource == null) {
            throw new PlatformException(
                    Fault.WORKER_FAILED,
                    "there is no SQL engine for this system (" + system() + ", " + processor()
                            + "); it exists for Linux and Windows on x86-64, Linux and macOS on ARM64");
        }
        try {
            JarURLConnection connection = (JarURLConnection) resource.openConnection();
            JarEntry entry = connection.getJarEntry();
            Path file = folder.resolve("engine-%08x-%d.lib".formatted(entry.getCrc(), entry.getSize()));
            if (!Files.exists(file) || Files.size(file) != entry.getSize() || sum(file) != entry.getCrc()) {
                Path half = Files.createTempFile(folder, "engine-", ".half");
                try (InputStream in = connection.getInputStream()) {
                    Files.copy(in, half, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return file;
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "the SQL engine could not be unpacked into " + folder + ": " + e.getMessage(),
                    e);
        }
    }

    private static long sum(Path file) throws IOException {
        CRC32 sum = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(buffer) >= 0) {
                sum.update(buffer.flip());
                buffer.clear();
            }
        }
        return sum.getValue();
    }

    private static String system() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "macos" : name.startsWith("windows") ? "windows" : "linux";
    }

    private static String processor() {
        String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return name.equals("aarch64") || name.equals("arm64") ? "arm64" : "amd64";
    }
}
