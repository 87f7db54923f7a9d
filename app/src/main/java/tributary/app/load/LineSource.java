package tributary.app.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads files of line protocol. A line is of the device that its tag says, or all are of one.
final class LineSource implements Source {
    private static final List<String> TAGS = List.of("device", "host");

    private final InputFile file;
    private final BufferedReader in;
    private final @Nullable String device;
    private final List<String> tags;
    private long number;

    /// @param device whose lines all are, or null
    /// @param tag    the tag that names the device, or null for `device`, else `host`
    LineSource(Path path, @Nullable String device, @Nullable String tag) throws IOException {
        this.file = new InputFile(path);
        this.in = new BufferedReader(new InputStreamReader(file.in(), StandardCharsets.UTF_8));
        this.device = device;
        this.tags = tag == null ? TAGS : List.of(tag);
    }

    @Override
    public @Nullable Item next() throws IOException {
        String line = in.readLine();
        if (line == null) {
            return null;
        }
        number++;
        if (line.isBlank() || line.startsWith("#")) {
            return new Item.Nothing(number);
        }
        if (device != null) {
            return new Item.Line(number, device, line);
        }
        int end = unescaped(line, 0, line.length(), ' ');
        for (String tag : tags) {
            int at = unescaped(line, 0, end, ',');
            while (at < end) {
                int next = unescaped(line, at + 1, end, ',');
                if (line.startsWith(tag + "=", at + 1)) {
                    String name = line.substring(at + tag.length() + 2, next);
                    // the name as a tag is left out of the sensor's path only where the tag is one that is known
                    String plain = TAGS.contains(tag) ? line : line.substring(0, at) + line.substring(next);
                    return new Item.Line(number, name, plain);
                }
                at = next;
            }
        }
        return new Item.Refused(
                number, "", "there is no tag " + String.join(" or ", tags) + "; say --device or --device-tag");
    }

    private static int unescaped(String line, int from, int to, char wanted) {
        int at = from;
        while (at < to && line.charAt(at) != wanted) {
            at += line.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at, to);
    }

    @Override
    public double done() {
        return file.done();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
