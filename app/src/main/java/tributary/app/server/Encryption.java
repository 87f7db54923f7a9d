package tributary.app.server;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.gateway.tls.ClientTrust;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;
import tributary.registry.Certificates;

/// TLS of this process: whose certificate it shows, and on which ports.
///
/// @param tls       null where there is no TLS
/// @param authority of the certificate that this server made for itself, where it did
/// @param mqttPort  to listen on
/// @param httpPort  to listen on
record Encryption(@Nullable ServerTls tls, Optional<Path> authority, int mqttPort, int httpPort) {
    /// @return where certificates made here are
    static Path folder(Path data) {
        return data.resolve("tls");
    }

    /// @param clients says whose certificates are good
    record World(Certificates clients, InstantSource clock) {}

    static Encryption open(Scope scope, ServerSettings settings, DataFolder data, World world) {
        InstantSource clock = world.clock();
        TlsSettings wanted = settings.tls();
        Optional<Path> authority = Optional.empty();
        if (!wanted.given() && wanted.development()) {
            DevelopmentCertificates own = new DevelopmentCertificates(folder(data.path()), clock, new SecureRandom());
            if (own.due()) {
                own.make(List.of());
            }
            wanted = wanted.with(own.certificate(), own.key());
            authority = Optional.of(own.authority());
        }
        if (!wanted.given()) {
            return new Encryption(null, authority, 0, 0);
        }
        ServerTls tls = scope.own(ServerTls.open(wanted, new ClientTrust(world.clients()), clock));
        ServerSettings.TlsPortsFixed fixed = settings.tlsPortsFixed();
        int mqttPort = Ports.choose(
                settings.mqtt().listeners().tlsHost(),
                settings.mqtt().listeners().tlsPort(),
                fixed.mqtt(),
                "--set mqtt.tls-port=0");
        int httpPort = Ports.choose(
                settings.http().tlsHost(), settings.http().tlsPort(), fixed.http(), "--set http.tls-port=0");
        return new Encryption(tls, authority, mqttPort, httpPort);
    }
}
