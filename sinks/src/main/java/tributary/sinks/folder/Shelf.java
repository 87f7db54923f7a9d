package tributary.sinks.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// Where whole files go. Used by one thread at a time.
interface Shelf extends AutoCloseable {
    /// @return the folder of this machine in which files grow
    Path parts();

    /// Puts files where they belong, under their names; those that are there already stay. Durable when it returns.
    /// What is put is gone from the folder of parts; where it fails it can be done again.
    ///
    /// @param moves from a name in the folder of parts to a path
    void put(Map<String, String> moves) throws IOException;

    /// @return where that is, for people
    String place();

    @Override
    void close();
}
