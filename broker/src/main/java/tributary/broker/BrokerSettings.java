package tributary.broker;

import java.time.Duration;
import java.util.Objects;
import tributary.model.Settings;

/// How much the broker keeps for clients that are away, and of retained messages.
///
/// @param sessionsMax        sessions of one tenant that outlive their connection
/// @param sessionExpiryMax   how long a session outlives its connection at most
/// @param sessionMessagesMax messages that may wait for one session
/// @param sessionBytesMax    bytes of payload that may wait for one session; they are in the log, not in memory
/// @param sessionAgeMax      how long a message waits for a session
/// @param retainedMax        retained messages of one tenant
/// @param retainedBytesMax   bytes of payload of these, which are in memory
public record BrokerSettings(
        int sessionsMax,
        Duration sessionExpiryMax,
        int sessionMessagesMax,
        long sessionBytesMax,
        Duration sessionAgeMax,
        int retainedMax,
        long retainedBytesMax) {
    public static final BrokerSettings DEFAULTS =
            new BrokerSettings(100_000, Duration.ofDays(7), 5_000_000, 4L << 30, Duration.ofDays(7), 100_000, 64 << 20);

    private static final Duration AGE_CEILING = Duration.ofDays(3650);

    public BrokerSettings {
        Objects.requireNonNull(sessionExpiryMax, "sessionExpiryMax");
        Objects.requireNonNull(sessionAgeMax, "sessionAgeMax");
    }

    /// Reads the `broker.*` keys.
    public static BrokerSettings read(Settings settings) {
        return new BrokerSettings(
                settings.number("broker.sessions-max", DEFAULTS.sessionsMax(), 0, 10_000_000),
                settings.duration("broker.session-expiry-max", DEFAULTS.sessionExpiryMax(), Duration.ZERO, AGE_CEILING),
                settings.number("broker.session-messages-max", DEFAULTS.sessionMessagesMax(), 1, 1_000_000_000),
                settings.bytes("broker.session-bytes-max", DEFAULTS.sessionBytesMax(), 1024, 1L << 50),
                settings.duration(
                        "broker.session-age-max", DEFAULTS.sessionAgeMax(), Duration.ofSeconds(1), AGE_CEILING),
                settings.number("broker.retained-max", DEFAULTS.retainedMax(), 0, 100_000_000),
                settings.bytes("broker.retained-bytes-max", DEFAULTS.retainedBytesMax(), 0, 1L << 40));
    }
}
