package tributary.app.score;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import tributary.app.ServerProcess;

/// A connection of MQTT 3.1.1 that asks whether the server lives, in plain bytes.
final class Pinger implements AutoCloseable {
    private static final int ANSWER_MILLIS_MAX = 20_000;

    private final Socket socket;
    private final DataInputStream in;

    Pinger(ServerProcess server, Device device) throws IOException {
        this(server, device, "pinger");
    }

    /// @param clientId who it says it is
    Pinger(ServerProcess server, Device device, String clientId) throws IOException {
        socket = new Socket("127.0.0.1", server.mqttPort());
        socket.setSoTimeout(ANSWER_MILLIS_MAX);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeUTF("MQTT");
        body.writeByte(4);
        body.writeByte(0xC2); // user name, password, clean session
        body.writeShort(600);
        body.writeUTF(clientId);
        body.writeUTF(device.id);
        body.writeUTF(device.token);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(0x10);
        int length = bytes.size();
        do {
            packet.write(length > 127 ? length % 128 | 0x80 : length);
            length /= 128;
        } while (length > 0);
        packet.writeBytes(bytes.toByteArray());
        socket.getOutputStream().write(packet.toByteArray());
        byte[] answer = in.readNBytes(4);
        if (answer.length < 4 || answer[3] != 0) {
            throw new IOException("not let in: "
                    + new String(answer, StandardCharsets.ISO_8859_1)
                            .chars()
                            .boxed()
                            .toList());
        }
    }

    /// @return after how long a ping was answered
    long millis() throws IOException {
        long began = System.nanoTime();
        socket.getOutputStream().write(new byte[] {(byte) 0xC0, 0});
        if (in.readNBytes(2).length < 2) {
            throw new IOException("closed");
        }
        return (System.nanoTime() - began) / 1_000_000;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
