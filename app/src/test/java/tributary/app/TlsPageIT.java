package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands of `docs/tls.md`, run in order.
class TlsPageIT {
    @TempDir
    private Path folder;

    @Test
    void thePageDoesWhatItSays() throws Exception {
        Page page = new Page(folder);
        List<String> blocks = Page.blocks("tls.md");
        assertThat(blocks.getFirst()).isEqualTo("./tributary up --tls");
        Path said = folder.resolve("server.txt");
        Process server = page.start(blocks.getFirst(), said);
        try {
            Page.Ports ports = Page.Ports.of(Files.readString(said));
            assertThat(page.run(ports.in(blocks.get(1)))).contains("{\"accepted\":1}");
            assertThat(page.run(blocks.get(2))).contains("broker.example.org").contains("192.0.2.17");
            assertThat(page.run(ports.in(blocks.get(3)))).contains("healthy  https://localhost:");
            publishOverWebSocket(ports, token(page));
            assertThat(page.run("./tributary tail --since 1h --count 3")).contains("66.2");
            page.run(blocks.get(4));
            page.run(ports.in(blocks.get(5)));
            assertThat(page.run("./tributary tail --since 1h --count 4")).contains("65.1");
            assertThat(page.run(blocks.get(6))).contains("revoked").contains("CN=Acme devices");
            String again =
                    "! { " + ports.in(blocks.get(5).substring(blocks.get(5).indexOf("mosquitto_pub"))) + "; }";
            page.run(again);
            Await.until(
                    "the server's log says why",
                    Duration.ofSeconds(60),
                    () -> Files.readString(said)
                            .contains("the client's certificate is refused: it, or one above it, was"));
            for (String name : List.of("ca-key.pem", "server-key.pem")) {
                assertThat(Files.getPosixFilePermissions(
                                folder.resolve("tributary-data/tls").resolve(name)))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
        } finally {
            server.destroy();
            assertThat(server.waitFor(90, TimeUnit.SECONDS))
                    .as("stops when told")
                    .isTrue();
        }
    }

    private static String token(Page page) throws Exception {
        return page.run("./tributary device token boiler-7").strip();
    }

    /// MQTT in WebSocket in TLS, by a client that we did not write.
    private void publishOverWebSocket(Page.Ports ports, String token) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(folder.resolve("tributary-data/tls/ca.pem"))) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .serverHost("localhost")
                .serverPort(Integer.parseInt(ports.in("8443")))
                .sslConfig(
                        MqttClientSslConfig.builder().trustManagerFactory(trust).build())
                .webSocketConfig(
                        MqttWebSocketConfig.builder().serverPath("mqtt").build())
                .simpleAuth()
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"temperature\": 66.2}".getBytes(StandardCharsets.UTF_8))
                .send();
        client.disconnect();
    }
}
