package tributary.sinks.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which parts become which files, and up to which position the sink has then delivered: written whole before the
/// first file gets its name, so that all of them get it, whatever happens in between. What carries it out is a [Shelf].
///
/// @param end   everything before it is in files
/// @param moves from a name in the folder of parts to a path on the shelf
record Commit(long end, Map<String, String> moves) {
    private static final String FIRST_LINE = "end\t";

    Commit {
        moves = new LinkedHashMap<>(moves);
    }

    /// @return what was committed last; `end` is 0 where nothing was
    static Commit read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new Commit(0, Map.of());
        }
        List<String> lines = Files.readAllLines(file);
        Map<String, String> moves = new LinkedHashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] move = line.split("\t", 2);
            moves.put(move[0], move[1]);
        }
        return new Commit(Long.parseLong(lines.getFirst().substring(FIRST_LINE.length())), moves);
    }

    /// Durable when it returns.
    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder(FIRST_LINE).append(end).append('\n');
        moves.forEach((from, to) -> text.append(from).append('\t').append(to).append('\n'));
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(draft, text, StandardCharsets.UTF_8);
        force(draft);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(draft.resolveSibling(""));
    }

    static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
