package tributary.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// The first bytes of a segment file. Written together with the first group of records, never changed.
///
/// @param partition       which partition
/// @param partitions      how many the log has; with `salt` enough to make a lost meta file anew
/// @param salt            chance, drawn when the log was made
/// @param sequence        number of the file within its partition
/// @param base            position of its first record; all before it was durable when this was written, and what
///                        earlier files hold at or behind it is void
/// @param allocated       size of the file as made; a shorter one has lost something
/// @param maxMicrosBefore the latest stamp of all records before `base`
/// @param skipTo          positions before it that this file does not hold may have been those of lost records: they
/// are
///                        left out; 0 where none were lost
record SegmentHeader(
        int partition,
        int partitions,
        long salt,
        long sequence,
        long base,
        long allocated,
        long maxMicrosBefore,
        long skipTo) {
    static final int BYTES = 128;
    static final int VERSION = 1;

    /// Kept free at the end of the file for the marker: a block of its own, so that damage to the newest records
    /// leaves the proof that they had been flushed.
    static final int MARKER_BLOCK_BYTES = 4096;

    private static final long MAGIC = 0x31474F4C42495254L; // "TRIBLOG1" read as bytes
    private static final int CHECK_AT = BYTES - 4;

    /// @return where the marker goes
    long markerOffset() {
        return allocated - RecordFormat.HEADER_BYTES;
    }

    void put(ByteBuffer into) {
        ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(MAGIC)
                .putInt(VERSION)
                .putInt(partition)
                .putInt(partitions)
                .putInt(0);
        header.putLong(salt)
                .putLong(sequence)
                .putLong(base)
                .putLong(allocated)
                .putLong(maxMicrosBefore)
                .putLong(skipTo);
        header.putInt(CHECK_AT, check(header.array()));
        into.put(header.array());
    }

    /// @param file for the message, should a newer version have made it
    /// @return what the bytes say, or null where they are not a sound header
    static @Nullable SegmentHeader read(byte[] bytes, String file) {
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < BYTES || header.getLong(0) != MAGIC || header.getInt(CHECK_AT) != check(bytes)) {
            return null;
        }
        if (header.getInt(8) != VERSION) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    ("%s was written by a newer Tributary (segment format %d, this one knows %d). Start the newer"
                                    + " version again, or give this one another data folder.")
                            .formatted(file, header.getInt(8), VERSION));
        }
        return new SegmentHeader(
                header.getInt(12),
                header.getInt(16),
                header.getLong(24),
                header.getLong(32),
                header.getLong(40),
                header.getLong(48),
                header.getLong(56),
                header.getLong(64));
    }

    private static int check(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CHECK_AT);
        return (int) crc.getValue();
    }
}
