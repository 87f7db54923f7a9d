package tributary.sinks.folder;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tributary.sinks.Raw;

/// A file that grows and that nobody else sees yet.
final class Part implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final String NAME = "part-";

    private final Path file;
    private final Shape.Format format;
    private final Shape shape;
    private final FileChannel channel;
    private final OutputStream out;
    private final Finish finish;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
    private long bytes;
    private long rows;
    private @Nullable Raw lastRaw;

    /// Writes the end of what makes the file smaller, and leaves the file open.
    private interface Finish {
        void run() throws IOException;
    }

    private Part(Path file, Shape.Format format, Shape shape, Streams streams) {
        this.file = file;
        this.format = format;
        this.shape = shape;
        this.channel = streams.channel();
        this.out = streams.out();
        this.finish = streams.finish();
    }

    /// What leads into a file.
    private record Streams(FileChannel channel, OutputStream out, Finish finish) {}

    /// @param number tells it from others in the folder
    static Part open(Path folder, int number, Shape.Format format, Shape shape) throws IOException {
        Path file = folder.resolve(NAME + number);
        boolean parquet = format == Shape.Format.PARQUET;
        Streams streams = streams(file, parquet ? Shape.Compression.NONE : shape.compression());
        Part part = new Part(file, format, shape, streams);
        if (format == Shape.Format.CSV) {
            part.write(Lines.header(shape));
        }
        return part;
    }

    private static Streams streams(Path file, Shape.Compression compression) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        try {
            OutputStream raw = Channels.newOutputStream(channel);
            return switch (compression) {
                case NONE -> new Streams(channel, buffered(raw), () -> {});
                case GZIP -> {
                    GZIPOutputStream gzip = new GZIPOutputStream(raw, BUFFER_BYTES);
                    yield new Streams(channel, buffered(gzip), gzip::finish);
                }
                case ZSTD -> {
                    ZstdOutputStream zstd = new ZstdOutputStream(new StaysOpen(raw));
                    yield new Streams(channel, buffered(zstd), zstd::close);
                }
            };
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// @return the number of a part by its name
    static int number(String name) {
        return Integer.parseInt(name.replaceAll("\\D", ""));
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
        int written = write(line);
        first = Math.min(first, position);
        last = Math.max(last, position);
        rows++;
        return written;
    }

    /// Writes the message that brought a parcel about, once where it brought about several.
    ///
    /// @return how many bytes that took
    int raw(Raw raw, long position) throws IOException {
        String line = raw.equals(lastRaw) ? "" : Lines.of(raw);
        lastRaw = raw;
        return write(line, position);
    }

    private int write(String line) throws IOException {
        byte[] text = line.getBytes(StandardCharsets.UTF_8);
        out.write(text);
        bytes += text.length;
        return text.length;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    /// @return what its name ends with
    String ending() {
        return format.ending + (format == Shape.Format.PARQUET ? "" : shape.compression().ending);
    }

    /// Writes what is left, makes the file durable and closes it.
    ///
    /// @return the file
    Path finish() throws IOException {
        out.flush();
        finish.run();
        if (format != Shape.Format.PARQUET) {
            channel.force(true);
            channel.close();
            return file;
        }
        channel.close();
        Path parquet = file.resolveSibling(file.getFileName() + ".parquet");
        ParquetFile.make(file, parquet, shape, bytes / Math.max(1, rows));
        Commit.force(parquet);
        Files.delete(file);
        return parquet;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
