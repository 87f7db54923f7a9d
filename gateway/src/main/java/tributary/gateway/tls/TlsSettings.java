package tributary.gateway.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Settings;

/// Which certificate the server shows.
///
/// @param certificate PEM file with the server's certificate and, behind it, the ones that lead to its
///                    authority; null where there is no TLS
/// @param key         PEM file with its private key
/// @param development whether a certificate is made in the data folder where none is named
/// @param engine      what does the handshakes of MQTT
/// @param lookEvery   how often the files are looked at for a change
/// @param sniStrict   whether a client that names a host is refused where the certificate is not for that host
public record TlsSettings(
        @Nullable Path certificate,
        @Nullable Path key,
        boolean development,
        Engine engine,
        Duration lookEvery,
        boolean sniStrict) {
    public static final TlsSettings DEFAULTS =
            new TlsSettings(null, null, false, Engine.AUTO, Duration.ofSeconds(10), false);

    /// Who does the handshakes of MQTT.
    public enum Engine {
        /// BoringSSL where it loads, the JDK otherwise.
        AUTO,
        /// The JDK.
        JDK
    }

    public TlsSettings {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(lookEvery, "lookEvery");
    }

    /// Reads the `tls.*` keys.
    public static TlsSettings read(Settings settings) {
        String certificate = settings.text("tls.certificate", "");
        String key = settings.text("tls.key", "");
        if (certificate.isEmpty() != key.isEmpty()) {
            settings.problem("tls.certificate and tls.key belong together: set both, or neither");
        }
        return new TlsSettings(
                certificate.isEmpty() ? null : Path.of(certificate),
                key.isEmpty() ? null : Path.of(key),
                settings.flag("tls.development", DEFAULTS.development()),
                settings.choice("tls.engine", DEFAULTS.engine()),
                settings.duration("tls.look-every", DEFAULTS.lookEvery(), Duration.ofMillis(100), Duration.ofHours(1)),
                settings.flag("tls.sni-strict", DEFAULTS.sniStrict()));
    }

    /// @return whether a certificate is named
    public boolean given() {
        return certificate != null && key != null;
    }

    /// @return the same with another certificate
    public TlsSettings with(Path newCertificate, Path newKey) {
        return new TlsSettings(newCertificate, newKey, development, engine, lookEvery, sniStrict);
    }
}
