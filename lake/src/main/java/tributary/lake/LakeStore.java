package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.iceberg.io.FileIO;

/// Where the lake's files are: in a folder, or in a bucket of whose files a folder holds copies.
///
/// Inside the lake a file has the name of its path in the folder, whether or not it is there at the moment: files are
/// written there, then kept, and held while they are read. Only Iceberg's metadata uses the other name, the location.
interface LakeStore extends AutoCloseable {
    /// A file that is there.
    record Found(Path path, long bytes, long writtenMillis) {}

    /// @return what Iceberg reads and writes its own files with
    FileIO io();

    /// @return the location that all tables are in
    String warehouse();

    /// @return how Iceberg's metadata names the file
    String location(Path file);

    /// @return the file that Iceberg's metadata names
    Path path(String location);

    /// Makes a file that was written permanent: from then on a commit may name it.
    void keep(Path file) throws IOException;

    /// Copies the bytes of a file into one outside, which is not there yet.
    void fetch(Path file, Path into) throws IOException;

    /// Makes a file of the bytes of one outside, permanent and whole, in the place of what is there.
    void put(Path file, Path bytes) throws IOException;

    /// Makes sure that files can be read until what it gives is closed. Files that are not the store's are left alone.
    Hold hold(Collection<Path> files) throws IOException;

    /// Removes a file, if it is there.
    void delete(Path file) throws IOException;

    /// @return when the file was written
    long writtenMillis(Path file) throws IOException;

    /// @return every file in the folder and those below
    List<Found> list(Path folder) throws IOException;

    /// @return whether the bytes of files are bytes of this machine's disk
    boolean local();

    /// Gives up what was begun before `beforeMillis` and can never be a file any more.
    default void sweep(long beforeMillis) throws IOException {}

    @Override
    void close();
}
