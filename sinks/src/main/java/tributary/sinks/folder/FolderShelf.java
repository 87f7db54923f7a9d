package tributary.sinks.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Files below a folder. They grow in one beside them, and get their names in one step each.
///
/// @param mark tells the parts of a test from those of the sink at work
record FolderShelf(Path files, String mark) implements Shelf {
    @Override
    public Path parts() {
        return files.resolve(".parts" + mark);
    }

    @Override
    public void put(Map<String, String> moves) throws IOException {
        Set<Path> touched = new LinkedHashSet<>();
        for (Map.Entry<String, String> move : moves.entrySet()) {
            Path from = parts().resolve(move.getKey());
            if (Files.exists(from)) {
                Path to = files.resolve(move.getValue());
                Files.createDirectories(to.resolveSibling(""));
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                Path folder = to.getParent();
                while (folder != null && folder.startsWith(files)) {
                    touched.add(folder);
                    folder = folder.getParent();
                }
            }
        }
        for (Path folder : touched) {
            Commit.force(folder);
        }
    }

    @Override
    public String place() {
        return "below " + files;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
