package tributary.gateway.mqtt;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A WebSocket client of the JDK that sends bytes of MQTT in the frames that a test says, and reads packets
/// however they come.
final class FrameWire implements AutoCloseable, WebSocket.Listener {
    private static final byte[] END = new byte[0];

    private final WebSocket socket;
    private final BlockingQueue<byte[]> came = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final CompletableFuture<Void> pong = new CompletableFuture<>();
    private final boolean reading;
    private ByteArrayInputStream rest = new ByteArrayInputStream(END);

    FrameWire(int port, String... subprotocols) {
        this(port, true, subprotocols);
    }

    FrameWire(int port, boolean reading, String... subprotocols) {
        this.reading = reading;
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (subprotocols.length > 0) {
            builder.subprotocols(subprotocols[0], Arrays.copyOfRange(subprotocols, 1, subprotocols.length));
        }
        try {
            socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + port + "/mqtt"), this)
                    .join();
        } catch (CompletionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    static FrameWire signedIn(int port, byte[] connect) throws Exception {
        FrameWire wire = new FrameWire(port, "mqtt");
        wire.send(connect);
        Wire.Got connack = wire.read();
        if (connack.first() != 0x20 || connack.body()[1] != 0) {
            throw new AssertionError("not signed in: " + connack);
        }
        return wire;
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    FrameWire send(byte[] frame) {
        return send(frame, true);
    }

    /// @param last whether the message ends with this frame
    FrameWire send(byte[] frame, boolean last) {
        socket.sendBinary(ByteBuffer.wrap(frame), last).join();
        return this;
    }

    FrameWire sendText(String text) {
        socket.sendText(text, true).join();
        return this;
    }

    void ping() throws Exception {
        socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join();
        pong.get(60, TimeUnit.SECONDS);
    }

    Wire.Got read() throws Exception {
        int first = next();
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = next();
            length |= (digit & 0x7F) << shift;
            shift += 7;
        } while (digit >= 0x80);
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = (byte) next();
        }
        return new Wire.Got(first, body);
    }

    private int next() throws Exception {
        while (rest.available() == 0) {
            byte[] more = came.poll(60, TimeUnit.SECONDS);
            if (more == null || more == END) {
                throw new AssertionError(more == null ? "nothing came" : "the server closed the connection");
            }
            rest = new ByteArrayInputStream(more);
        }
        return rest.read();
    }

    void startReading() {
        socket.request(Long.MAX_VALUE);
    }

    /// @return the close code, or `gone` where the connection ended without one
    String closed() throws Exception {
        return closed.get(60, TimeUnit.SECONDS);
    }

    void abort() {
        socket.abort();
    }

    @Override
    public void onOpen(WebSocket opened) {
        if (reading) {
            opened.request(Long.MAX_VALUE);
        }
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (data.hasRemaining()) {
            bytes.write(data.get());
        }
        came.add(bytes.toByteArray());
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        pong.complete(null);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        came.add(END);
        closed.complete(Integer.toString(code));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        came.add(END);
        closed.complete("gone");
    }

    @Override
    public void close() {
        socket.abort();
    }
}
