package tributary.broker;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// Puts records of the journal together again: one that is larger than the log should take was cut by [ChangeWriter].
///
/// A piece says whether it is the first and whether it is the last of its record. What a crash cut short, or what
/// begins before the journal does, is as if it had never been noted.
final class Pieces {
    /// What a piece begins with, in place of [ChangeWriter#VERSION]; then what it is of its record.
    static final byte PIECE = 2;

    static final byte FIRST = 1;
    static final byte LAST = 2;
    static final int HEADER_BYTES = 2;

    private @Nullable ByteArrayOutputStream begun;

    /// @param read a record as the log has it, the next one
    /// @return a record as it was before it was cut, or null while pieces of it are missing
    byte @Nullable [] join(byte[] read) {
        if (read.length < HEADER_BYTES || read[0] != PIECE) {
            begun = null;
            return read;
        }
        ByteArrayOutputStream gathered = begun;
        if ((read[1] & FIRST) != 0) {
            gathered = new ByteArrayOutputStream(2 * read.length);
            gathered.write(ChangeWriter.VERSION);
        }
        begun = gathered;
        if (gathered == null) {
            return null;
        }
        gathered.write(read, HEADER_BYTES, read.length - HEADER_BYTES);
        if ((read[1] & LAST) == 0) {
            return null;
        }
        begun = null;
        return gathered.toByteArray();
    }
}
