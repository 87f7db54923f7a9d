package tributary.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.io.FileIO;

/// Files in a local folder are where they were written.
record FolderStore(Path folder) implements LakeStore {
    @Override
    public FileIO io() {
        return new FolderIo();
    }

    @Override
    public String warehouse() {
        return FolderIo.location(folder);
    }

    @Override
    public String location(Path file) {
        return FolderIo.location(file);
    }

    @Override
    public Path path(String location) {
        return FolderIo.path(location);
    }

    @Override
    public void keep(Path file) throws IOException {
        Folders.flush(file);
    }

    @Override
    public void fetch(Path file, Path into) throws IOException {
        Files.copy(file, into);
    }

    @Override
    public void put(Path file, Path bytes) throws IOException {
        Folders.make(Folders.parent(file));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.copy(bytes, fresh, StandardCopyOption.REPLACE_EXISTING);
        Folders.replace(fresh, file);
    }

    @Override
    public Hold hold(Collection<Path> files) {
        return Hold.NOTHING;
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public long writtenMillis(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    /// Files come and go meanwhile.
    @Override
    public List<Found> list(Path below) throws IOException {
        List<Found> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(below)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                try {
                    found.add(new Found(file, Files.size(file), writtenMillis(file)));
                } catch (NoSuchFileException e) {
                    // it went
                }
            }
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) {
                throw e.getCause();
            }
        }
        return found;
    }

    @Override
    public boolean local() {
        return true;
    }

    @Override
    public void close() {}
}
