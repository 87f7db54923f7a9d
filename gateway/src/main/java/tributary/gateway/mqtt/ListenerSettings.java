package tributary.gateway.mqtt;

import java.util.Objects;
import tributary.gateway.Balancers;
import tributary.model.Settings;

/// The entrances beside the plain one, and how connections come to it.
///
/// @param tlsHost   address to listen on with TLS
/// @param tlsPort   TCP port with TLS; 0 lets the system choose one
/// @param crowd     what one address may have
/// @param anonymous clients that need no credential
/// @param balancers load balancers that say whose connections theirs are
public record ListenerSettings(
        String tlsHost, int tlsPort, CrowdSettings crowd, Anonymous anonymous, Balancers balancers) {
    public static final ListenerSettings DEFAULTS =
            new ListenerSettings("127.0.0.1", 8883, CrowdSettings.DEFAULTS, Anonymous.OFF, Balancers.NONE);

    public ListenerSettings {
        Objects.requireNonNull(tlsHost, "tlsHost");
        Objects.requireNonNull(crowd, "crowd");
        Objects.requireNonNull(anonymous, "anonymous");
        Objects.requireNonNull(balancers, "balancers");
    }

    /// @param host where the plain listener is
    static ListenerSettings read(Settings settings, String host) {
        return new ListenerSettings(
                settings.text("mqtt.tls-host", DEFAULTS.tlsHost()),
                settings.number("mqtt.tls-port", DEFAULTS.tlsPort(), 0, 65_535),
                CrowdSettings.read(settings),
                Anonymous.read(settings, host),
                Balancers.read(settings, "mqtt.proxy-from"));
    }

    ListenerSettings with(Anonymous newAnonymous) {
        return new ListenerSettings(tlsHost, tlsPort, crowd, newAnonymous, balancers);
    }

    ListenerSettings with(CrowdSettings newCrowd) {
        return new ListenerSettings(tlsHost, tlsPort, newCrowd, anonymous, balancers);
    }

    ListenerSettings onTls(int newTlsPort) {
        return new ListenerSettings(tlsHost, newTlsPort, crowd, anonymous, balancers);
    }

    ListenerSettings with(Balancers newBalancers) {
        return new ListenerSettings(tlsHost, tlsPort, crowd, anonymous, newBalancers);
    }
}
