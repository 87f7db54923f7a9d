package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The engine's driver unpacks its library, 71 MB, into the temporary folder at every start, and a killed process
/// leaves it there. Where the system allows a mapped file to lose its name, ours loses it as soon as it is loaded.
final class DuckLibrary {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final String NAME = "libduckdb_java";

    private DuckLibrary() {}

    /// Takes the name from the library that this process has loaded. On systems without `/proc` the driver itself
    /// deletes the file when the process ends in peace.
    static void forgetUnpacked() {
        if (!Files.isReadable(MAPS)) {
            return;
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try (Stream<String> lines = Files.lines(MAPS)) {
            for (String path : lines.filter(line -> line.contains("/" + NAME))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .toList()) {
                Path file = Path.of(path);
                if (temporary.equals(file.getParent())) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            // the driver tries again when the process ends
        }
    }
}
