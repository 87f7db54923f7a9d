package tributary.gateway.http;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tributary.decode.PayloadDecoder;
import tributary.decode.ReadingSink;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Balancers;
import tributary.gateway.Checkpoint;
import tributary.gateway.DeviceTree;
import tributary.gateway.IntakeSettings;
import tributary.gateway.KeyRing;
import tributary.gateway.MemoryLog;
import tributary.gateway.Pace;
import tributary.gateway.RecentAttempts;
import tributary.gateway.ws.WsDoor;
import tributary.gateway.ws.WsSettings;
import tributary.model.Message;
import tributary.model.Micros;

/// The HTTP and the WebSocket door on one server with all behind it, and two tenants with devices: `acme` has the
/// gateway `gw`, which carries `pump`, and `boiler`; `other` has a `boiler`, too.
public final class Street implements AutoCloseable {
    /// Connections at once where there are load balancers.
    static final int BALANCED_MAX = 20;

    public final MemoryLog log = new MemoryLog();
    public final DeviceTree devices = new DeviceTree()
            .with("acme", "gw")
            .with("acme", "pump", "gw")
            .with("acme", "boiler")
            .with("other", "boiler");
    public final KeyRing keys = new KeyRing();
    public final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    public final InstantSource clock = () -> InstantSource.system().instant().plus(ahead.get());
    public final RecentAttempts attempts = new RecentAttempts(AttemptSettings.DEFAULTS, devices, clock);
    public final Checkpoint intake;
    public final WsDoor ws;
    private final HttpDoor door;
    private final WebServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public Street() {
        this(IntakeSettings.DEFAULTS, HttpSettings.DEFAULTS, WsSettings.DEFAULTS);
    }

    public Street(IntakeSettings limits, HttpSettings http, WsSettings sockets) {
        this(limits, http, sockets, Balancers.NONE);
    }

    /// @param balancers that stand before the server, or none
    Street(IntakeSettings limits, HttpSettings http, WsSettings sockets, Balancers balancers) {
        this(limits, http, sockets, balancers, Duration.ofSeconds(30));
    }

    /// @param wait how long a request may take to come
    Street(IntakeSettings limits, HttpSettings http, WsSettings sockets, Balancers balancers, Duration wait) {
        this(limits, http, sockets, balancers, wait, System::nanoTime);
    }

    /// @param nanos by which requests come fast enough or not
    Street(
            IntakeSettings limits,
            HttpSettings http,
            WsSettings sockets,
            Balancers balancers,
            Duration wait,
            LongSupplier nanos) {
        intake = new Checkpoint(limits, devices, log, attempts, clock);
        ws = new WsDoor(sockets, keys, intake, clock);
        door = new HttpDoor(http, keys, intake, clock);
        server = serve(door, balancers, new Pace.Limits(wait, http.bodyBytesMax()), nanos);
    }

    /// A server with the routes of the doors.
    ///
    /// @param straight serves the usual requests before it, or null
    private WebServer serve(@Nullable HttpDoor straight, Balancers balancers, Pace.Limits limits, LongSupplier nanos) {
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new PacedRequests());
        door.register(routing);
        WsRouting.Builder upgrades = WsRouting.builder();
        ws.register(upgrades);
        return WebServer.builder()
                .port(0)
                .addConnectionSelector(new WatchedConnections(straight, balancers, attempts, limits, nanos))
                .update(builder -> {
                    if (!balancers.networks().isEmpty()) {
                        builder.maxTcpConnections(BALANCED_MAX);
                    }
                })
                .contentEncoding(HttpDoor.codings())
                .addRouting(routing)
                .addRouting(upgrades)
                .build()
                .start();
    }

    /// The same doors behind a server that is asked for everything. The test stops it.
    WebServer plain(Duration wait) {
        return serve(
                null, Balancers.NONE, new Pace.Limits(wait, HttpSettings.DEFAULTS.bodyBytesMax()), System::nanoTime);
    }

    public int port() {
        return server.port();
    }

    /// A request that a test completes.
    public HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    /// Sends it and waits for the answer.
    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /// Posts a body with a bearer and, unless it is empty, a content type.
    public HttpResponse<String> post(String path, String bearer, String type, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                to(path).header("Authorization", "Bearer " + bearer).POST(BodyPublishers.ofByteArray(body));
        return send(type.isEmpty() ? request : request.header("Content-Type", type));
    }

    /// @return what the lake would store of everything durable: `device sensor=value`, in order
    public List<String> readings() {
        List<String> readings = new ArrayList<>();
        PayloadDecoder decoder = new PayloadDecoder();
        for (Message message : log.messages()) {
            decoder.decode(message, new ReadingSink() {
                @Override
                public void number(String sensor, long tsMicros, double value) {
                    readings.add(message.device() + " " + sensor + "=" + value);
                }

                @Override
                public void text(String sensor, long tsMicros, String value) {
                    readings.add(message.device() + " " + sensor + "='" + value + "'");
                }

                @Override
                public void bool(String sensor, long tsMicros, boolean value) {
                    readings.add(message.device() + " " + sensor + "=" + value);
                }

                @Override
                public void rejected(int index, String reason) {
                    readings.add(message.device() + " rejected " + index + ": " + reason);
                }
            });
        }
        return readings;
    }

    /// @return when each number that was stored is of
    List<Instant> times() {
        List<Instant> times = new ArrayList<>();
        PayloadDecoder decoder = new PayloadDecoder();
        for (Message message : log.messages()) {
            decoder.decode(message, new ReadingSink() {
                @Override
                public void number(String sensor, long tsMicros, double value) {
                    times.add(Micros.instant(tsMicros));
                }

                @Override
                public void text(String sensor, long tsMicros, String value) {}

                @Override
                public void bool(String sensor, long tsMicros, boolean value) {}

                @Override
                public void rejected(int index, String reason) {}
            });
        }
        return times;
    }

    /// Waits for something that another thread does.
    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(60);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not within a minute: " + what);
            }
            Thread.sleep(2);
        }
    }

    @Override
    public void close() {
        log.release();
        ws.close();
        client.close();
        server.stop();
        door.close();
        log.close();
    }
}
