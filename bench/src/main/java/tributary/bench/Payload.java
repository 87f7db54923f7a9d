package tributary.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A JSON payload whose time, sequence number and values are overwritten in place, so that no two messages are
/// equal and yet none is formatted: one instance a connection, used by its event loop.
///
/// Message number `n` (from 0) carries `ts = firstTimestamp + n` milliseconds and `sequence = 1000000001 + n`:
/// JSON numbers have no leading zeros, so the sequence starts where its width never changes. A reading is
/// identified by device, sensor and time; each message therefore is three readings of its own, and a message
/// that is stored twice shows up as two rows with one sequence number.
final class Payload {
    /// What `sequence` is for message 0, less one.
    static final long SEQUENCE_ORIGIN = 1_000_000_000L;

    /// The sensor that carries the sequence number.
    static final String SEQUENCE_SENSOR = "sequence";

    /// The smallest payload that holds time, sequence number and one value.
    static final int BYTES_MIN = 64;

    private static final String[] NAMES = {"bearing_temperature_celsius", "vibration_velocity_millimetres_per_second"};
    private static final int TS_DIGITS = 13;
    private static final int SEQUENCE_DIGITS = 10;
    private static final int TS_AT = "{\"ts\":".length();
    private static final int SEQUENCE_AT = TS_AT + TS_DIGITS + ",\"sequence\":".length();

    private final byte[] target;
    private final int offset;
    private final int[] values;
    private final long firstTimestampMillis;

    /// @param target               where the payload's bytes are inside a packet
    /// @param offset               where it begins there
    /// @param firstTimestampMillis time of message 0, epoch milliseconds
    Payload(byte[] target, int offset, long firstTimestampMillis) {
        this.target = target;
        this.offset = offset;
        this.firstTimestampMillis = firstTimestampMillis;
        this.values = valueOffsets(target, offset);
        digits(offset + TS_AT, TS_DIGITS, firstTimestampMillis);
    }

    /// @param bytes    length of the whole; filled up with spaces, which JSON allows
    /// @param readings numbers in it, the sequence number among them
    /// @return the text before anything is overwritten
    static byte[] template(int bytes, int readings) {
        StringBuilder json = new StringBuilder(bytes);
        json.append("{\"ts\":").repeat('1', TS_DIGITS).append(",\"sequence\":").append(SEQUENCE_ORIGIN);
        for (int i = 0; i < readings - 1; i++) {
            String name = readings <= 3 && bytes >= 140 ? NAMES[i] : "v" + (i + 1);
            json.append(",\"").append(name).append("\":").append(20 + i % 70).append(".000");
        }
        if (json.length() + 1 > bytes) {
            throw new IllegalArgumentException("%d readings need at least %d bytes, the payload has %d"
                    .formatted(readings, json.length() + 1, bytes));
        }
        json.repeat(' ', bytes - json.length() - 1).append('}');
        return json.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// Makes the bytes those of message `number`.
    void write(long number) {
        digits(offset + TS_AT, TS_DIGITS, firstTimestampMillis + number);
        digits(offset + SEQUENCE_AT, SEQUENCE_DIGITS, SEQUENCE_ORIGIN + 1 + number);
        int wobble = (int) (number * 0x9E3779B97F4A7C15L >>> 40);
        for (int at : values) {
            int thousandths = wobble % 1000;
            target[at] = (byte) ('0' + thousandths / 100);
            target[at + 1] = (byte) ('0' + thousandths / 10 % 10);
            target[at + 2] = (byte) ('0' + thousandths % 10);
            wobble = wobble * 31 + 7 & 0xFF_FFFF;
        }
    }

    /// Writes from the right and stops where the digits to the left are already right: mostly one or two are new.
    private void digits(int at, int count, long value) {
        long rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int[] valueOffsets(byte[] target, int offset) {
        int end = target.length;
        int count = 0;
        int[] found = new int[(end - offset) / 8 + 1];
        for (int i = offset + SEQUENCE_AT; i + 3 < end; i++) {
            if (target[i] == '.') {
                found[count++] = i + 1;
            }
        }
        return Arrays.copyOf(found, count);
    }
}
