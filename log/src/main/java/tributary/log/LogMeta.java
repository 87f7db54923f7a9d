package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tributary.model.Disk;
import tributary.model.DiskFile;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// What a log was made with: the file `meta`, a few lines of text that never change.
///
/// @param salt chance that no client knows, so that no payload can look like a record
record LogMeta(int partitions, long salt) {
    private static final String FILE = "meta";
    private static final int VERSION = 1;
    private static final Pattern TEXT =
            Pattern.compile("(tributary-log (\\d+)\npartitions (\\d+)\nsalt ([0-9a-f]{16})\n)check ([0-9a-f]{8})\n");

    /// Reads the meta file; makes it in an empty folder; makes it anew from a segment where it is lost.
    static LogMeta open(LogWorld world, DamageList damage) throws IOException {
        Disk disk = world.disk();
        if (disk.list("").contains(FILE)) {
            String text = read(disk);
            LogMeta meta = parse(text, disk.describe(FILE));
            if (meta != null) {
                return meta;
            }
            damage.add(new Log.Damage(0, 0, 0, disk.describe(FILE) + " was damaged; made anew from a segment"));
        }
        LogMeta rescued = rescue(disk);
        LogMeta meta = rescued != null
                ? rescued
                : new LogMeta(world.settings().partitions(), world.random().nextLong());
        meta.write(disk);
        return meta;
    }

    static String folder(int partition) {
        return "p" + partition;
    }

    private static @Nullable LogMeta parse(String text, String file) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches() || !matcher.group(5).equals(check(matcher.group(1)))) {
            return null;
        }
        if (Integer.parseInt(matcher.group(2)) != VERSION) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    ("%s was written by a newer Tributary (log format %s, this one knows %d). Start the newer version"
                                    + " again, or give this one another data folder.")
                            .formatted(file, matcher.group(2), VERSION));
        }
        return new LogMeta(Integer.parseInt(matcher.group(3)), Long.parseUnsignedLong(matcher.group(4), 16));
    }

    private static String read(Disk disk) throws IOException {
        try (DiskFile file = disk.open(FILE)) {
            ByteBuffer bytes = ByteBuffer.allocate(1024);
            for (int read = 0; read >= 0 && bytes.hasRemaining(); ) {
                read = file.read(bytes, bytes.position());
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        }
    }

    private void write(Disk disk) throws IOException {
        String text = "tributary-log %d\npartitions %d\nsalt %016x\n".formatted(VERSION, partitions, salt);
        byte[] bytes = (text + "check " + check(text) + "\n").getBytes(StandardCharsets.ISO_8859_1);
        AtomicFile.write(disk, "", FILE, ByteBuffer.wrap(bytes));
    }

    private static @Nullable LogMeta rescue(Disk disk) throws IOException {
        boolean segmentsThere = false;
        for (int partition = 0; partition < 64; partition++) {
            String folder = folder(partition);
            for (String name : disk.list(folder)) {
                SegmentHeader header = Recovery.readHeader(disk, folder + "/" + name);
                if (header != null) {
                    return new LogMeta(header.partitions(), header.salt());
                }
                segmentsThere |= Recovery.written(disk, folder + "/" + name);
            }
        }
        if (segmentsThere) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    ("%s is lost or damaged and no segment below it says what was in it. Restore the folder from a"
                                    + " backup, or move it away to begin with an empty log.")
                            .formatted(disk.describe(FILE)));
        }
        return null;
    }

    private static String check(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return "%08x".formatted(crc.getValue());
    }
}
