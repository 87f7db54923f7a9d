package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;

/// Clients that we did not write, over TLS, host names checked.
class TlsClientsTest {
    private final House house = new House(IntakeSettings.DEFAULTS, House.small().onTls(0));

    @TempDir
    private Path folder;

    private DevelopmentCertificates made;
    private ServerTls tls;

    @BeforeEach
    void open() {
        made = new DevelopmentCertificates(folder, InstantSource.system(), new SecureRandom());
        made.make(List.of());
        tls = ServerTls.open(TlsSettings.DEFAULTS.with(made.certificate(), made.key()), null, InstantSource.system());
        house.door.listenTls(tls);
    }

    @AfterEach
    void close() {
        house.close();
        tls.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void mosquittoPublishes(String version) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mosquitto_pub")), "mosquitto-clients installed");
        Process mouth = mosquitto(version, "--cafile", made.authority().toString());
        assertThat(mouth.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (BufferedReader out = mouth.inputReader()) {
            assertThat(mouth.exitValue()).as(out.readAllAsString()).isZero();
        }
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void mosquittoWithAnotherAuthorityDoesNotTrustUs() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mosquitto_pub")), "mosquitto-clients installed");
        DevelopmentCertificates other = new DevelopmentCertificates(
                Files.createDirectory(folder.resolve("other")), InstantSource.system(), new SecureRandom());
        other.make(List.of());
        Process mouth = mosquitto("mqttv5", "--cafile", other.authority().toString());
        assertThat(mouth.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(mouth.exitValue()).isNotZero();
        assertThat(house.stored()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"mqttv311, 4", "mqttv5, 5"})
    void mosquittoHearsAndAsks(String version, int level) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mosquitto_sub")), "mosquitto-clients installed");
        String token = house.keys.application("acme", "#");
        try (Talk other = Talk.begin(house, Hello.of(level, "other", token))) {
            Process ear = secure("mosquitto_sub", version, token, "-t", "news/#", "-C", "1", "-v");
            House.await("it has subscribed", () -> house.broker.counts().subscriptions() == 1);
            other.publish(1, "news/today", "fine", false, Fields.NONE);
            try (BufferedReader out = ear.inputReader()) {
                assertThat(out.readLine()).isEqualTo("news/today fine");
            }
            other.subscribe("requests/time", 1);
            Process asker = secure(
                    "mosquitto_rr", version, token, "-t", "requests/time", "-e", "answers/a", "-m", "?", "-W", "60");
            Heard request = other.take();
            Fields answer = Fields.NONE;
            if (request.fields().has(Fields.CORRELATION)) {
                answer = answer.binary(Fields.CORRELATION, request.fields().binary(Fields.CORRELATION));
            }
            other.publish(1, "answers/a", "high time", false, answer);
            try (BufferedReader out = asker.inputReader()) {
                assertThat(out.readLine()).isEqualTo("high time");
            }
        }
    }

    private Process secure(String program, String version, String token, String... more) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(program, "-h", "localhost", "-V", version, "-u", "", "-P", token));
        command.addAll(List.of("-p", Integer.toString(house.door.tlsPort()), "-q", "1"));
        command.addAll(List.of("--cafile", made.authority().toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private Process mosquitto(String version, String... trust) throws Exception {
        List<String> command = List.of(
                "mosquitto_pub",
                "-h",
                "localhost",
                "-p",
                Integer.toString(house.door.tlsPort()),
                "-V",
                version,
                "-u",
                "boiler",
                "-P",
                house.keys.device("acme", "boiler"),
                "-t",
                "t",
                "-q",
                "1",
                "-m",
                "{\"temp\":21.5}",
                trust[0],
                trust[1]);
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void hivemqPublishes() throws Exception {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .serverHost("localhost")
                .serverPort(house.door.tlsPort())
                .sslConfig(MqttClientSslConfig.builder()
                        .trustManagerFactory(trust())
                        .build())
                .simpleAuth()
                .password(house.keys.device("acme", "boiler").getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"temp\":21.5}".getBytes(StandardCharsets.UTF_8))
                .send();
        client.disconnect();
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void pahoPublishes() throws Exception {
        MqttClient client = new MqttClient("ssl://localhost:" + house.door.tlsPort(), "paho", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName("boiler");
        options.setPassword(house.keys.device("acme", "boiler").toCharArray());
        options.setSocketFactory(TlsTest.trusting(made.authority()).getSocketFactory());
        options.setHttpsHostnameVerificationEnabled(true);
        client.connect(options);
        client.publish("t", "{\"temp\":21.5}".getBytes(StandardCharsets.UTF_8), 1, false);
        client.disconnect();
        client.close();
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void hivemqPublishesWith311() throws Exception {
        Mqtt3BlockingClient client = Mqtt3Client.builder()
                .serverHost("localhost")
                .serverPort(house.door.tlsPort())
                .sslConfig(MqttClientSslConfig.builder()
                        .trustManagerFactory(trust())
                        .build())
                .simpleAuth()
                .username("boiler")
                .password(house.keys.device("acme", "boiler").getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("t")
                .qos(MqttQos.EXACTLY_ONCE)
                .payload("{}".getBytes(StandardCharsets.UTF_8))
                .send();
        client.disconnect();
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void pahoPublishesWith5() throws Exception {
        org.eclipse.paho.mqttv5.client.MqttClient client = new org.eclipse.paho.mqttv5.client.MqttClient(
                "ssl://localhost:" + house.door.tlsPort(),
                "paho",
                new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName("boiler");
        options.setPassword(house.keys.device("acme", "boiler").getBytes(StandardCharsets.UTF_8));
        options.setSocketFactory(TlsTest.trusting(made.authority()).getSocketFactory());
        client.connect(options);
        client.publish("t", "{\"temp\":21.5}".getBytes(StandardCharsets.UTF_8), 2, false);
        client.disconnect();
        client.close();
        assertThat(house.stored()).hasSize(1);
    }

    private TrustManagerFactory trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(made.authority())));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        return trust;
    }
}
