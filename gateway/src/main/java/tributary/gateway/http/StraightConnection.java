package tributary.gateway.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.DateTime;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tributary.gateway.CutOff;
import tributary.gateway.Intake;
import tributary.gateway.Pace;
import tributary.model.Message;
import tributary.registry.Principal;

/// A connection whose requests are the [UsualHead] ones: each is read, decided and answered here, with the same
/// words as by [HttpDoor] and half of the work. With the first other request the HTTP server takes the
/// connection over, from the first byte of that request on, and keeps it.
final class StraightConnection implements ServerConnection {
    /// A larger body is the server's, which refuses before it reads.
    private static final int BODY_BYTES_MAX = 16 * 1024;

    private static final String OWN_TELEMETRY = "devices/me/telemetry";
    private static final String JSON = "application/json";
    private static final byte[] NOTHING = new byte[0];

    private final MessageWrite messages;
    private final Proof proof;
    private final Intake intake;
    private final ConnectionContext socket;
    private final DataReader reader;
    private final Pace pace;
    private final Supplier<ServerConnection> server;
    private final UsualHead head = new UsualHead();

    private volatile @Nullable Thread thread;
    private volatile @Nullable ServerConnection rest;
    private volatile boolean idle;
    private volatile boolean closing;
    private volatile long usedNanos = System.nanoTime();

    /// @param pace   of the connection's reader
    /// @param server makes what takes the connection over
    StraightConnection(
            MessageWrite messages,
            Proof proof,
            Intake intake,
            ConnectionContext socket,
            Pace pace,
            Supplier<ServerConnection> server) {
        this.messages = messages;
        this.proof = proof;
        this.intake = intake;
        this.socket = socket;
        this.reader = socket.dataReader();
        this.pace = pace;
        this.server = server;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        thread = Thread.currentThread();
        while (comes()) {
            byte[] came = new byte[reader.available()];
            reader.getBuffer(came.length).read(came);
            if (!head.read(came) || head.bodyLength() > BODY_BYTES_MAX || !serve(came)) {
                ServerConnection other = server.get();
                rest = other;
                if (!closing) {
                    other.handle(limit);
                }
                return;
            }
        }
    }

    /// @return whether a request begins to come, and not the end of the connection
    private boolean comes() {
        idle = true;
        if (closing) {
            return false;
        }
        try {
            reader.ensureAvailable();
        } catch (InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the client is gone", e);
        }
        idle = false;
        usedNanos = System.nanoTime();
        return true;
    }

    /// @param came at least the head
    /// @return false where nothing was answered, so that the request is still to be served
    private boolean serve(byte[] came) {
        pace.body();
        Requester requester = new Requester(socket.remotePeer());
        byte[] answer;
        try {
            byte[] told = store(requester, came);
            answer = told == null ? answer(204, Map.of(), "", NOTHING) : answer(200, Map.of(), JSON, told);
        } catch (Refusal refusal) {
            requester.note(refusal, intake.attempts());
            Problem problem = refusal.problem();
            answer = answer(problem.status(), problem.headers(), Problem.MEDIA_TYPE, problem.json());
        } catch (RuntimeException e) {
            // A fault of ours, of the world or of the socket: the server meets it again, and has the words for it.
            pace.rest();
            return false;
        }
        socket.dataWriter().writeNow(BufferData.create(answer));
        leave();
        return true;
    }

    /// Stores what the request says.
    private byte @Nullable [] store(Requester requester, byte[] came) {
        Principal principal = requester.prove(proof, head.authorization());
        return messages.take(new Intake.Publish(
                principal,
                OWN_TELEMETRY,
                body(came),
                Message.Origin.HTTP,
                principal.subject(),
                1,
                false,
                MessageWrite.properties(head.contentType()),
                requester));
    }

    private byte[] body(byte[] came) {
        int whole = head.length() + head.bodyLength();
        byte[] bytes = came;
        if (whole > came.length) {
            bytes = new byte[whole];
            try {
                reader.getBuffer(whole).read(bytes);
            } catch (CutOff cut) {
                throw Body.refusal(cut);
            }
        }
        return Arrays.copyOfRange(bytes, head.length(), whole);
    }

    /// Goes on to where the next request begins.
    private void leave() {
        try {
            reader.skip(head.length() + head.bodyLength());
        } catch (CutOff | InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the rest of a request that is answered does not come", e);
        }
        pace.rest();
        usedNanos = System.nanoTime();
    }

    private static byte[] answer(int status, Map<String, String> headers, String type, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 + body.length);
        out.writeBytes(text("HTTP/1.1 " + status + " " + Status.create(status).reasonPhrase() + "\r\nDate: "));
        out.writeBytes(DateTime.http1Bytes());
        if (!headers.containsKey("Connection")) {
            out.writeBytes(text("Connection: keep-alive\r\n"));
        }
        out.writeBytes(text("Content-Length: " + body.length + "\r\n"));
        if (!type.isEmpty()) {
            out.writeBytes(text("Content-Type: " + type + "\r\n"));
        }
        headers.forEach((name, value) -> out.writeBytes(text(name + ": " + value + "\r\n")));
        out.writeBytes(text("\r\n"));
        out.writeBytes(body);
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Duration idleTime() {
        ServerConnection other = rest;
        return other == null ? Duration.ofNanos(System.nanoTime() - usedNanos) : other.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        closing = true;
        ServerConnection other = rest;
        Thread running = thread;
        if (other != null) {
            other.close(interrupt);
        } else if (running != null && (interrupt || idle)) {
            running.interrupt();
        }
    }
}
