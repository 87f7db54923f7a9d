package tributary.sinks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folders of sinks that are gone.
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /// A sink that is removed while the server stops may leave its folder.
    ///
    /// @param ids names of the folders below `state` that stay
    static void deleteOthers(Path state, Set<String> ids) throws IOException {
        try (Stream<Path> folders = Files.list(state)) {
            for (Path folder : folders.toList()) {
                if (!ids.contains(String.valueOf(folder.getFileName()))) {
                    delete(folder);
                }
            }
        }
    }

    /// Deletes a folder with all in it, where there is one.
    static void delete(Path folder) {
        try (Stream<Path> files = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("the folder {} of a sink that is gone could not be removed", folder, e);
        }
    }
}
