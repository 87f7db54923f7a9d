package tributary.api;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Each line of the audit log ends with a digest of itself and of the digest before it, so that a line that is changed,
/// taken out or put in between can be told: by whoever has one later digest from another place, for certain; without,
/// as long as nobody computed all later ones anew.
public final class AuditChain {
    /// What stands before the first line.
    public static final String BEGIN = "0".repeat(32);

    /// Beside the one that is written: `audit.1.log` is the youngest of them.
    public static final int OLD_FILES_MAX = 5;

    private static final int LINE_BYTES_MAX = 16 << 10;
    private static final Pattern LINKED = Pattern.compile("(?<line>.*) chain=(?<chain>[0-9a-f]{32})");

    private AuditChain() {}

    /// @param lines  lines with a digest
    /// @param breaks where the chain does not hold, in words, in order
    /// @param last   the newest digest, to keep elsewhere; [#BEGIN] where there is none
    public record Checked(long lines, List<String> breaks, String last) {}

    /// @param before the digest of the line before
    /// @return the line with its own digest, without an end of line
    public static String link(String before, String line) {
        return line + " chain=" + digest(before, line);
    }

    private static String digest(String before, String line) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(before.getBytes(StandardCharsets.US_ASCII));
            byte[] whole = sha.digest(line.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(whole, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Where the next line goes on. A line that a power cut left unfinished gets its end, and is a break of the chain.
    ///
    /// @param folder the data folder
    /// @return the newest digest there, or [#BEGIN]
    public static String resume(Path folder) throws IOException {
        Path newest = file(folder, 0);
        if (Files.exists(newest)) {
            try (RandomAccessFile file = new RandomAccessFile(newest.toFile(), "rw")) {
                if (file.length() > 0) {
                    file.seek(file.length() - 1);
                    if (file.read() != '\n') {
                        file.write('\n');
                    }
                }
            }
        }
        for (int number = 0; number <= OLD_FILES_MAX; number++) {
            Path path = file(folder, number);
            String found = Files.exists(path) ? last(path) : null;
            if (found != null) {
                return found;
            }
        }
        return BEGIN;
    }

    private static @Nullable String last(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] end = new byte[(int) Math.min(LINE_BYTES_MAX, file.length())];
            file.seek(file.length() - end.length);
            file.readFully(end);
            return new String(end, StandardCharsets.UTF_8)
                    .lines()
                    .map(LINKED::matcher)
                    .filter(Matcher::matches)
                    .reduce((_, later) -> later)
                    .map(line -> line.group("chain"))
                    .orElse(null);
        }
    }

    /// Reads all that is kept, oldest first. Lines before the first digest are of an older version, and are not judged.
    ///
    /// @param folder the data folder
    public static Checked check(Path folder) throws IOException {
        long lines = 0;
        List<String> breaks = new ArrayList<>();
        String before = null;
        for (int number = OLD_FILES_MAX; number >= 0; number--) {
            Path path = file(folder, number);
            if (!Files.exists(path)) {
                continue;
            }
            int count = 0;
            for (String text : Files.readAllLines(path)) {
                count++;
                Matcher line = LINKED.matcher(text);
                if (!line.matches()) {
                    if (before != null) {
                        breaks.add("line %d of %s has no digest".formatted(count, path.getFileName()));
                    }
                    continue;
                }
                lines++;
                String chain = line.group("chain");
                if (before != null && !chain.equals(digest(before, line.group("line")))) {
                    breaks.add(
                            "line %d of %s does not follow from the line before".formatted(count, path.getFileName()));
                }
                before = chain;
            }
        }
        return new Checked(lines, breaks, before == null ? BEGIN : before);
    }

    /// @param number 0 for the one that is written, up to [#OLD_FILES_MAX] for the oldest
    static Path file(Path folder, int number) {
        return folder.resolve(number == 0 ? "audit.log" : "audit." + number + ".log");
    }
}
