package tributary.api;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tributary.model.Settings;

/// How the API behaves.
///
/// @param bodyBytesMax        larger request bodies are refused
/// @param streamsPerTenantMax live streams that one tenant may have open at once
/// @param streamsMax          live streams of all tenants together
/// @param streamLagMax        records that a live stream may fall behind before it is ended as too slow
/// @param streamStuck         how long one write to a live client may block before the connection is closed
/// @param heartbeat           how often a live stream with nothing to say says so
/// @param queryTimeoutMax     the longest time that a caller may ask for a query
/// @param metricsFromLoopback whether `/metrics` needs no credential from this machine
/// @param secureCookies       whether cookies are sent over TLS only; set it behind a proxy that speaks TLS
/// @param corsOrigins         origins whose pages may call the API with a key; none by default
/// @param version             what `status` and the OpenAPI document call this build
/// @param data                the folder whose disk `status` watches
public record ApiSettings(
        int bodyBytesMax,
        int streamsPerTenantMax,
        int streamsMax,
        int streamLagMax,
        Duration streamStuck,
        Duration heartbeat,
        Duration queryTimeoutMax,
        boolean metricsFromLoopback,
        boolean secureCookies,
        List<String> corsOrigins,
        String version,
        Path data) {
    public static final ApiSettings DEFAULTS = new ApiSettings(
            256 * 1024,
            20,
            200,
            200_000,
            Duration.ofSeconds(20),
            Duration.ofSeconds(15),
            Duration.ofMinutes(10),
            true,
            false,
            List.of(),
            "dev",
            Path.of("."));

    public ApiSettings {
        corsOrigins = List.copyOf(corsOrigins);
    }

    /// Reads the keys `api.*`; version and data folder come from the one who starts the process: [#of].
    public static ApiSettings read(Settings s) {
        String origins = s.text("api.cors-origins", "");
        List<String> list =
                origins.isBlank() ? List.of() : List.of(origins.strip().split("\\s*,\\s*"));
        for (String origin : list) {
            if (!origin.matches("https?://[^/*\\s]+")) {
                s.problem("api.cors-origins must be origins such as https://charts.example.org, parted by commas and"
                        + " without '*' or a path, was '" + origin + "'");
            }
        }
        return new ApiSettings(
                (int) s.bytes("api.body-bytes-max", DEFAULTS.bodyBytesMax, 1024, 16 * 1024 * 1024),
                s.number("api.streams-per-tenant-max", DEFAULTS.streamsPerTenantMax, 1, 10_000),
                s.number("api.streams-max", DEFAULTS.streamsMax, 1, 10_000),
                s.number("api.stream-lag-max", DEFAULTS.streamLagMax, 100, 100_000_000),
                s.duration("api.stream-stuck", DEFAULTS.streamStuck, Duration.ofSeconds(1), Duration.ofHours(1)),
                s.duration("api.heartbeat", DEFAULTS.heartbeat, Duration.ofMillis(100), Duration.ofMinutes(5)),
                s.duration(
                        "api.query-timeout-max", DEFAULTS.queryTimeoutMax, Duration.ofSeconds(1), Duration.ofDays(1)),
                s.flag("api.metrics-from-loopback", DEFAULTS.metricsFromLoopback),
                s.flag("api.secure-cookies", DEFAULTS.secureCookies),
                list,
                DEFAULTS.version,
                DEFAULTS.data);
    }

    /// @return the same for a build and a data folder
    public ApiSettings of(String newVersion, Path newData) {
        return new ApiSettings(
                bodyBytesMax,
                streamsPerTenantMax,
                streamsMax,
                streamLagMax,
                streamStuck,
                heartbeat,
                queryTimeoutMax,
                metricsFromLoopback,
                secureCookies,
                corsOrigins,
                newVersion,
                newData);
    }
}
