package tributary.app.score;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/// Makes the disk of a server fail, slow or stand still: `native/disk.c`, which has the same layout, in its process.
final class DiskFault {
    private static final int MODE = 0;
    private static final int COUNTDOWN = 8;
    private static final int PAUSE = 16;
    private static final int FAILED = 24;
    private static final int LOST_COUNT = 32;
    private static final int FLUSHES = 40;
    private static final int PATTERN = 48;
    private static final int PATTERN_BYTES = 192;
    private static final int LOST = PATTERN + PATTERN_BYTES;
    private static final int LOST_BYTES = 16 + 304;
    private static final int LOST_MAX = 4096;

    private final Path library;
    private final Path file;
    private final Path data;
    private final MappedByteBuffer control;

    /// @param work a folder for what is compiled
    /// @param data whose files the faults are for
    DiskFault(Path work, Path data) throws IOException, InterruptedException {
        this.data = data;
        library = NativeLibrary.compile("disk", work);
        file = work.resolve("disk.control");
        int bytes = LOST + LOST_MAX * LOST_BYTES;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(bytes), 0);
            control = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
            control.order(ByteOrder.nativeOrder());
        }
    }

    /// What the server's process is started with.
    Map<String, String> environment() throws IOException {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "DISK_CONTROL", file.toString(),
                "DISK_ROOT", data.toRealPath().toString());
    }

    /// From now on the `n`-th flush of a file whose path has `pattern` in it fails, once.
    void fail(String pattern, long n) {
        pattern(pattern);
        control.putLong(COUNTDOWN, n);
        control.putInt(MODE, 1);
    }

    void slow(long millis) {
        pattern("");
        control.putLong(PAUSE, millis * 1000);
        control.putInt(MODE, 2);
    }

    void freeze() {
        pattern("");
        control.putInt(MODE, 3);
    }

    void heal() {
        control.putInt(MODE, 0);
    }

    long failed() {
        return control.getLong(FAILED);
    }

    /// @return how many flushes there were, of files that the last pattern matches
    long flushes() {
        return control.getLong(FLUSHES);
    }

    private void pattern(String pattern) {
        byte[] bytes = pattern.getBytes(StandardCharsets.UTF_8);
        byte[] field = new byte[PATTERN_BYTES];
        System.arraycopy(bytes, 0, field, 0, bytes.length);
        control.put(PATTERN, field);
    }

    /// What the machine does when its power goes: zeros where a flush failed and nothing was written again.
    ///
    /// @return how many bytes
    long loseWhatWasNotFlushed() throws IOException {
        long bytes = 0;
        for (int i = 0; i < control.getLong(LOST_COUNT); i++) {
            int at = LOST + i * LOST_BYTES;
            long from = control.getLong(at);
            long to = control.getLong(at + 8);
            byte[] name = new byte[304];
            control.get(at + 16, name);
            int end = 0;
            while (name[end] != 0) {
                end++;
            }
            Path path = Path.of(new String(name, 0, end, StandardCharsets.UTF_8));
            if (to > from && Files.exists(path)) {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.allocate((int) (to - from)), from);
                }
                bytes += to - from;
            }
        }
        control.putLong(LOST_COUNT, 0);
        return bytes;
    }
}
