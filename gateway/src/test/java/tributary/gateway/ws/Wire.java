package tributary.gateway.ws;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A WebSocket client without manners: it sends any bytes, and shows what came back as text.
final class Wire implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    /// What the server answered to the upgrade, headers included, and the body where it refused.
    final String answer;

    Wire(int port, String path, String... headers) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        StringBuilder request = new StringBuilder(
                "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                        + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        out.write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        answer = readAnswer();
    }

    private String readAnswer() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
            head.write(in.read());
        }
        String text = head.toString(StandardCharsets.UTF_8);
        int length = text.indexOf("Content-Length: ");
        if (length < 0) {
            return text;
        }
        int size = Integer.parseInt(text.substring(length + 16, text.indexOf('\r', length)));
        return text + new String(in.readNBytes(size), StandardCharsets.UTF_8);
    }

    Wire text(String payload) throws IOException {
        return frame(0x81, payload.getBytes(StandardCharsets.UTF_8));
    }

    Wire frame(int first, byte[] payload) throws IOException {
        out.write(encoded(first, payload));
        return this;
    }

    Wire raw(int... bytes) throws IOException {
        byte[] sent = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            sent[i] = (byte) bytes[i];
        }
        out.write(sent);
        return this;
    }

    Wire raw(byte[] bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    /// @return a masked frame
    static byte[] encoded(int first, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length < 65_536) {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        byte[] mask = {0x12, (byte) 0xf4, 0x56, 0x78};
        frame.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ mask[i % 4]);
        }
        return frame.toByteArray();
    }

    /// @return the next frame: its text, `pong:`, `ping:` or `close 1000: why`; `end` where the socket is closed
    String next() throws IOException {
        try {
            int first = in.read();
            if (first < 0) {
                return "end";
            }
            int length = in.read();
            if (length == 126) {
                length = in.read() << 8 | in.read();
            }
            byte[] payload = in.readNBytes(length);
            return switch (first & 0x0f) {
                case 8 ->
                    "close " + ((payload[0] & 0xff) << 8 | payload[1] & 0xff) + ": "
                            + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
                case 9 -> "ping:" + new String(payload, StandardCharsets.UTF_8);
                case 10 -> "pong:" + new String(payload, StandardCharsets.UTF_8);
                default -> new String(payload, StandardCharsets.UTF_8);
            };
        } catch (SocketException | EOFException e) {
            return "end";
        }
    }

    /// Reads until an acknowledgement covers `frame`.
    ///
    /// @return everything that came before it and it
    List<String> untilAck(long frame) throws IOException {
        List<String> heard = new ArrayList<>();
        while (true) {
            String next = next();
            heard.add(next);
            if (next.equals("end") || next.startsWith("close")) {
                return heard;
            }
            if (next.startsWith("{\"ack\":") && Long.parseLong(next.substring(7, next.length() - 1)) >= frame) {
                return heard;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
