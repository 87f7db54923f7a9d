package tributary.lake;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import tributary.bucket.Bucket;

/// Files in a bucket, and copies of some of them in a folder.
///
/// A file is written into the folder first and then put into the bucket; what is read is fetched. Copies of the last
/// process are removed at the start: nothing then has to be known of them, and nothing that was erased stays behind.
/// Iceberg's own files are small and go through memory.
final class BucketStore implements LakeStore {
    private final Path root;
    private final Bucket bucket;
    private final String warehouse;
    private final FileCache copies;
    private final Map<Path, Long> written = new ConcurrentHashMap<>();

    /// @param root      a folder of its own
    /// @param warehouse how Iceberg's metadata names the bucket and its prefix
    BucketStore(Path root, Bucket bucket, String warehouse, long copyBytesMax) throws IOException {
        this.root = root.toAbsolutePath().normalize();
        this.bucket = bucket;
        this.warehouse = warehouse;
        this.copies = new FileCache(copyBytesMax, (file, into) -> bucket.get(key(file), into));
        clear(this.root);
        Folders.make(this.root);
    }

    private static void clear(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public FileIO io() {
        return new BucketIo(this);
    }

    @Override
    public String warehouse() {
        return warehouse;
    }

    @Override
    public String location(Path file) {
        return warehouse + "/" + key(file);
    }

    @Override
    public Path path(String location) {
        if (!location.startsWith(warehouse + "/")) {
            throw new IllegalArgumentException(
                    "the catalogue names " + location + ", which is not in " + warehouse + " of lake.warehouse");
        }
        Path path = root.resolve(location.substring(warehouse.length() + 1)).normalize();
        if (!path.startsWith(root)) {
            throw new IllegalArgumentException("the catalogue names " + location + ", which is not in the bucket");
        }
        return path;
    }

    private String key(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    private boolean owns(Path file) {
        return file.startsWith(root);
    }

    @Override
    public void keep(Path file) throws IOException {
        bucket.put(key(file), file);
        copies.add(file, Files.size(file));
    }

    @Override
    public void fetch(Path file, Path into) throws IOException {
        bucket.get(key(file), into);
    }

    @Override
    public void put(Path file, Path bytes) throws IOException {
        bucket.put(key(file), bytes);
    }

    @Override
    public Hold hold(Collection<Path> files) throws IOException {
        return copies.hold(files.stream().filter(this::owns).distinct().toList());
    }

    /// The copy goes first: what is in the bucket is found again, a copy alone would not be.
    @Override
    public void delete(Path file) throws IOException {
        copies.remove(file);
        bucket.delete(key(file));
        written.remove(file);
    }

    @Override
    public long writtenMillis(Path file) throws IOException {
        Long known = written.get(file);
        if (known != null) {
            return known;
        }
        Bucket.Found found = bucket.find(key(file)).orElseThrow(() -> new NoSuchFileException(file.toString()));
        written.put(file, found.writtenMillis());
        return found.writtenMillis();
    }

    @Override
    public List<Found> list(Path folder) throws IOException {
        List<Found> found = new ArrayList<>();
        bucket.list(
                key(folder) + "/",
                object -> found.add(new Found(root.resolve(object.key()), object.bytes(), object.writtenMillis())));
        return found;
    }

    @Override
    public boolean local() {
        return false;
    }

    @Override
    public void sweep(long beforeMillis) throws IOException {
        bucket.abortUploads(beforeMillis);
    }

    @Override
    public void close() {
        bucket.close();
    }

    /// @return bytes of copies
    long copyBytes() {
        return copies.bytes();
    }

    /// Iceberg's own files.
    private record BucketIo(BucketStore store) implements FileIO {
        private static final long serialVersionUID = 1;

        @Override
        public InputFile newInputFile(String location) {
            return new In(store, location);
        }

        @Override
        public OutputFile newOutputFile(String location) {
            return new Out(store, location);
        }

        @Override
        public void deleteFile(String location) {
            try {
                store.delete(store.path(location));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + location, e);
            }
        }
    }

    private record In(BucketStore store, String location) implements InputFile {
        @Override
        public long getLength() {
            try {
                return store.bucket
                        .find(store.key(store.path(location)))
                        .orElseThrow(() -> new NotFoundException("no file %s", location))
                        .bytes();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + location, e);
            }
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                return new InStream(store.bucket.get(store.key(store.path(location))));
            } catch (NoSuchFileException e) {
                throw new NotFoundException(e, "no file %s", location);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + location, e);
            }
        }

        @Override
        public boolean exists() {
            try {
                return store.bucket.find(store.key(store.path(location))).isPresent();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot look at " + location, e);
            }
        }
    }

    private record Out(BucketStore store, String location) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            if (toInputFile().exists()) {
                throw new AlreadyExistsException("%s exists already", location);
            }
            return createOrOverwrite();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new OutStream(store.bucket, store.key(store.path(location)));
        }

        @Override
        public InputFile toInputFile() {
            return new In(store, location);
        }
    }

    private static final class InStream extends SeekableInputStream {
        private final byte[] bytes;
        private final ByteArrayInputStream in;

        InStream(byte[] bytes) {
            this.bytes = bytes;
            this.in = new ByteArrayInputStream(bytes);
        }

        @Override
        public long getPos() {
            return bytes.length - in.available();
        }

        @Override
        public void seek(long position) throws IOException {
            if (position < 0 || position > bytes.length) {
                throw new IOException(String.format(Locale.ROOT, "no byte %d of %d", position, bytes.length));
            }
            in.reset();
            in.skipNBytes(position);
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return in.read(into, offset, length);
        }
    }

    private static final class OutStream extends PositionOutputStream {
        private final Bucket bucket;
        private final String key;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private boolean closed;

        OutStream(Bucket bucket, String key) {
            this.bucket = bucket;
            this.key = key;
        }

        @Override
        public long getPos() {
            return out.size();
        }

        @Override
        public void write(int b) {
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                bucket.put(key, out.toByteArray());
            }
        }
    }
}
