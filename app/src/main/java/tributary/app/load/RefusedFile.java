package tributary.app.load;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was refused and why, as CSV beside the file that is imported; made when there is something to say.
final class RefusedFile implements AutoCloseable {
    private static final int REASONS_MAX = 20;

    private final Path file;
    private final boolean goesOn;
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private @Nullable Writer out;

    /// @param goesOn whether lines come behind those of an earlier run
    RefusedFile(Path source, boolean goesOn) {
        this.file = source.resolveSibling(source.getFileName() + ".refused.csv");
        this.goesOn = goesOn;
    }

    Path file() {
        return file;
    }

    /// @return the first reasons and how often each was given, by this run
    Map<String, Long> counts() {
        return counts;
    }

    void add(long number, String device, String reason) throws IOException {
        if (counts.containsKey(reason) || counts.size() < REASONS_MAX) {
            counts.merge(reason, 1L, Long::sum);
        }
        if (out == null) {
            boolean append = goesOn && Files.exists(file);
            out = append ? Files.newBufferedWriter(file, StandardOpenOption.APPEND) : Files.newBufferedWriter(file);
            if (!append) {
                out.write("row,device,reason\n");
            }
        }
        out.write(number + "," + quoted(device) + "," + quoted(reason) + "\n");
    }

    void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    private static String quoted(String text) {
        String safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return '"' + safe.replace("\"", "\"\"") + '"';
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
