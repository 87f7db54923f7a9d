package tributary.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// How a record lies on disk, little-endian:
///
/// | bytes | what |
/// |--:|---|
/// | 0-3 | length of the whole record |
/// | 4-7 | check: CRC32C of the body, mixed with [#seal] of everything else |
/// | 8-15 | position in the low 56 bits, [#GROUP_START] and [#MARKER] above |
/// | 16- | body: see [MessageEncoder] |
///
/// The check ties a record to its log, partition, segment and position: bytes that were copied to another place,
/// stale ones, and a payload that looks like a record do not pass.
final class RecordFormat {
    static final int HEADER_BYTES = 16;
    static final int CHECK_AT = 4;
    static final int WORD_AT = 8;

    /// Set on the first record of every group: when it was written, all before it had been flushed.
    static final long GROUP_START = 1L << 56;

    /// Not a message but the statement, in a segment's last bytes, that all before its position had been flushed.
    static final long MARKER = 1L << 57;

    static final long POSITION_MASK = GROUP_START - 1;

    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private RecordFormat() {}

    static int intAt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long longAt(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void putInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    static void putLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    /// @return the CRC32C of a record's body
    static int bodyCheck(byte[] bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at + HEADER_BYTES, length - HEADER_BYTES);
        return (int) crc.getValue();
    }

    /// @param segmentKey what log, partition and segment contribute, from [#segmentKey]
    /// @param word       position and flags
    /// @return what the check of the body is mixed with
    static int seal(long segmentKey, long word, int length) {
        return (int) (mix(segmentKey ^ mix(word + length * 0x9E3779B97F4A7C15L)) >>> 32);
    }

    /// @param salt chance, drawn when the log was made
    static long segmentKey(long salt, int partition, long sequence) {
        return mix(salt + mix(sequence * 1024 + partition + 1));
    }

    private static long mix(long value) {
        long x = value;
        x = (x ^ x >>> 33) * 0xFF51AFD7ED558CCDL;
        x = (x ^ x >>> 33) * 0xC4CEB9FE1A85EC53L;
        return x ^ x >>> 33;
    }
}
