package tributary.gateway.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.gateway.Admission.Accepted;
import tributary.gateway.Admission.Reason;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.Intake;
import tributary.gateway.Presence;
import tributary.gateway.Route;
import tributary.gateway.ws.Closing.Due;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.registry.Principal;

/// One client: a thread that reads its frames and hands them to the log, and one that writes everything it is told.
///
/// Only the writer writes, so frames never mix; only the reader reads. What they share is the [Ledger].
final class WsConnection {
    private static final MessageProperties JSON = MessageProperties.ofType("application/json");
    private static final MessageProperties CBOR = MessageProperties.ofType("application/cbor");

    /// More fragments than this in one message are an attack on our patience.
    private static final int FRAGMENTS_MAX = 1024;

    /// How long a client has to answer our close frame.
    private static final long CLOSE_WAIT_MILLIS = 2_000;

    private final ConnectionContext socket;
    private final Handshake.Decision.Welcome welcome;
    private final WsSettings settings;
    private final Intake intake;
    private final Decoder decoder;
    private final InstantSource clock;

    private final Caller caller;
    private final Ledger ledger;
    private final Told told = new Told();
    private final CountDownLatch written = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Thread reader;
    private volatile @Nullable Thread writer;

    /// When bytes last came, for the door's clock.
    private volatile long heardMillis;

    /// When the write that is under way began, or 0.
    private volatile long writingSinceMillis;

    private boolean asked;

    /// What the client's topic means, found anew where the tenant's devices or sensors changed. Of the reader's thread.
    private Route route;

    /// Counts what the decoder says of one frame.
    private static final class Told implements ReadingSink {
        int readings;

        @Nullable
        String reason;

        void clear() {
            readings = 0;
            reason = null;
        }

        @Override
        public void number(String sensor, long tsMicros, double value) {
            readings++;
        }

        @Override
        public void text(String sensor, long tsMicros, String value) {
            readings++;
        }

        @Override
        public void bool(String sensor, long tsMicros, boolean value) {
            readings++;
        }

        @Override
        public void rejected(int index, String why) {
            reason = reason == null ? why : reason;
        }
    }

    /// What a connection needs of its door.
    record Surroundings(WsSettings settings, Intake intake, Decoder decoder, InstantSource clock) {}

    WsConnection(ConnectionContext socket, Handshake.Decision.Welcome welcome, Surroundings door) {
        this.socket = socket;
        this.welcome = welcome;
        this.route = welcome.route();
        this.settings = door.settings();
        this.intake = door.intake();
        this.decoder = door.decoder();
        this.clock = door.clock();
        this.caller = Caller.of(Message.Origin.WEBSOCKET, socket.remotePeer().address());
        this.ledger = new Ledger(settings.inFlightFrames(), settings.inFlightBytes());
        this.heardMillis = clock.millis();
    }

    Principal principal() {
        return welcome.principal();
    }

    Ledger ledger() {
        return ledger;
    }

    /// Notes in the attempts log what the client was refused.
    void noted(Cause cause, String sentence) {
        intake.attempts().note(caller, Grounds.of(principal(), cause, sentence));
    }

    void close(Closing closing) {
        ledger.close(closing);
    }

    /// Looks after the connection, about once a second, on the door's clock thread.
    void tick(long nowMillis) {
        Instant expiresAt = welcome.principal().expiresAt();
        if (expiresAt != null && nowMillis >= expiresAt.toEpochMilli()) {
            close(new Closing(Closing.POLICY, "the credential expired; connect with a new one", true));
            return;
        }
        long idleMillis = settings.idle().toMillis();
        long silentMillis = nowMillis - heardMillis;
        if (silentMillis < idleMillis / 2) {
            asked = false;
        } else if (!asked) {
            asked = true;
            ledger.askForLife();
        }
        if (silentMillis > idleMillis) {
            close(new Closing(
                    Closing.GOING_AWAY, "nothing came for " + settings.idle().toSeconds() + " s", false));
        }
        long writing = writingSinceMillis;
        if (writing != 0 && nowMillis - writing > Math.max(idleMillis, CLOSE_WAIT_MILLIS)) {
            abort();
        }
    }

