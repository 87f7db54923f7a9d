package tributary.app.server;

import java.util.Objects;
import tributary.model.Settings;

/// Where the one HTTP server listens: REST, WebSocket, event streams.
///
/// @param host           address to listen on; loopback unless asked otherwise
/// @param port           0 for any free one
/// @param connectionsMax further connections are refused
public record WebSettings(String host, int port, int connectionsMax) {
    public static final WebSettings DEFAULTS = new WebSettings("127.0.0.1", 8080, 20_000);

    public WebSettings {
        Objects.requireNonNull(host, "host");
    }

    static WebSettings read(Settings settings) {
        return new WebSettings(
                settings.text("http.host", DEFAULTS.host()),
                settings.number("http.port", DEFAULTS.port(), 0, 65_535),
                settings.number("http.connections-max", DEFAULTS.connectionsMax(), 1, 1_000_000));
    }
}
