package tributary.gateway.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tributary.gateway.mqtt.FrameFault;
import tributary.gateway.mqtt.MqttDoor;
import tributary.gateway.ws.Closing.Due;

/// The WebSocket side of one MQTT client: a thread that reads frames and one that writes them. Frames carry any
/// slice of the stream of packets; where they begin and end means nothing.
final class MqttSocketConnection {
    /// No client needs larger ones, and a claim of more is none that we wait for.
    private static final int FRAME_BYTES_MAX = 16 * 1024 * 1024;

    /// How long a client has to answer our close frame.
    private static final long CLOSE_WAIT_MILLIS = 2_000;

    private final ConnectionContext socket;
    private final Outbox outbox = new Outbox();
    private final CountDownLatch written = new CountDownLatch(1);
    private final CountDownLatch heard = new CountDownLatch(1);
    private volatile @Nullable Thread reader;
    private volatile @Nullable Thread writer;

    MqttSocketConnection(ConnectionContext socket) {
        this.socket = socket;
    }

    /// Serves the client until one of both ends it. Runs on the connection's own thread.
    void run(MqttDoor door) {
        reader = Thread.currentThread();
        SocketAddress remote = socket.remotePeer().address();
        WsChannel channel = new WsChannel(remote, outbox, this::abort);
        if (!door.join(channel)) {
            return;
        }
        writer = Thread.ofVirtual().name("mqtt-ws-writer").start(() -> write(channel));
        try {
            read(channel);
        } catch (Due due) {
            outbox.end(due.closing());
            if (due.closing().code() == Closing.NORMAL) {
                channel.end();
            } else {
                channel.end(new FrameFault(due.closing().sentence()));
            }
            if (due.closing().code() != Closing.NORMAL) {
                readOut();
            }
        } catch (InterruptedException
                | InsufficientDataAvailableException
                | UncheckedIOException
                | ServerConnectionException e) {
            outbox.end(new Closing(Closing.NORMAL, "", false)); // the client is gone, and most likely nobody hears it
        } finally {
            channel.end();
            heard.countDown();
            awaitWriter();
        }
    }

    /// Ends both threads, whatever they do.
    private void abort() {
        outbox.over();
        interrupt(reader);
        interrupt(writer);
    }

    private static void interrupt(@Nullable Thread thread) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void awaitWriter() {
        while (true) {
            try {
                written.await(); // the channel is closed, and two seconds later the writer is interrupted
                return;
            } catch (InterruptedException e) {
                interrupt(writer);
            }
        }
    }

    /// Reads and forgets until the client ends or the writer loses patience: closing a socket with unread bytes
    /// resets it, and the client would never see the reason.
    private void readOut() {
        try {
            while (true) {
                socket.dataReader().readBuffer();
            }
        } catch (InsufficientDataAvailableException | UncheckedIOException | ServerConnectionException e) {
            outbox.end(new Closing(Closing.NORMAL, "", false)); // said already; this only ends the reading
        }
    }

    private void read(WsChannel channel) throws InterruptedException {
        FrameReader frames = new FrameReader(socket.dataReader(), FRAME_BYTES_MAX);
        boolean inside = false;
        while (true) {
            frames.begin();
            switch (frames.opcode()) {
                case FrameReader.BINARY, FrameReader.CONTINUATION -> {
                    if (inside == (frames.opcode() == FrameReader.BINARY)) {
                        throw new Due(Closing.protocol("fragments of a message follow each other without another"));
                    }
                    inside = !frames.last();
                    for (byte[] piece = frames.piece(); piece != null; piece = frames.piece()) {
                        if (!channel.arrived(Unpooled.wrappedBuffer(piece))) {
                            return;
                        }
                    }
                }
                case FrameReader.TEXT ->
                    throw new Due(new Closing(Closing.NOT_ACCEPTABLE, "MQTT travels in binary frames", false));
                case FrameReader.PING -> outbox.pong(frames.whole());
                case FrameReader.PONG -> frames.whole();
                case FrameReader.CLOSE -> {
                    Closing.code(frames.whole());
                    throw new Due(new Closing(Closing.NORMAL, "", false));
                }
                default -> throw new Due(Closing.protocol("unknown opcode " + frames.opcode()));
            }
        }
    }

    /// The writer's thread.
    private void write(WsChannel channel) {
        FrameWriter out = new FrameWriter();
        try {
            for (Outbox.Parcel parcel = outbox.take(); parcel != null; parcel = outbox.take()) {
                out.clear();
                if (parcel.pong() != null) {
                    out.control(FrameReader.PONG, parcel.pong());
                }
                for (ByteBuf data : parcel.data()) {
                    out.binary(data);
                    data.release();
                }
                Closing closing = parcel.closing();
                if (closing != null) {
                    out.control(FrameReader.CLOSE, closing.payload());
                }
                socket.dataWriter().writeNow(BufferData.create(out.bytes(), 0, out.length()));
                if (closing != null) {
                    break;
                }
            }
        } catch (InterruptedException | UncheckedIOException | SocketWriterException | ServerConnectionException e) {
            channel.broken();
        } finally {
            outbox.over();
            written.countDown();
            wakeReader();
        }
    }

    /// After our last word the client gets a moment to answer; then the reader ends.
    private void wakeReader() {
        try {
            if (!heard.await(CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                interrupt(reader);
            }
        } catch (InterruptedException e) {
            interrupt(reader);
        }
    }
}
