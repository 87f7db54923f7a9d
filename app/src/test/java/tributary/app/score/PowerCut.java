package tributary.app.score;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Takes back what a power cut may take of what a killed process did to the files of a folder and had not flushed.
///
/// Of each file all that was not flushed is gone, or the last of it, or some sectors, a few of them in the
/// middle; or it is all there. Names that were made, replaced or removed in a folder that was not flushed are
/// as before from some moment on.
final class PowerCut {
    private static final int SECTOR = 512;

    private final Path library;
    private final Path journal;
    private final Path graves;
    private final Path data;
    private long files;
    private long bytes;
    private long names;

    /// @param work a folder for what is compiled and written down, on the same file system as `data` and outside of it
    PowerCut(Path work, Path data) throws IOException, InterruptedException {
        this.data = data;
        library = NativeLibrary.compile("power", work);
        journal = work.resolve("power.journal");
        graves = Files.createDirectories(work.resolve("graves"));
    }

    /// What a server's process is started with.
    Map<String, String> environment() throws IOException {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "POWER_JOURNAL", journal.toString(),
                "POWER_GRAVES", graves.toString(),
                "POWER_ROOT", data.toRealPath().toString());
    }

    /// @return files that were not as their process had left them after a cut
    long files() {
        return files;
    }

    /// @return bytes of them that were another or gone
    long bytes() {
        return bytes;
    }

    /// @return files and folders that did not have the name that they had got, in any cut
    long names() {
        return names;
    }

    /// The power goes, once the process is dead.
    void cut(SplittableRandom random) throws IOException {
        if (Files.exists(journal)) {
            FileJournal open = FileJournal.read(journal);
            Map<Long, Path> paths = new HashMap<>();
            for (Path folder : List.of(data, graves)) {
                try (Stream<Path> all = Files.walk(folder)) {
                    for (Path path : all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                            .toList()) {
                        paths.put((Long) Files.getAttribute(path, "unix:ino"), path);
                    }
                }
            }
            for (Map.Entry<Long, List<FileJournal.Write>> file : new TreeMap<>(open.writes).entrySet()) {
                if (paths.containsKey(file.getKey())) {
                    lose(paths.get(file.getKey()), file.getValue(), random);
                }
            }
            rename(open.names, random);
            Files.delete(journal);
        }
        remove(graves);
        Files.createDirectories(graves);
    }

    private void lose(Path path, List<FileJournal.Write> writes, SplittableRandom random) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            switch (random.nextInt(4)) {
                case 0 -> undo(file, writes);
                case 1 -> undo(file, writes.subList(random.nextInt(writes.size()), writes.size()));
                case 2 -> {
                    long size = file.length();
                    TreeMap<Long, byte[]> sectors = new TreeMap<>();
                    for (FileJournal.Write write : writes) {
                        for (long at = write.from() / SECTOR * SECTOR;
                                at < Math.min(size, write.from() + write.count());
                                at += SECTOR) {
                            sectors.put(at, at(file, at, (int) Math.min(SECTOR, size - at)));
                        }
                    }
                    undo(file, writes);
                    reached(file, size, sectors, random);
                }
                default -> {
                    return;
                }
            }
            files++;
        }
    }

    private void undo(RandomAccessFile file, List<FileJournal.Write> writes) throws IOException {
        for (FileJournal.Write write : writes.reversed()) {
            if (write.old().length > 0) {
                file.seek(write.from());
                file.write(write.old());
            }
            file.setLength(write.size());
            bytes += write.count();
        }
    }

    /// Some of what was written reached the disk, in any order.
    private static void reached(
            RandomAccessFile file, long size, TreeMap<Long, byte[]> sectors, SplittableRandom random)
            throws IOException {
        long sizeBefore = file.length();
        for (Map.Entry<Long, byte[]> sector : sectors.entrySet()) {
            int whole = sector.getValue().length;
            int reached = random.nextInt(100) < 5 ? random.nextInt(whole) : random.nextBoolean() ? whole : 0;
            if (reached > 0) {
                file.seek(sector.getKey());
                file.write(sector.getValue(), 0, reached);
            }
        }
        file.setLength(random.nextBoolean() ? size : sizeBefore);
    }

    private static byte[] at(RandomAccessFile file, long from, int count) throws IOException {
        byte[] bytes = new byte[count];
        file.seek(from);
        file.readFully(bytes);
        return bytes;
    }

    /// A folder loses what was done to it last; what two folders have to do with is undone with either.
    private void rename(List<FileJournal.Named> done, SplittableRandom random) throws IOException {
        Map<Long, Long> from = new HashMap<>();
        for (FileJournal.Named name : done) {
            for (long folder : name.folders()) {
                if (!from.containsKey(folder)) {
                    List<Long> all = new ArrayList<>(done.stream()
                            .filter(other -> other.folders().contains(folder))
                            .map(FileJournal.Named::seq)
                            .toList());
                    all.add(Long.MAX_VALUE);
                    from.put(folder, all.get(random.nextInt(all.size())));
                }
            }
        }
        for (FileJournal.Named name : done.reversed()) {
            if (name.folders().stream().anyMatch(folder -> name.seq() >= from.get(folder))) {
                undo(name);
                names++;
            }
        }
    }

    private void undo(FileJournal.Named name) throws IOException {
        Path grave = graves.resolve(Long.toUnsignedString(name.grave()));
        try {
            switch (name.kind()) {
                case CREATE -> Files.deleteIfExists(name.path());
                case MKDIR -> remove(name.path());
                case RENAME -> {
                    Files.move(name.to(), name.path(), StandardCopyOption.REPLACE_EXISTING);
                    if (name.grave() != 0) {
                        Files.move(grave, name.to());
                    }
                }
                case UNLINK -> {
                    if (name.grave() != 0) {
                        Files.move(grave, name.path());
                    }
                }
                case WRITE, SYNC, BORN, CANCEL -> throw new IllegalStateException("no name: " + name);
            }
        } catch (NoSuchFileException e) {
            // its folder, or what made it, is undone already
        }
    }

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
