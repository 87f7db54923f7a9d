package tributary.app.server;

import java.time.Duration;
import java.util.Objects;
import tributary.gateway.Balancers;
import tributary.model.Settings;

/// Where the one HTTP server listens: REST, WebSocket, event streams.
///
/// @param host           address to listen on; loopback unless asked otherwise
/// @param port           0 for any free one
/// @param connectionsMax further connections are refused, on each of the ports
/// @param bodyWait       how long a head may take to come, and a body before the time for its bytes
/// @param tlsHost        address to listen on with TLS
/// @param tlsPort        its port; 0 for any free one
/// @param balancers      load balancers before the plain port that say whose connections theirs are
public record WebSettings(
        String host,
        int port,
        int connectionsMax,
        Duration bodyWait,
        String tlsHost,
        int tlsPort,
        Balancers balancers) {
    public static final WebSettings DEFAULTS =
            new WebSettings("127.0.0.1", 8080, 20_000, Duration.ofSeconds(30), "127.0.0.1", 8443, Balancers.NONE);

    public WebSettings {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(tlsHost, "tlsHost");
        Objects.requireNonNull(balancers, "balancers");
    }

    static WebSettings read(Settings settings) {
        return new WebSettings(
                settings.text("http.host", DEFAULTS.host()),
                settings.number("http.port", DEFAULTS.port(), 0, 65_535),
                settings.number("http.connections-max", DEFAULTS.connectionsMax(), 1, 1_000_000),
                settings.duration("http.body-wait", DEFAULTS.bodyWait(), Duration.ofSeconds(1), Duration.ofHours(1)),
                settings.text("http.tls-host", DEFAULTS.tlsHost()),
                settings.number("http.tls-port", DEFAULTS.tlsPort(), 0, 65_535),
                Balancers.read(settings, "http.proxy-from"));
    }
}
