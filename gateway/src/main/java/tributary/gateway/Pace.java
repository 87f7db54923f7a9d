package tributary.gateway;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// How fast the requests of one HTTP connection have to come: a client that sends a byte now and then would hold its
/// connection, and what waits behind it, for ever. A head has so long as is allowed, a body a second more for each
/// KB of it that came. A WebSocket has clocks of its own and is left alone.
///
/// Belongs to the connection's thread.
public final class Pace {
    private static final long BODY_BYTES_A_SECOND = 1024;
    private static final Pattern CHUNK_LENGTH = Pattern.compile("[0-9a-fA-F]{1,8}");
    private static final long NANOS_A_SECOND = 1_000_000_000;

    /// Of the connection that the thread serves.
    private static final ThreadLocal<Pace> HERE =
            ThreadLocal.withInitial(() -> new Pace(Part.FREE, Limits.NONE, () -> 0));

    /// What is allowed.
    ///
    /// @param patience      how long a head may take, and a body before the time for its bytes
    /// @param chunkBytesMax the largest piece of a body, which is held in memory whole before anybody sees it
    public record Limits(Duration patience, int chunkBytesMax) {
        static final Limits NONE = new Limits(Duration.ofDays(1), Integer.MAX_VALUE);
    }

    private enum Part {
        /// Nothing has to come.
        FREE,
        /// The next byte begins a head.
        REST,
        HEAD,
        BODY
    }

    private final Limits limits;
    private final LongSupplier nanos;
    private Part part;
    private long begunNanos;
    private long bytes;
    private boolean cut;
    private boolean lastChunk;

    private Pace(Part part, Limits limits, LongSupplier nanos) {
        this.part = part;
        this.limits = limits;
        this.nanos = nanos;
    }

    /// Begins to watch the connection that this thread serves.
    ///
    /// @param source what the connection reads from
    /// @return what to read from instead
    public static DataReader watch(DataReader source, Limits limits, LongSupplier nanos) {
        Pace pace = new Pace(Part.REST, limits, nanos);
        HERE.set(pace);
        return new Watched(source, pace);
    }

    /// @return the pace of the connection that this thread serves
    public static Pace here() {
        return HERE.get();
    }

    /// The head is read, its body follows.
    public void body() {
        begin(Part.BODY);
    }

    /// The request is read whole.
    public void rest() {
        begin(Part.REST);
    }

    /// The connection asks to be a WebSocket; where it becomes none, its request is answered like any other.
    public void free() {
        begin(Part.FREE);
    }

    /// @return whether reading was ended, so that nothing more can be read
    public boolean cut() {
        return cut;
    }

    private void begin(Part next) {
        part = next;
        begunNanos = nanos.getAsLong();
        bytes = 0;
        lastChunk = false;
    }

    /// Whoever closes a body reads the rest of it first.
    private void goOn() {
        if (cut) {
            throw new CutOff(CutOff.Why.TOO_SLOW, "the connection closes");
        }
    }

    private void came(int count) {
        bytes += count;
        if (part == Part.REST) {
            begin(Part.HEAD);
        } else if (part != Part.FREE) {
            long took = nanos.getAsLong() - begunNanos;
            long allowed = limits.patience().toNanos();
            if (part == Part.HEAD && took > allowed) {
                cut = true;
                throw RequestException.builder()
                        .type(DirectHandler.EventType.BAD_REQUEST)
                        .status(Status.REQUEST_TIMEOUT_408)
                        .setKeepAlive(false)
                        .message("The headers did not come within "
                                + limits.patience().toSeconds() + " s (http.body-wait).")
                        .build();
            }
            if (part == Part.BODY && took > allowed + bytes / BODY_BYTES_A_SECOND * NANOS_A_SECOND) {
                throw end(
                        CutOff.Why.TOO_SLOW,
                        "The body did not come within " + limits.patience().toSeconds()
                                + " s (http.body-wait) and a second"
                                + " for each KB. Nothing of it is stored; send it again, in smaller parts.");
            }
        }
    }

    private void piece(int count) {
        if (part == Part.BODY && count > limits.chunkBytesMax()) {
            throw end(
                    CutOff.Why.TOO_LARGE,
                    "A chunk of a body has at most " + limits.chunkBytesMax()
                            + " bytes. Send several, or say Content-Length.");
        }
    }

    /// The server's own reader takes a sign and a prefix for part of a number, and goes on behind a line that is none.
    private String lengthOrEnd(String line) {
        String length = line.split(";", 2)[0].strip();
        boolean good = lastChunk ? line.isEmpty() : CHUNK_LENGTH.matcher(length).matches();
        if (!good) {
            throw end(
                    CutOff.Why.UNREADABLE,
                    "A chunk of the body has no length that can be read, or does not end where it says. Send the length"
                            + " in hexadecimal digits before each chunk.");
        }
        lastChunk = !lastChunk && length.matches("0+");
        return length;
    }

    private CutOff end(CutOff.Why why, String sentence) {
        cut = true;
        return new CutOff(why, sentence);
    }

    /// Counts what comes.
    private static final class Watched extends DataReader {
        private final Pace pace;

        Watched(DataReader source, Pace pace) {
            super(() -> {
                pace.goOn();
                source.ensureAvailable();
                byte[] came = source.readBytes(source.available());
                pace.came(came.length);
                return came;
            });
            this.pace = pace;
        }

        /// In a body only chunks have lines.
        @Override
        public String readLine() {
            String line = super.readLine();
            return pace.part == Part.BODY ? pace.lengthOrEnd(line) : line;
        }

        /// Asked for a chunk with the length that the client announced.
        @Override
        public BufferData readBuffer(int length) {
            pace.piece(length);
            return super.readBuffer(length);
        }
    }
}