    /// Ends the connection without another word: reading and writing threads are interrupted, which closes the socket.
    void abort() {
        ledger.over();
        interrupt(reader);
        interrupt(writer);
    }

    private static void interrupt(@Nullable Thread thread) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    /// Waits until nothing of the connection runs any more, at most so long.
    void awaitEnd(long millis) {
        try {
            if (!ended.await(Math.max(0, millis), TimeUnit.MILLISECONDS)) {
                abort();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Serves the client until one of both ends it. Runs on the connection's own thread.
    void run() {
        reader = Thread.currentThread();
        writer = Thread.ofVirtual().name("ws-writer").start(this::write);
        Presence.Link link = intake.presence().connect(principal(), caller);
        if (welcome.route().device() != null) {
            link.carries(welcome.route().device());
        }
        try {
            read();
        } catch (Due due) {
            Cause cause = due.closing().cause();
            if (cause != null) {
                noted(cause, due.closing().sentence());
            }
            ledger.close(due.closing());
            if (due.closing().code() != Closing.NORMAL) {
                readOut();
            }
        } catch (InsufficientDataAvailableException | UncheckedIOException | ServerConnectionException e) {
            ledger.over();
        } finally {
            finish();
            Closing said = ledger.closing();
            if (said == null) {
                link.end("connection-lost", "the connection broke, or the client closed it without a goodbye");
            } else {
                link.end(said.slug(), said.code() == Closing.NORMAL ? "the client said goodbye" : said.sentence());
            }
            ended.countDown();
        }
    }

    /// Reads and forgets what the client still sends until it ends, or the writer loses patience: closing a socket with
    /// unread bytes resets it, and the client would never see the reason.
    private void readOut() {
        try {
            while (true) {
                socket.dataReader().readBuffer();
            }
        } catch (InsufficientDataAvailableException | UncheckedIOException | ServerConnectionException e) {
            ledger.over();
        }
    }

    /// Lets the writer say the last words, then waits for it: afterwards nothing writes to the socket.
    private void finish() {
        try {
            if (!written.await(settings.idle().toMillis(), TimeUnit.MILLISECONDS)) {
                abort();
            }
        } catch (InterruptedException e) {
            abort();
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        FrameReader frames = new FrameReader(socket.dataReader(), settings.messageBytesMax());
        ByteArrayOutputStream message = new ByteArrayOutputStream(0);
        int opcode = -1;
        int fragments = 0;
        while (true) {
            boolean buffered = frames.buffered();
            frames.next();
            if (!buffered) {
                heardMillis = clock.millis();
            }
            switch (frames.opcode()) {
                case FrameReader.TEXT, FrameReader.BINARY -> {
                    if (opcode >= 0) {
                        throw new Due(Closing.protocol("a new message began inside another"));
                    }
                    if (frames.last()) {
                        message(frames.opcode(), frames.payload());
                    } else {
                        opcode = frames.opcode();
                        message.writeBytes(frames.payload());
                        fragments = 1;
                    }
                }
                case FrameReader.CONTINUATION -> {
                    if (opcode < 0) {
                        throw new Due(Closing.protocol("a continuation of no message"));
                    }
                    if (++fragments > FRAGMENTS_MAX) {
                        throw new Due(new Closing(
                                Closing.POLICY, "a message has at most " + FRAGMENTS_MAX + " fragments", false));
                    }
                    if (message.size() + frames.payload().length > settings.messageBytesMax()) {
                        throw new Due(FrameReader.tooLarge(settings.messageBytesMax()));
                    }
                    message.writeBytes(frames.payload());
                    if (frames.last()) {
                        message(opcode, message.toByteArray());
                        opcode = -1;
                        message = new ByteArrayOutputStream(0);
                    }
                }
                case FrameReader.PING -> ledger.pinged(frames.payload());
                case FrameReader.PONG -> {}
                case FrameReader.CLOSE -> {
                    Closing.code(frames.payload());
                    throw new Due(new Closing(Closing.NORMAL, "", true));
                }
                default -> throw new Due(Closing.protocol("unknown opcode " + frames.opcode()));
            }
        }
    }

    /// One message of the client: decided about, read as the lake will, and handed to the log.
    private void message(int opcode, byte[] payload) {
        int bytes = payload.length;
        long frame = ledger.take(bytes);
        if (frame < 0) {
            return;
        }
        while (intake.congested()) {
            Thread self = Thread.currentThread();
            AtomicBoolean relieved = new AtomicBoolean();
            intake.whenRelieved(() -> {
                relieved.set(true);
                LockSupport.unpark(self);
            });
            while (!relieved.get() && !ledger.isOver()) {
                LockSupport.park(this);
            }
        }
        route = intake.fresh(route);
        MessageProperties properties = opcode == FrameReader.TEXT ? JSON : CBOR;
        Intake.Routed publish = new Intake.Routed(
                route, payload, Message.Origin.WEBSOCKET, welcome.principal().subject(), 1, false, properties, caller);
        switch (intake.admit(publish)) {
            case Accepted accepted -> accepted(accepted.message(), frame, opcode);
            case Refused refused -> {
                if (refused.reason() == Reason.EXPIRED_CREDENTIAL) {
                    throw new Due(new Closing(Closing.POLICY, "the credential expired; connect with a new one", true));
                }
                ledger.refused(frame, bytes, Words.slug(refused.reason()), refused.detail());
            }
            case Throttled throttled ->
                ledger.refused(
                        frame,
                        bytes,
                        "too-fast",
                        "over the limit " + throttled.limit() + "; send it again in "
                                + throttled.retryAfter().plusMillis(1).toMillis() + " ms");
        }
    }

    private void accepted(Message message, long frame, int opcode) {
        int bytes = message.payload().length;
        told.clear();
        decoder.decode(message, told);
        if (told.readings == 0 && told.reason != null) {
            if (opcode == FrameReader.TEXT && !FrameReader.isUtf8(message.payload())) {
                ledger.refused(frame, bytes, "payload-unreadable", told.reason);
                throw new Due(new Closing(Closing.NOT_TEXT, "a text frame is UTF-8", true));
            }
            noted(Cause.PAYLOAD_UNREADABLE, told.reason + "; docs/payloads.md shows each format");
            ledger.refused(frame, bytes, "payload-unreadable", told.reason);
            return;
        }
        intake.append(message, new FrameReceipt(this, frame, bytes));
    }

    /// The writer's thread.
    private void write() {
        FrameWriter out = new FrameWriter();
        DataWriter to = socket.dataWriter();
        try {
            for (Ledger.Telling telling = ledger.await(); telling != null; telling = ledger.await()) {
                out.clear();
                for (Ledger.Refused refused : telling.refusals()) {
                    out.text(Words.refused(refused));
                }
                if (telling.ack() >= 0) {
                    out.ack(telling.ack());
                }
                if (telling.pong() != null) {
                    out.control(FrameReader.PONG, telling.pong());
                }
                if (telling.ping()) {
                    out.control(FrameReader.PING, new byte[0]);
                }
                Closing closing = telling.closing();
                if (closing != null) {
                    out.control(FrameReader.CLOSE, closing.payload());
                }
                writingSinceMillis = clock.millis();
                to.writeNow(BufferData.create(out.bytes(), 0, out.length()));
                writingSinceMillis = 0;
                if (closing != null) {
                    break;
                }
            }
        } catch (UncheckedIOException | SocketWriterException | ServerConnectionException e) {
            ledger.over();
        } finally {
            written.countDown();
            wakeReader();
        }
    }

    /// After our last word the reader may still sit in a read: the client gets a moment to answer, then it ends.
    private void wakeReader() {
        Thread reading = reader;
        if (reading == null) {
            return;
        }
        ledger.over();
        LockSupport.unpark(reading);
        try {
            if (!ended.await(CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                reading.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
