package tributary.gateway.ws;

import java.time.Duration;
import tributary.model.Settings;

/// What the WebSocket door is set to.
///
/// @param connectionsMax   connections at once; the next is answered 503
/// @param messageBytesMax  largest message, its fragments together
/// @param inFlightFrames   frames of a connection that wait for the disk; with more, its socket is not read
/// @param inFlightBytes    bytes of these
/// @param idle             a connection that says nothing for so long is closed; it is pinged at half of it
public record WsSettings(
        int connectionsMax, int messageBytesMax, int inFlightFrames, int inFlightBytes, Duration idle) {
    public static final WsSettings DEFAULTS =
            new WsSettings(20_000, 256 * 1024, 1024, 1024 * 1024, Duration.ofSeconds(120));

    public WsSettings {
        if (connectionsMax < 1
                || messageBytesMax < 1
                || inFlightFrames < 1
                || inFlightBytes < 1
                || idle.toMillis() < 2) {
            throw new IllegalArgumentException("every limit has room for one");
        }
    }

    /// Reads the `ws.*` keys.
    public static WsSettings read(Settings settings) {
        return new WsSettings(
                settings.number("ws.connections-max", DEFAULTS.connectionsMax(), 1, 1_000_000),
                (int) settings.bytes("ws.message-bytes-max", DEFAULTS.messageBytesMax(), 1024, 16 * 1024 * 1024),
                settings.number("ws.in-flight-frames", DEFAULTS.inFlightFrames(), 1, 65_536),
                (int) settings.bytes("ws.in-flight-bytes", DEFAULTS.inFlightBytes(), 1024, 64 * 1024 * 1024),
                settings.duration("ws.idle", DEFAULTS.idle(), Duration.ofSeconds(2), Duration.ofDays(1)));
    }
}
