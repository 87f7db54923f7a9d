package tributary.gateway.mqtt;

import java.util.Objects;
import tributary.model.Settings;

/// The entrances beside the plain one, and how connections come to it.
///
/// @param tlsHost address to listen on with TLS
/// @param tlsPort TCP port with TLS; 0 lets the system choose one
/// @param anonymous clients that need no credential
public record ListenerSettings(String tlsHost, int tlsPort, Anonymous anonymous) {
    public static final ListenerSettings DEFAULTS = new ListenerSettings("127.0.0.1", 8883, Anonymous.OFF);

    public ListenerSettings {
        Objects.requireNonNull(tlsHost, "tlsHost");
        Objects.requireNonNull(anonymous, "anonymous");
    }

    /// @param host where the plain listener is
    static ListenerSettings read(Settings settings, String host) {
        return new ListenerSettings(
                settings.text("mqtt.tls-host", DEFAULTS.tlsHost()),
                settings.number("mqtt.tls-port", DEFAULTS.tlsPort(), 0, 65_535),
                Anonymous.read(settings, host));
    }

    ListenerSettings with(Anonymous newAnonymous) {
        return new ListenerSettings(tlsHost, tlsPort, newAnonymous);
    }

    ListenerSettings onTls(int newTlsPort) {
        return new ListenerSettings(tlsHost, newTlsPort, anonymous);
    }
}
