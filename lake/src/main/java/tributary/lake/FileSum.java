package tributary.lake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A file of history carries the checksum of its bytes (CRC-32C) in its name, before `.parquet`: Parquet's own readers
/// look at no checksum, so a bit that turned on the disk would be another value, or another error message, and nobody
/// would know. So do Iceberg's files, which say what a table has: `.avro`, `.gz.metadata.json`. Files that were written
/// before there was one have none, and get one when they are merged or replaced.
///
/// A lake that was moved or restored has metadata with other bytes under the old names; what sums those have is in
/// [#MOVED] of its folder.
public final class FileSum {
    private static final Pattern NAME =
            Pattern.compile(".*-c([0-9a-f]{8})(?:\\.parquet|\\.avro|(?:\\.gz)?\\.metadata\\.json)");
    private static final String END = ".parquet";
    private static final List<String> METADATA_ENDS = List.of(".avro", ".gz.metadata.json", ".metadata.json");

    /// Lines of a sum, a blank and a file below the lake's folder.
    private static final String MOVED = "moved.sums";

    private static final int DIGITS = 8;
    private static final String SAYS = "; it says which files a table has, and the rows themselves are in others";

    private FileSum() {}

    /// What a look at all files found.
    ///
    /// @param checked how many files have a checksum and are as they were written
    /// @param without how many have none
    /// @param damaged sentences about those that are not as they were written
    public record Checked(long checked, long without, List<String> damaged) {}

    /// Gives a file that was just written its name, and makes it permanent; where that fails neither is left.
    ///
    /// @return the file by its name
    static Path keep(LakeStore store, Path written) throws IOException {
        Path named = named(written, sum(written));
        boolean kept = false;
        try {
            Files.move(written, named, StandardCopyOption.ATOMIC_MOVE);
            store.keep(named);
            kept = true;
            return named;
        } finally {
            if (!kept) {
                Files.deleteIfExists(written);
                Files.deleteIfExists(named);
            }
        }
    }

    /// @return what a file is called that has the sum
    static Path named(Path written, long sum) {
        String name = written.getFileName().toString();
        String end = Stream.concat(Stream.of(END), METADATA_ENDS.stream())
                .filter(name::endsWith)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not a file of history: " + written));
        return written.resolveSibling(
                "%s-c%s%s".formatted(name.substring(0, name.length() - end.length()), hex(sum), end));
    }

    /// Keeps the sums of files that were written under names which say nothing of them, or something old.
    static void moved(Path lake, Collection<Path> files) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Path file : files) {
            Path below = lake.toAbsolutePath()
                    .normalize()
                    .relativize(file.toAbsolutePath().normalize());
            lines.append(hex(sum(file))).append(' ').append(below).append('\n');
        }
        Path fresh = lake.resolve(MOVED + ".new");
        Files.writeString(fresh, lines);
        Folders.replace(fresh, lake.resolve(MOVED));
    }

    private static Map<Path, String> moved(Path lake) throws IOException {
        Path file = lake.resolve(MOVED);
        if (!Files.exists(file)) {
            return Map.of();
        }
        Map<Path, String> sums = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            if (line.length() > DIGITS) {
                sums.put(lake.resolve(line.substring(DIGITS + 1)), line.substring(0, DIGITS));
            }
        }
        return sums;
    }

    /// Reads every file of history below a folder, and Iceberg's files that say what belongs to it; files may come and
    /// go meanwhile.
    ///
    /// @param lake the folder `lake` of a data folder
    public static Checked check(Path lake) throws IOException {
        long checked = 0;
        long without = 0;
        List<String> damaged = new ArrayList<>();
        Map<Path, String> moved = moved(lake);
        for (Path file : files(lake)) {
            try {
                Matcher name = NAME.matcher(file.getFileName().toString());
                @Nullable String known = moved.getOrDefault(file, name.matches() ? name.group(1) : null);
                String now = hex(sum(file));
                if (known == null) {
                    without++;
                } else if (now.equals(known)) {
                    checked++;
                } else {
                    damaged.add("%s is not as it was written: its checksum is %s%s"
                            .formatted(file, now, file.toString().endsWith(END) ? "" : SAYS));
                }
            } catch (NoSuchFileException e) {
                // it was merged into another meanwhile, or replaced
            } catch (IOException e) {
                damaged.add("%s cannot be read: %s".formatted(file, e.getMessage()));
            }
        }
        return new Checked(checked, without, damaged);
    }

    private static List<Path> files(Path lake) throws IOException {
        if (!Files.isDirectory(lake)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(lake)) {
            return all.filter(file -> {
                        String below = lake.relativize(file).toString();
                        return below.contains("/data/") && below.endsWith(END)
                                || below.contains("/metadata/")
                                        && METADATA_ENDS.stream().anyMatch(below::endsWith);
                    })
                    .sorted()
                    .toList();
        }
    }

    private static long sum(Path file) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[64 << 10];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), buffer.length)) {
            int read = in.read(buffer);
            while (read > 0) {
                sum.update(buffer, 0, read);
                read = in.read(buffer);
            }
        }
        return sum.getValue();
    }

    private static String hex(long sum) {
        return String.format(Locale.ROOT, "%08x", sum);
    }
}
