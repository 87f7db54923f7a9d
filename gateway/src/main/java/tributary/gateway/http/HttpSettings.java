package tributary.gateway.http;

import java.time.Duration;
import tributary.model.Settings;

/// What the HTTP door is set to.
///
/// @param bodyBytesMax largest body of a request, decompressed; a message in it is also under
/// `intake.payload-bytes-max`
/// @param durableWait  how long a request waits for the disk before it is told to try again
public record HttpSettings(int bodyBytesMax, Duration durableWait) {
    public static final HttpSettings DEFAULTS = new HttpSettings(4 * 1024 * 1024, Duration.ofSeconds(30));

    private static final int BODY_BYTES_CEILING = 64 * 1024 * 1024;

    public HttpSettings {
        if (bodyBytesMax < 1 || bodyBytesMax > BODY_BYTES_CEILING || durableWait.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "a body has 1 to " + BODY_BYTES_CEILING + " bytes and a wait is positive");
        }
    }

    /// Reads the `http.*` keys.
    public static HttpSettings read(Settings settings) {
        return new HttpSettings(
                (int) settings.bytes("http.body-bytes-max", DEFAULTS.bodyBytesMax(), 1024, BODY_BYTES_CEILING),
                settings.duration(
                        "http.durable-wait", DEFAULTS.durableWait(), Duration.ofSeconds(1), Duration.ofMinutes(5)));
    }
}
