package tributary.sinks.folder;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/// A file that grows and that nobody else sees yet.
final class Part implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path file;
    private final FileChannel channel;
    private final OutputStream out;
    private final Finish finish;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;

    /// Writes the end of what makes the file smaller, and leaves the file open.
    private interface Finish {
        void run() throws IOException;
    }

    private Part(Path file, FileChannel channel, OutputStream out, Finish finish) {
        this.file = file;
        this.channel = channel;
        this.out = out;
        this.finish = finish;
    }

    static Part open(Path file, FolderType.Compression compression) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        try {
            OutputStream raw = Channels.newOutputStream(channel);
            return switch (compression) {
                case NONE -> new Part(file, channel, buffered(raw), () -> {});
                case GZIP -> {
                    GZIPOutputStream gzip = new GZIPOutputStream(raw, BUFFER_BYTES);
                    yield new Part(file, channel, buffered(gzip), gzip::finish);
                }
                case ZSTD -> {
                    ZstdOutputStream zstd = new ZstdOutputStream(new StaysOpen(raw));
                    yield new Part(file, channel, buffered(zstd), zstd::close);
                }
            };
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static OutputStream buffered(OutputStream out) {
        return new BufferedOutputStream(out, BUFFER_BYTES);
    }

    /// The file is closed by us, after it is forced.
    private static final class StaysOpen extends FilterOutputStream {
        StaysOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }

    /// @return how many bytes the line has
    int write(String line, long position) throws IOException {
        int bytes = write(line);
        first = Math.min(first, position);
        last = Math.max(last, position);
        return bytes;
    }

    int write(String line) throws IOException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        out.write(bytes);
        return bytes.length;
    }

    Path file() {
        return file;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    /// Writes what is left, makes the file durable and closes it.
    void finish() throws IOException {
        out.flush();
        finish.run();
        channel.force(true);
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
