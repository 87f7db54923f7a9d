package tributary.lake;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which files a move has copied and compared, so that one that was cut off goes on. That it is there says that
/// what is in the new place was put there by this move.
final class MoveJournal implements AutoCloseable {
    private static final String FILE = "journal";

    private final Map<String, String> copied;
    private final Writer out;

    private MoveJournal(Map<String, String> copied, Writer out) {
        this.copied = copied;
        this.out = out;
    }

    /// @return what a move said of itself when it began, or null where none is under way
    static @Nullable String begun(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return null;
        }
        List<String> lines = Files.readAllLines(file);
        return lines.isEmpty() ? "" : lines.getFirst();
    }

    /// Begins one, or goes on with it.
    ///
    /// @param what a line that says from where to where
    static MoveJournal open(Path folder, String what) throws IOException {
        Path file = folder.resolve(FILE);
        if (!what.equals(begun(folder))) {
            Path fresh = folder.resolve(FILE + ".new");
            Files.writeString(fresh, what + "\n");
            Folders.replace(fresh, file);
        }
        Map<String, String> copied = new TreeMap<>();
        String text = Files.readString(file);
        boolean cut = !text.endsWith("\n");
        List<String> lines = text.lines().toList();
        for (String line : lines.subList(1, cut ? lines.size() - 1 : lines.size())) {
            int space = line.indexOf(' ');
            if (space > 0) {
                copied.put(line.substring(space + 1), line.substring(0, space));
            }
        }
        Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        if (cut) {
            out.write("\n"); // what a killed process began to write
        }
        return new MoveJournal(copied, out);
    }

    /// @return by location in the new place: the SHA-256 of the file's bytes
    Map<String, String> copied() {
        return copied;
    }

    void add(String location, String sha256) throws IOException {
        copied.put(location, sha256);
        out.write(sha256 + " " + location + "\n");
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
