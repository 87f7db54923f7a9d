package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Drivers unpack their libraries, DuckDB's alone has 71 MB, into the temporary folder at every start, and a killed
/// process leaves them there. Where the system allows a mapped file to lose its name, ours lose it as soon as they are
/// loaded.
final class UnpackedLibraries {
    private static final Path MAPS = Path.of("/proc/self/maps");
    /// Of DuckDB, SQLite, Arrow and Zstandard.
    private static final List<String> NAMES = List.of("libduckdb_java", "libsqlitejdbc", "jnilib-", "libzstd-jni");

    private UnpackedLibraries() {}

    /// Takes the names from the libraries that this process has loaded so far. On systems without `/proc` the drivers
    /// themselves delete the files when the process ends in peace.
    static void forget() {
        if (!Files.isReadable(MAPS)) {
            return;
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try (Stream<String> lines = Files.lines(MAPS)) {
            List<Path> files = lines.filter(line -> NAMES.stream().anyMatch(line::contains))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .distinct()
                    .filter(file -> temporary.equals(file.getParent()))
                    .toList();
            for (Path file : files) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(Path.of(file + ".lck")); // SQLite's note that the library is in use
            }
        } catch (IOException e) {
            // the drivers try again when the process ends
        }
    }
}
