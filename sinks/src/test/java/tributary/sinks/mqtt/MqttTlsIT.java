package tributary.sinks.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SourceStatus;
import tributary.testkit.TestAuthority;

/// Both ways of a bridge over TLS, to a Mosquitto that takes those alone who have a certificate.
class MqttTlsIT {
    @TempDir
    Path folder;

    private TestAuthority authority;
    private int port;
    private Server mosquitto;
    private Harness house;

    @BeforeEach
    void open() throws Exception {
        authority = TestAuthority.root("Site", Instant.now());
        TestAuthority.Issued server = authority.server("localhost");
        Files.writeString(folder.resolve("ca"), authority.pem());
        Files.writeString(folder.resolve("certificate"), server.pem());
        Files.writeString(folder.resolve("key"), server.keyPem());
        Path config = folder.resolve("mosquitto.conf");
        port = Server.freePort();
        Files.writeString(config, """
                listener %1$d 127.0.0.1
                cafile %2$s/ca
                certfile %2$s/certificate
                keyfile %2$s/key
                require_certificate true
                use_identity_as_username true
                acl_file %2$s/rights
                user root
                """.formatted(port, folder));
        Files.writeString(folder.resolve("rights"), "user pump-house\ntopic readwrite #\n");
        mosquitto = new Server(
                List.of("/usr/sbin/mosquitto", "-c", config.toString()), folder.resolve("mosquitto.log"), port);
        mosquitto.start();
        house = new Harness(folder.resolve("house"), "127.0.0.1, ::1", new MqttType());
    }

    @AfterEach
    void close() {
        house.close();
        mosquitto.close();
    }

    private void bridge(Map<String, String> more, String key) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "host", "localhost",
                "port", port,
                "topic", "out/${device()}",
                "subscribe", "in/#",
                "ca", authority.pem(),
                "retry-first", "50ms",
                "retry-most", "200ms"));
        config.putAll(more);
        house.good("site", "mqtt", JsonMapper.shared().writeValueAsString(config), Map.of("private-key", key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "3.1.1"})
    void certificateOpensBothWays(String version) {
        TestAuthority.Issued us = authority.issue("pump-house");
        // what goes out comes in by another sink of the same kind
        Map<String, String> own = Map.of("certificate", us.pem(), "version", version);
        Map<String, String> way = new HashMap<>(own);
        way.put("topic", "in/${device()}");
        way.put("subscribe", "");
        bridge(own, us.keyPem());
        Harness.until("it listens", () -> house.view("site").source().state() == SourceStatus.State.LISTENING);
        way.put("client-id", "other");
        Map<String, Object> config = new HashMap<>(Map.of("host", "localhost", "port", port, "ca", authority.pem()));
        config.putAll(way);
        house.good("other", "mqtt", JsonMapper.shared().writeValueAsString(config), Map.of("private-key", us.keyPem()));
        house.say("other", "pump-1", "21.5");
        Harness.until("it came", () -> house.inlet.taken.size() == 1);

        assertThat(new String(house.inlet.taken.getFirst().payload())).isEqualTo("21.5");
    }

    @Test
    void whoHasNoCertificateOrTrustsAnotherIsToldWhy() {
        TestAuthority.Issued us = authority.issue("pump-house");
        bridge(Map.of(), "");
        assertThat(house.test("site").what())
                .contains("the broker at localhost")
                .contains("certificate");
        String other = TestAuthority.root("Elsewhere", Instant.now()).pem();
        bridge(Map.of("ca", other, "certificate", us.pem()), us.keyPem());
        assertThat(house.test("site").what()).contains("not of an authority that is trusted");
        Harness.until(
                "the way back says so, too",
                () -> house.view("site").source().lastError().contains("not of an authority that is trusted"));
        bridge(Map.of("host", "127.0.0.1", "certificate", us.pem()), us.keyPem());
        assertThat(house.test("site").what()).contains("certificate is of another name");
    }
}
