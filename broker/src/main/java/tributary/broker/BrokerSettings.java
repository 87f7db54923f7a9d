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
/// @param sysInterval        how often a tenant is told its own figures under `$SYS/`; zero for never
/// @param version            what these call this build
/// @param deviceSessionsMax  sessions of one device, with their connections
public record BrokerSettings(
        int sessionsMax,
        Duration sessionExpiryMax,
        int sessionMessagesMax,
        long sessionBytesMax,
        Duration sessionAgeMax,
        int retainedMax,
        long retainedBytesMax,
        Duration sysInterval,
        String version,
        int deviceSessionsMax) {
    public static final BrokerSettings DEFAULTS =
            new BrokerSettings(100_000, Duration.ofDays(7), 5_000_000, 4L << 30, Duration.ofDays(7), 100_000, 64 << 20);

    private static final Duration AGE_CEILING = Duration.ofDays(3650);
    private static final int DEVICE_SESSIONS_MAX = 1_000;

    public BrokerSettings {
        Objects.requireNonNull(sessionExpiryMax, "sessionExpiryMax");
        Objects.requireNonNull(sessionAgeMax, "sessionAgeMax");
        Objects.requireNonNull(sysInterval, "sysInterval");
        Objects.requireNonNull(version, "version");
    }

    /// The same with as many sessions of one device as there are where nothing is set.
    public BrokerSettings(
            int sessionsMax,
            Duration sessionExpiryMax,
            int sessionMessagesMax,
            long sessionBytesMax,
            Duration sessionAgeMax,
            int retainedMax,
            long retainedBytesMax,
            Duration sysInterval,
            String version) {
        this(
                sessionsMax,
                sessionExpiryMax,
                sessionMessagesMax,
                sessionBytesMax,
                sessionAgeMax,
                retainedMax,
                retainedBytesMax,
                sysInterval,
                version,
                DEVICE_SESSIONS_MAX);
    }

    /// Limits; the rest as it is where nothing is set.
    public BrokerSettings(
            int sessionsMax,
            Duration sessionExpiryMax,
            int sessionMessagesMax,
            long sessionBytesMax,
            Duration sessionAgeMax,
            int retainedMax,
            long retainedBytesMax) {
        this(
                sessionsMax,
                sessionExpiryMax,
                sessionMessagesMax,
                sessionBytesMax,
                sessionAgeMax,
                retainedMax,
                retainedBytesMax,
                Duration.ofSeconds(10),
                "dev");
    }

    /// @return the same for a build of that version
    public BrokerSettings of(String build) {
        return new BrokerSettings(
                sessionsMax,
                sessionExpiryMax,
                sessionMessagesMax,
                sessionBytesMax,
                sessionAgeMax,
                retainedMax,
                retainedBytesMax,
                sysInterval,
                build,
                deviceSessionsMax);
    }

    /// @return the same with so many sessions of one device
    BrokerSettings ofDevice(int sessions) {
        return new BrokerSettings(
                sessionsMax,
                sessionExpiryMax,
                sessionMessagesMax,
                sessionBytesMax,
                sessionAgeMax,
                retainedMax,
                retainedBytesMax,
                sysInterval,
                version,
                sessions);
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
                settings.bytes("broker.retained-bytes-max", DEFAULTS.retainedBytesMax(), 0, 1L << 40),
                settings.duration("broker.sys-interval", DEFAULTS.sysInterval(), Duration.ZERO, Duration.ofDays(1)),
                DEFAULTS.version(),
                settings.number("broker.sessions-per-device", DEFAULTS.deviceSessionsMax(), 1, 10_000_000));
    }
}
