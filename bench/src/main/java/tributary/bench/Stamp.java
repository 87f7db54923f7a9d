package tributary.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongUnaryOperator;
import tributary.simulator.MqttWire;

/// Messages that say which stream they belong to, the how manieth of it they are and when they were due,
/// so that whoever hears them knows what is missing, what came twice and how long it was under way.
///
/// One publisher serves one stream or several in turn. The payload is JSON, overwritten in place; one
/// instance a connection, used by its event loop.
final class Stamp implements MqttMessages {
    /// The smallest payload that holds the three numbers.
    static final int BYTES_MIN = 64;

    /// Streams that can be told apart.
    static final int STREAMS_MAX = 900_000;

    private static final int STREAM_DIGITS = 6;
    private static final int SEQUENCE_DIGITS = 10;
    private static final int DUE_DIGITS = 14;
    private static final long STREAM_ORIGIN = 100_000;
    private static final long SEQUENCE_ORIGIN = 1_000_000_000L;
    private static final long DUE_ORIGIN = 10_000_000_000_000L;
    private static final int STREAM_AT = "{\"from\":".length();
    private static final int SEQUENCE_AT = STREAM_AT + STREAM_DIGITS + ",\"sequence\":".length();
    private static final int DUE_AT = SEQUENCE_AT + SEQUENCE_DIGITS + ",\"due\":".length();

    private final List<MqttWire.Publish> streams;
    private final int first;
    private final LongUnaryOperator due;
    private final long originNanos;
    private final int bytes;
    private long encoded;

    /// @param publishes   one for each stream of this publisher, made with [#template]
    /// @param first       number of the first stream
    /// @param due         message number to when it is due, nanoseconds
    /// @param originNanos what times are counted from, the same for all of a run
    Stamp(List<MqttWire.Publish> publishes, int first, LongUnaryOperator due, long originNanos) {
        this.streams = List.copyOf(publishes);
        this.first = first;
        this.due = due;
        this.originNanos = originNanos;
        this.bytes = publishes.stream().mapToInt(p -> p.packet().length).max().orElse(0);
        for (int i = 0; i < streams.size(); i++) {
            MqttWire.Publish publish = streams.get(i);
            digits(publish.packet(), publish.payloadOffset() + STREAM_AT, STREAM_DIGITS, STREAM_ORIGIN + first + i);
        }
    }

    /// @return a payload before anything is overwritten
    static byte[] template(int bytes) {
        StringBuilder json = new StringBuilder(bytes);
        json.append("{\"from\":").append(STREAM_ORIGIN);
        json.append(",\"sequence\":").append(SEQUENCE_ORIGIN);
        json.append(",\"due\":").append(DUE_ORIGIN);
        if (json.length() + 1 > bytes) {
            throw new IllegalArgumentException("payload bytes: at least %d, was %d".formatted(BYTES_MIN, bytes));
        }
        json.repeat(' ', bytes - json.length() - 1).append('}');
        return json.toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void encode(ByteBuf out, long number, int packetId) {
        MqttWire.Publish publish = streams.get((int) (number % streams.size()));
        byte[] packet = publish.packet();
        int payload = publish.payloadOffset();
        long micros = (due.applyAsLong(number) - originNanos) / 1000;
        digits(packet, payload + SEQUENCE_AT, SEQUENCE_DIGITS, SEQUENCE_ORIGIN + number / streams.size());
        digits(packet, payload + DUE_AT, DUE_DIGITS, DUE_ORIGIN + Math.max(0, micros));
        publish.name(packetId);
        out.writeBytes(packet);
        encoded = number + 1;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    /// @return how many messages of stream `first + index` left
    long sent(int index) {
        return encoded / streams.size() + (encoded % streams.size() > index ? 1 : 0);
    }

    int first() {
        return first;
    }

    int streams() {
        return streams.size();
    }

    /// @return the number of the stream, or -1 where this is none of our messages
    static int stream(ByteBuf in, int payloadAt, int length) {
        if (length < BYTES_MIN - 2 || in.getByte(payloadAt) != '{') {
            return -1;
        }
        return (int) (number(in, payloadAt + STREAM_AT, STREAM_DIGITS) - STREAM_ORIGIN);
    }

    static long sequence(ByteBuf in, int payloadAt) {
        return number(in, payloadAt + SEQUENCE_AT, SEQUENCE_DIGITS) - SEQUENCE_ORIGIN;
    }

    /// @return when the message was due, nanoseconds since the run's origin
    static long dueNanos(ByteBuf in, int payloadAt) {
        return (number(in, payloadAt + DUE_AT, DUE_DIGITS) - DUE_ORIGIN) * 1000;
    }

    private static long number(ByteBuf in, int at, int digits) {
        long value = 0;
        for (int i = at; i < at + digits; i++) {
            value = value * 10 + (in.getByte(i) - '0');
        }
        return value;
    }

    private static void digits(byte[] target, int at, int count, long value) {
        long rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
