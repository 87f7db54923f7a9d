package tributary.model;

import java.io.IOException;
import java.nio.ByteBuffer;

/// One open file of a [Disk].
///
/// After a failed [#force] nothing is known about the bytes written since the last good one: the next force may
/// report success without having written them. Whoever still has them writes them into another file.
public interface DiskFile extends AutoCloseable {
    /// Writes all that remains of `bytes` at `offset`; the file grows where it is shorter.
    void write(ByteBuffer bytes, long offset) throws IOException;

    /// Reads up to what remains of `into`, starting at `offset`.
    ///
    /// @return how many bytes, or -1 at or behind the end
    int read(ByteBuffer into, long offset) throws IOException;

    /// Makes the bytes written so far durable.
    void force() throws IOException;

    /// Cuts the file to `size` bytes.
    void truncate(long size) throws IOException;

    /// @return how many bytes the file has
    long size() throws IOException;

    @Override
    void close() throws IOException;
}
