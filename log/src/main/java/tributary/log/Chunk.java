package tributary.log;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;

/// Some records in the order of their appends, encoded one after the other, with those who wait for them.
///
/// Filled under the lock of [AppendQueue]; then owned by the partition's writer; once durable it never changes again
/// and is shared with readers through [Tail].
final class Chunk {
    static final int BYTES_MAX = 256 * 1024;

    private byte[] bytes;
    private int length;
    private int[] offsets = new int[16];
    private Receipt @Nullable [] receipts = new Receipt[16];
    private int count;
    private long maxMicros = Long.MIN_VALUE;
    private long first = -1;

    Chunk(int bytesLeast) {
        bytes = new byte[Math.max(bytesLeast, 2048)];
    }

    /// @return false where the record does not fit any more
    boolean add(byte[] record, int recordLength, Receipt receipt) {
        if (count > 0 && length + recordLength > BYTES_MAX) {
            return false;
        }
        if (length + recordLength > bytes.length) {
            int grown = Math.min(bytes.length * 4, BYTES_MAX);
            bytes = Arrays.copyOf(bytes, Math.max(grown, length + recordLength));
        }
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            receipts = Arrays.copyOf(waiting(), count * 2);
        }
        System.arraycopy(record, 0, bytes, length, recordLength);
        maxMicros = Math.max(maxMicros, MessageDecoder.receivedMicros(bytes, length));
        offsets[count] = length;
        waiting()[count] = receipt;
        count++;
        length += recordLength;
        return true;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    int[] offsets() {
        return offsets;
    }

    int count() {
        return count;
    }

    /// @return the latest stamp in it
    long maxMicros() {
        return maxMicros;
    }

    /// @return the position of its first record, or -1 before [#place]
    long first() {
        return first;
    }

    long end() {
        return first + count;
    }

    void place(long position) {
        first = position;
    }

    /// @return the receipts, which the caller now has to tell
    Receipt[] release() {
        Receipt[] released = waiting();
        receipts = null;
        return released;
    }

    /// Tells everybody who waits that it came to nothing.
    void refuse(Fault fault, String detail) {
        Receipt[] released = release();
        for (int i = 0; i < count; i++) {
            Receipts.refused(released[i], fault, detail);
        }
    }

    private Receipt[] waiting() {
        if (receipts == null) {
            throw new IllegalStateException("the receipts of this chunk have been told");
        }
        return receipts;
    }
}
