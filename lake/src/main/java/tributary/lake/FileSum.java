package tributary.lake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// A file of history carries the checksum of its bytes (CRC-32C) in its name, before `.parquet`: Parquet's own readers
/// look at no checksum, so a bit that turned on the disk would be another value, or another error message, and nobody
/// would know. Files that were written before there was one have none, and get one when they are merged.
public final class FileSum {
    private static final Pattern NAME = Pattern.compile(".*-c([0-9a-f]{8})\\.parquet");
    private static final String END = ".parquet";

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
        String name = written.getFileName().toString();
        Path named = written.resolveSibling(
                "%s-c%s%s".formatted(name.substring(0, name.length() - END.length()), of(written), END));
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

    /// Reads every file of history below a folder; files may come and go meanwhile.
    ///
    /// @param lake the folder `lake` of a data folder
    public static Checked check(Path lake) throws IOException {
        long checked = 0;
        long without = 0;
        List<String> damaged = new ArrayList<>();
        for (Path file : files(lake)) {
            try {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (!name.matches()) {
                    without++;
                } else if (of(file).equals(name.group(1))) {
                    checked++;
                } else {
                    damaged.add("%s is not as it was written: its checksum is %s".formatted(file, of(file)));
                }
            } catch (NoSuchFileException e) {
                // it was merged into another meanwhile
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
            return all.filter(file -> file.toString().endsWith(END))
                    .filter(file -> lake.relativize(file).toString().contains("/data/"))
                    .sorted()
                    .toList();
        }
    }

    private static String of(Path file) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[64 << 10];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), buffer.length)) {
            int read = in.read(buffer);
            while (read > 0) {
                sum.update(buffer, 0, read);
                read = in.read(buffer);
            }
        }
        return String.format(Locale.ROOT, "%08x", sum.getValue());
    }
}
