package tributary.app.load;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A file, read piece by piece from its beginning, the same pieces each time.
interface Source extends AutoCloseable {
    /// @return the next piece, or null at the end
    /// @throws IOException where the file cannot be read on
    @Nullable
    Item next() throws IOException;

    /// @return how much of the file is read, from 0 to 1
    double done();

    @Override
    void close() throws IOException;
}
