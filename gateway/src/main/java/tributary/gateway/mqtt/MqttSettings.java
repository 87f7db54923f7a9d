package tributary.gateway.mqtt;

import java.time.Duration;
import java.util.Objects;
import tributary.gateway.Balancers;
import tributary.model.Settings;

/// What the MQTT door listens on and how much it lets one client have.
///
/// @param host             address to listen on
/// @param port             TCP port; 0 lets the system choose one
/// @param connectionsMax   connections at once
/// @param packetBytesMax   largest packet, header and topic included
/// @param receiveMax       publishes of one client that may wait for their acknowledgement
/// @param keepAliveMax     longest keep-alive that a client may ask for
/// @param subscriptionsMax filters of one client
/// @param outboundBytesMax bytes that may wait in memory for one slow subscriber
/// @param eventLoops       threads that serve the connections
/// @param listeners        the entrances beside the plain one
public record MqttSettings(
        String host,
        int port,
        int connectionsMax,
        int packetBytesMax,
        int receiveMax,
        Duration keepAliveMax,
        int subscriptionsMax,
        long outboundBytesMax,
        int eventLoops,
        ListenerSettings listeners) {
    public static final MqttSettings DEFAULTS = new MqttSettings(
            "127.0.0.1",
            1883,
            20_000,
            320 * 1024,
            1_000,
            Duration.ofMinutes(20),
            1_000,
            1 << 20,
            2,
            ListenerSettings.DEFAULTS);

    private static final int PACKET_BYTES_CEILING = 16 * 1024 * 1024 + 128 * 1024;
    private static final Duration KEEP_ALIVE_CEILING = Duration.ofSeconds(65_535);

    public MqttSettings {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(keepAliveMax, "keepAliveMax");
        Objects.requireNonNull(listeners, "listeners");
    }

    /// Settings with one plain entrance and the defaults for the others.
    public MqttSettings(
            String host,
            int port,
            int connectionsMax,
            int packetBytesMax,
            int receiveMax,
            Duration keepAliveMax,
            int subscriptionsMax,
            long outboundBytesMax,
            int eventLoops) {
        this(
                host,
                port,
                connectionsMax,
                packetBytesMax,
                receiveMax,
                keepAliveMax,
                subscriptionsMax,
                outboundBytesMax,
                eventLoops,
                ListenerSettings.DEFAULTS);
    }

    /// Reads the `mqtt.*` keys.
    public static MqttSettings read(Settings settings) {
        String host = settings.text("mqtt.host", DEFAULTS.host());
        return new MqttSettings(
                host,
                settings.number("mqtt.port", DEFAULTS.port(), 0, 65_535),
                settings.number("mqtt.connections-max", DEFAULTS.connectionsMax(), 1, 10_000_000),
                (int) settings.bytes("mqtt.packet-bytes-max", DEFAULTS.packetBytesMax(), 1024, PACKET_BYTES_CEILING),
                settings.number("mqtt.receive-max", DEFAULTS.receiveMax(), 1, 65_535),
                settings.duration(
                        "mqtt.keep-alive-max", DEFAULTS.keepAliveMax(), Duration.ofSeconds(1), KEEP_ALIVE_CEILING),
                settings.number("mqtt.subscriptions-max", DEFAULTS.subscriptionsMax(), 1, 1_000_000),
                settings.bytes("mqtt.outbound-bytes-max", DEFAULTS.outboundBytesMax(), 1024, 1L << 30),
                settings.number("mqtt.event-loops", DEFAULTS.eventLoops(), 1, 256),
                ListenerSettings.read(settings, host));
    }

    /// @return the same on another port
    public MqttSettings on(int newPort) {
        return with(newPort, listeners);
    }

    /// @return the same with other limits for each address
    public MqttSettings crowd(CrowdSettings crowd) {
        return with(port, listeners.with(crowd));
    }

    /// @return the same with another port for TLS
    public MqttSettings onTls(int newTlsPort) {
        return with(port, listeners.onTls(newTlsPort));
    }

    /// @return the same with clients that need no credential
    public MqttSettings with(Anonymous anonymous) {
        return with(port, listeners.with(anonymous));
    }

    /// @return the same with other load balancers
    public MqttSettings with(Balancers balancers) {
        return with(port, listeners.with(balancers));
    }

    private MqttSettings with(int newPort, ListenerSettings newListeners) {
        return new MqttSettings(
                host,
                newPort,
                connectionsMax,
                packetBytesMax,
                receiveMax,
                keepAliveMax,
                subscriptionsMax,
                outboundBytesMax,
                eventLoops,
                newListeners);
    }
}
