package tributary.query;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tributary.lake.Hold;

/// Files as in a bucket: elsewhere, and in their place only while they are held.
final class FarFiles {
    final List<Path> fetched = new ArrayList<>();
    long bytesMax = Long.MAX_VALUE;
    private final Path folder;
    private final Map<Path, Path> far = new HashMap<>();
    private final Map<Path, Integer> held = new HashMap<>();

    FarFiles(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /// Takes a file away.
    synchronized void take(Path file) throws IOException {
        Path there = folder.resolve(far.size() + ".parquet");
        Files.move(file, there);
        far.put(file, there);
    }

    synchronized Hold hold(Collection<Path> files) throws IOException {
        for (Path file : files) {
            if (held.merge(file, 1, Integer::sum) == 1) {
                Files.copy(far.get(file), file);
                fetched.add(file);
            }
        }
        return () -> release(files);
    }

    private synchronized void release(Collection<Path> files) {
        try {
            for (Path file : files) {
                if (held.merge(file, -1, Integer::sum) == 0) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @return how many are in their place
    synchronized long here() {
        return held.values().stream().filter(count -> count > 0).count();
    }
}
