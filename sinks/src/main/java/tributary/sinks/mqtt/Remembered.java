package tributary.sinks.mqtt;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.TreeSet;

/// Which filters a session at the other broker has, so that those of an older definition are taken back.
record Remembered(Path file) {
    Set<String> read() throws IOException {
        return Files.exists(file) ? Set.copyOf(Files.readAllLines(file)) : Set.of();
    }

    /// Filters have no line breaks: topics with control characters are refused in definitions.
    @SafeVarargs
    final void write(Set<String>... filters) throws IOException {
        Set<String> all = new TreeSet<>();
        for (Set<String> some : filters) {
            all.addAll(some);
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, all);
        force(fresh);
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        force(fresh.resolveSibling(""));
    }

    /// Without it a power cut could leave an empty file: filters that were taken out of the definition would be heard
    /// for as long as the session over there lives.
    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }
}
