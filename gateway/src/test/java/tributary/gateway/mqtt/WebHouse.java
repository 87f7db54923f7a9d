package tributary.gateway.mqtt;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.time.Duration;
import tributary.gateway.Balancers;
import tributary.gateway.IntakeSettings;
import tributary.gateway.Pace;
import tributary.gateway.http.HttpDoor;
import tributary.gateway.http.HttpSettings;
import tributary.gateway.http.PacedRequests;
import tributary.gateway.http.WatchedConnections;
import tributary.gateway.ws.MqttSocket;

/// A [House] with an HTTP server, through which MQTT is spoken, too.
final class WebHouse implements AutoCloseable {
    /// So short that what is a WebSocket would notice if it were held to it.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    final House house;
    private final HttpDoor http;
    private final WebServer web;

    WebHouse() {
        this(House.small());
    }

    WebHouse(MqttSettings settings) {
        house = new House(IntakeSettings.DEFAULTS, settings);
        http = new HttpDoor(HttpSettings.DEFAULTS, house.keys, house.intake, house.clock);
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new PacedRequests());
        http.register(routing);
        WsRouting.Builder sockets = WsRouting.builder();
        new MqttSocket(house.door).register(sockets);
        web = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .addConnectionSelector(new WatchedConnections(
                        http,
                        Balancers.NONE,
                        house.attempts,
                        new Pace.Limits(PATIENCE, HttpSettings.DEFAULTS.bodyBytesMax()),
                        System::nanoTime))
                .addRouting(routing)
                .addRouting(sockets)
                .build()
                .start();
    }

    int port() {
        return web.port();
    }

    @Override
    public void close() {
        house.close();
        web.stop();
        http.close();
    }
}
