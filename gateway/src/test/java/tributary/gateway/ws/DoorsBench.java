package tributary.gateway.ws;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Checkpoint;
import tributary.gateway.IntakeSettings;
import tributary.gateway.RecentAttempts;
import tributary.gateway.http.HttpDoor;
import tributary.gateway.http.HttpSettings;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Credentials;
import tributary.registry.Device;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;

/// The doors over a real log and a real registry, without lake and API.
///
/// Arguments: a data folder; `serve` to write one JWT a line to `tokens` in it and serve HTTP on port 18080 until the
/// input ends; or `ws CONNECTIONS MESSAGES` to send so many over WebSocket from the same process and say how fast.
final class DoorsBench {
    private static final byte[] PAYLOAD = ("{\"ts\":1690000000000,\"temperature\":21.53,\"humidity\":48.1,\"pressure\":"
                    + "1013.25,\"note\":\"" + "x".repeat(62) + "\"}")
            .getBytes(StandardCharsets.UTF_8);

    private DoorsBench() {}

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        Files.createDirectories(data);
        InstantSource clock = InstantSource.system();
        try (SqlRegistry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
                SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("log"), clock)) {
            List<String> tokens = tokens(registry, 100);
            RecentAttempts attempts = new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), clock);
            Checkpoint intake = new Checkpoint(IntakeSettings.DEFAULTS, registry.devices(), log, attempts, clock);
            try (WsDoor ws = new WsDoor(WsSettings.DEFAULTS, registry.credentials(), intake, clock)) {
                HttpRouting.Builder routing = HttpRouting.builder();
                new HttpDoor(HttpSettings.DEFAULTS, registry.credentials(), intake, clock).register(routing);
                WsRouting.Builder upgrades = WsRouting.builder();
                ws.register(upgrades);
                WebServer server = WebServer.builder()
                        .port(18080)
                        .contentEncoding(HttpDoor.codings())
                        .backlog(1024)
                        .addRouting(routing)
                        .addRouting(upgrades)
                        .build()
                        .start();
                if (args[1].equals("serve")) {
                    Files.write(data.resolve("tokens"), tokens);
                    System.in.read();
                } else {
                    sockets(tokens, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
                }
                System.out.println(log.stats());
                server.stop();
            }
        }
    }

    private static List<String> tokens(SqlRegistry registry, int count) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DeviceId id = new DeviceId("bench-" + i);
            if (!registry.devices().exists(TenantId.MAIN, id)) {
                registry.devices().add(new Device(TenantId.MAIN, id, null, "", Map.of(), "{}", Instant.EPOCH));
            }
            tokens.add(registry.credentials()
                    .issueJwt(TenantId.MAIN, id, Duration.ofHours(1), Credentials.Algorithm.RS256, Set.of(), Set.of())
                    .secret());
        }
        return tokens;
    }

    private static void sockets(List<String> tokens, int connections, int messages) throws Exception {
        for (int round = 0; round < 4; round++) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                sockets.add(connected(tokens.get(i % tokens.size())));
            }
            byte[] burst = burst(Math.min(messages, 50));
            long start = System.nanoTime();
            List<Future<?>> ends = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Socket socket : sockets) {
                    ends.add(threads.submit(() -> {
                        OutputStream out = socket.getOutputStream();
                        for (int sent = 0; sent < messages; sent += 50) {
                            out.write(burst);
                        }
                        return null;
                    }));
                    ends.add(threads.submit(() -> {
                        acknowledged(socket, messages);
                        return null;
                    }));
                }
                for (Future<?> end : ends) {
                    end.get();
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%d connections x %d messages of %d bytes: %.2f s, %,.0f messages/s acknowledged%n",
                    connections, messages, PAYLOAD.length, seconds, connections * (double) messages / seconds);
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static Socket connected(String token) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("127.0.0.1", 18080));
        socket.getOutputStream()
                .write(("GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                + "Authorization: Bearer " + token + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        if (head.indexOf("101") < 0) {
            throw new IOException(head.toString());
        }
        return socket;
    }

    private static byte[] burst(int count) {
        byte[] frame = Wire.encoded(0x82 - 1, PAYLOAD);
        byte[] burst = new byte[frame.length * count];
        for (int i = 0; i < count; i++) {
            System.arraycopy(frame, 0, burst, i * frame.length, frame.length);
        }
        return burst;
    }

    private static void acknowledged(Socket socket, long last) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] text = new byte[125];
        while (true) {
            in.readByte();
            int length = in.readByte();
            in.readFully(text, 0, length);
            String said = new String(text, 0, length, StandardCharsets.US_ASCII);
            if (!said.startsWith("{\"ack\":")) {
                throw new IOException(said);
            }
            if (Long.parseLong(said.substring(7, length - 1)) >= last) {
                return;
            }
        }
    }
}
