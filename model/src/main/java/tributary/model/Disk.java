package tributary.model;

import java.io.IOException;
import java.util.List;

/// The few things that a durable part does to a disk, as a port: real files in production, and in tests a simulated
/// disk that loses, tears and reorders whatever was not flushed.
///
/// Paths are relative to the disk's own folder, with `/` between names. Nothing is durable until it is forced: the
/// bytes of a file by [DiskFile#force], the making, renaming and deleting of names by [#forceFolder].
public interface Disk {
    /// @return the names in `folder`, sorted; empty where there is no such folder
    List<String> list(String folder) throws IOException;

    /// Makes `folder` where it is not there yet. `""` is the disk's own folder.
    void makeFolder(String folder) throws IOException;

    /// Makes an empty file for reading and writing; fails where the name is taken.
    DiskFile create(String path) throws IOException;

    /// Opens a file that is there, for reading and writing.
    DiskFile open(String path) throws IOException;

    /// Deletes a file; nothing happens where there is none.
    void delete(String path) throws IOException;

    /// Gives a file another name in one step, replacing what had that name.
    void rename(String from, String to) throws IOException;

    /// Makes durable which names `folder` has.
    void forceFolder(String folder) throws IOException;

    /// @return where `path` is, in words for people
    String describe(String path);

    /// There is no room left: freeing some helps, unlike with other failures.
    final class Full extends IOException {
        private static final long serialVersionUID = 1;

        public Full(String message) {
            super(message);
        }
    }
}
