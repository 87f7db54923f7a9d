package tributary.gateway.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// A client that says exactly what a test tells it to, byte by byte where it has to.
final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;

    Wire(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    /// @param socket connected already, with TLS around it perhaps
    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    /// A client that has signed in.
    static Wire signedIn(int port, int version, String clientId, String password) throws IOException {
        return signedIn(port, connect(version, clientId, password));
    }

    static Wire signedIn(int port, byte[] connect) throws IOException {
        return new Wire(port).signIn(connect);
    }

    Wire signIn(byte[] connect) throws IOException {
        Wire wire = this;
        wire.send(connect);
        Got connack = wire.read();
        if (connack.first() != 0x20 || connack.body()[1] != 0) {
            throw new AssertionError("not signed in: " + connack);
        }
        return wire;
    }

    /// A packet that came: first byte and what follows the remaining length.
    record Got(int first, byte[] body) {
        int type() {
            return first >> 4;
        }

        /// All its bytes.
        int size() {
            return 1 + PacketWriter.variableBytes(body.length) + body.length;
        }

        int packetId() {
            return (body[0] & 0xFF) << 8 | body[1] & 0xFF;
        }

        /// The byte after the packet identifier, 0 where there is none.
        int reason() {
            return body.length > 2 ? body[2] & 0xFF : 0;
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return HexFormat.of().toHexDigits((byte) first) + " "
                    + HexFormat.of().formatHex(body);
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /// Sends each byte in a segment of its own.
    void sendBytewise(byte[] bytes) throws IOException {
        for (byte b : bytes) {
            socket.getOutputStream().write(b);
            socket.getOutputStream().flush();
        }
    }

    Got read() throws IOException {
        InputStream in = socket.getInputStream();
        int first = in.read();
        if (first < 0) {
            throw new EOFException("the server closed the connection");
        }
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.read();
            length |= (digit & 0x7F) << shift;
            shift += 7;
        } while (digit >= 0x80);
        if (digit == 0 && shift > 7) {
            throw new AssertionError("the server wrote a length with more bytes than needed");
        }
        return new Got(first, in.readNBytes(length));
    }

    /// @return whether nothing comes for so long
    boolean silentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            int b = socket.getInputStream().read();
            throw new AssertionError(b < 0 ? "the server closed the connection" : "the server sent something: " + b);
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /// @return whether something to read comes within that time
    boolean ready(int millis) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000L;
        while (socket.getInputStream().available() == 0) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(2);
        }
        return true;
    }

    /// Reads to the end of the stream.
    ///
    /// @return what came before it
    byte[] untilClosed() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketException e) {
            // a reset is a close, too
        }
        return all.toByteArray();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static byte[] connect(int version, String clientId, String password) {
        return connect(version, clientId, password, 0, new byte[0]);
    }

    /// @param properties of CONNECT, for 5.0
    static byte[] connect(int version, String clientId, String password, int keepAlive, byte[] properties) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(version);
        body.write(password == null ? 0x02 : 0xC2);
        body.write(keepAlive >> 8);
        body.write(keepAlive);
        if (version == 5) {
            body.write(properties.length);
            body.writeBytes(properties);
        }
        text(body, clientId);
        if (password != null) {
            text(body, "");
            text(body, password);
        }
        return packet(0x10, body.toByteArray());
    }

    static byte[] publish(int version, int qos, int packetId, String topic, String payload) {
        return publish(version, qos, packetId, topic, payload.getBytes(StandardCharsets.UTF_8), new byte[0]);
    }

    static byte[] publish(int version, int qos, int packetId, String topic, byte[] payload, byte[] properties) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, topic);
        if (qos > 0) {
            body.write(packetId >> 8);
            body.write(packetId);
        }
        if (version == 5) {
            body.write(properties.length);
            body.writeBytes(properties);
        }
        body.writeBytes(payload);
        return packet(0x30 | qos << 1, body.toByteArray());
    }

    static byte[] subscribe(int version, int packetId, String filter, int options) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(packetId >> 8);
        body.write(packetId);
        if (version == 5) {
            body.write(0);
        }
        text(body, filter);
        body.write(options);
        return packet(0x82, body.toByteArray());
    }

    static byte[] acknowledgement(int first, int packetId) {
        return packet(first, new byte[] {(byte) (packetId >> 8), (byte) packetId});
    }

    static byte[] packet(int first, byte[] body) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(first);
        int rest = body.length;
        do {
            packet.write(rest >= 0x80 ? rest & 0x7F | 0x80 : rest);
            rest >>>= 7;
        } while (rest > 0);
        packet.writeBytes(body);
        return packet.toByteArray();
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }
}
