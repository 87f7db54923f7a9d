package tributary.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads back the lines that [Audit] wrote, from the files that the process keeps: `audit.log`, and `audit.1.log` to
/// `audit.5.log` as they were rolled.
final class AuditTrail {
    /// Of each file, from its end: some ten thousand lines.
    private static final int FILE_BYTES_MAX = 2 << 20;

    /// The tenant stands before anything that a caller chooses, so that nobody writes lines of another one.
    private static final Pattern LINE = Pattern.compile(
            "(?<at>\\S+) action=(?<action>\\S+) status=(?<status>\\d{3}) tenant=(?<tenant>\\S+) subject=(?<subject>.*)"
                    + " target=(?<target>\\S+) peer=(?<peer>\\S+)(?: chain=[0-9a-f]{32})?");

    private final Path folder;

    /// @param action  id of the route, `addDevice`
    /// @param status  what was answered
    /// @param tenant  whose, or `-` where nobody proved who they are
    /// @param subject who asked, or `-`
    /// @param target  what it was about, `{device=pump-1}`, or `-`
    /// @param peer    address that it came from
    record Line(String at, String action, int status, String tenant, String subject, String target, String peer) {}

    AuditTrail(Path folder) {
        this.folder = folder;
    }

    /// @return at most `limit` of the lines that are visible, the newest first
    List<Line> newest(Predicate<Line> visible, int limit) {
        List<Line> found = new ArrayList<>();
        for (int file = 0; file <= AuditChain.OLD_FILES_MAX && found.size() < limit; file++) {
            Path path = AuditChain.file(folder, file);
            if (!Files.exists(path)) {
                break;
            }
            List<String> lines = end(path).lines().toList();
            for (int i = lines.size() - 1; i >= 0 && found.size() < limit; i--) {
                Matcher line = LINE.matcher(lines.get(i));
                if (line.matches()) {
                    Line read = read(line);
                    if (visible.test(read)) {
                        found.add(read);
                    }
                }
            }
        }
        return found;
    }

    private static Line read(Matcher line) {
        return new Line(
                line.group("at"),
                line.group("action"),
                Integer.parseInt(line.group("status")),
                line.group("tenant"),
                line.group("subject"),
                line.group("target"),
                line.group("peer"));
    }

    /// The first line may be cut off, and is none then.
    private static String end(Path path) {
        try (FileChannel file = FileChannel.open(path)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(FILE_BYTES_MAX, file.size()));
            long from = file.size() - bytes.capacity();
            while (bytes.hasRemaining() && file.read(bytes, from + bytes.position()) >= 0) {}
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
