package tributary.lake;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/// Iceberg's files in a local folder. A file that was closed is on the disk, its name too: a commit that names it must
/// survive a power cut.
///
/// Its name then carries the checksum of its bytes ([FileSum]): Iceberg asks for a file's location once it is written,
/// and names it by that.
final class FolderIo implements FileIO {
    private static final long serialVersionUID = 1;
    private static final String SCHEME = "file:";

    private final boolean sums;

    FolderIo() {
        this(true);
    }

    private FolderIo(boolean sums) {
        this.sums = sums;
    }

    /// @return files that keep the names which they are given, without a checksum
    static FolderIo asNamed() {
        return new FolderIo(false);
    }

    /// @return how Iceberg's metadata names `path`
    static String location(Path path) {
        return SCHEME + path.toAbsolutePath().normalize();
    }

    /// @return the path that Iceberg's metadata names
    static Path path(String location) {
        String path = location.startsWith(SCHEME) ? location.substring(SCHEME.length()) : location;
        return Path.of(path);
    }

    @Override
    public InputFile newInputFile(String location) {
        return new In(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Out(location, sums);
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(path(location));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path(location), e);
        }
    }

    private record In(String location) implements InputFile {
        @Override
        public long getLength() {
            try {
                return Files.size(path(location));
            } catch (NoSuchFileException e) {
                throw new NotFoundException(e, "no file %s", location);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + path(location), e);
            }
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                return new InStream(new RandomAccessFile(path(location).toFile(), "r"));
            } catch (IOException e) {
                throw new NotFoundException(e, "cannot open %s", location);
            }
        }

        @Override
        public boolean exists() {
            return Files.exists(path(location));
        }
    }

    private static final class Out implements OutputFile {
        private final boolean sums;
        private volatile String location;

        Out(String location, boolean sums) {
            this.location = location;
            this.sums = sums;
        }

        @Override
        public PositionOutputStream create() {
            if (Files.exists(path(location))) {
                throw new AlreadyExistsException("%s exists already", location);
            }
            return createOrOverwrite();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            Path file = path(location);
            try {
                Folders.make(Folders.parent(file));
                return new OutStream(file, this::written);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + file, e);
            }
        }

        /// Gives the whole file its name, and makes both permanent.
        private void written(Path file, long sum) throws IOException {
            Path named = sums ? FileSum.named(file, sum) : file;
            if (sums) {
                Files.move(file, named, StandardCopyOption.ATOMIC_MOVE);
            }
            Folders.flush(named);
            location = sums ? location.substring(0, location.lastIndexOf('/') + 1) + named.getFileName() : location;
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public InputFile toInputFile() {
            return new In(location);
        }
    }

    private static final class InStream extends SeekableInputStream {
        private final RandomAccessFile file;

        InStream(RandomAccessFile file) {
            this.file = file;
        }

        @Override
        public long getPos() throws IOException {
            return file.getFilePointer();
        }

        @Override
        public void seek(long position) throws IOException {
            file.seek(position);
        }

        @Override
        public int read() throws IOException {
            return file.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return file.read(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private interface Written {
        void by(Path file, long sum) throws IOException;
    }

    private static final class OutStream extends PositionOutputStream {
        private final Path path;
        private final Written written;
        private final CheckedOutputStream out;
        private long position;
        private boolean closed;

        OutStream(Path path, Written written) throws IOException {
            this.path = path;
            this.written = written;
            this.out = new CheckedOutputStream(
                    new BufferedOutputStream(new FileOutputStream(path.toFile()), 64 << 10), new CRC32C());
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                out.close();
                written.by(path, out.getChecksum().getValue());
            }
        }
    }
}
