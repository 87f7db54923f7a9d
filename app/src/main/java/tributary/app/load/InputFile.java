package tributary.app.load;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// A file's bytes, unpacked where its name ends with `.gz`, and how many of them were read.
final class InputFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final long size;
    private final Counted counted;
    private final InputStream in;

    InputFile(Path file) throws IOException {
        this.size = Math.max(1, Files.size(file));
        this.counted = new Counted(Files.newInputStream(file));
        try {
            this.in = new BufferedInputStream(
                    file.toString().endsWith(".gz") ? new GZIPInputStream(counted, BUFFER) : counted, BUFFER);
        } catch (IOException e) {
            counted.close();
            throw e;
        }
    }

    InputStream in() {
        return in;
    }

    double done() {
        return Math.min(1, (double) counted.bytes / size);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static final class Counted extends FilterInputStream {
        private long bytes;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            bytes += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            int read = super.read(into, at, length);
            bytes += Math.max(0, read);
            return read;
        }
    }
}
