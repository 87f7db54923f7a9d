package tributary.sinks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;

/// A file of a [Spool]: records of a length, a checksum, a position and a text. What is behind `length` is not its own.
final class SpoolFile {
    private static final int HEAD_BYTES = 16;
    private static final int RECORD_BYTES_MAX = 16 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path path;
    private long length;
    private long count;
    private long last = -1;

    private SpoolFile(Path path) {
        this.path = path;
    }

    /// @param next where the record behind it begins
    record Entry(long position, byte[] text, long next) {}

    interface Visitor {
        /// @return whether to go on
        boolean entry(Entry entry) throws IOException;
    }

    /// Begins a file; it is made with its first record.
    static SpoolFile fresh(Path path) throws IOException {
        Files.deleteIfExists(path);
        return new SpoolFile(path);
    }

    /// Opens one up to its last whole record.
    static SpoolFile open(Path path) throws IOException {
        SpoolFile file = new SpoolFile(path);
        file.scan(0, Files.size(path), entry -> {
            file.length = entry.next();
            file.count++;
            file.last = entry.position();
            return true;
        });
        return file;
    }

    Path path() {
        return path;
    }

    /// @return bytes of its records
    long length() {
        return length;
    }

    long count() {
        return count;
    }

    /// @return the position of its last record, or -1
    long last() {
        return last;
    }

    /// Appends records; they are on the disk when it returns. Where it fails, the file ends where it ended before.
    void append(List<Entry> entries) throws IOException {
        int size = entries.stream()
                .mapToInt(entry -> HEAD_BYTES + entry.text().length)
                .sum();
        ByteBuffer records = ByteBuffer.allocate(size);
        for (Entry entry : entries) {
            records.putInt(entry.text().length)
                    .putInt(check(entry.position(), entry.text()))
                    .putLong(entry.position())
                    .put(entry.text());
        }
        records.flip();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(length);
            long at = length;
            while (records.hasRemaining()) {
                at += channel.write(records, at);
            }
            channel.force(true);
        }
        length += size;
        count += entries.size();
        last = entries.getLast().position();
    }

    /// @return bytes that a text takes
    static int bytes(byte[] text) {
        return HEAD_BYTES + text.length;
    }

    /// Gives records to the visitor until it has enough.
    ///
    /// @param from where a record begins
    /// @return false where one is damaged
    boolean read(long from, Visitor visitor) throws IOException {
        return scan(from, length, visitor);
    }

    private boolean scan(long from, long end, Visitor visitor) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES))) {
            in.skipNBytes(from);
            long at = from;
            while (at < end) {
                int size = in.readInt();
                int check = in.readInt();
                long position = in.readLong();
                if (size < 0 || size > RECORD_BYTES_MAX || at + HEAD_BYTES + size > end) {
                    return false;
                }
                byte[] text = in.readNBytes(size);
                if (text.length < size || check != check(position, text)) {
                    return false;
                }
                at += HEAD_BYTES + size;
                if (!visitor.entry(new Entry(position, text, at))) {
                    return true;
                }
            }
            return true;
        } catch (EOFException e) {
            return false;
        }
    }

    private static int check(long position, byte[] text) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, position));
        crc.update(text);
        return (int) crc.getValue();
    }
}
