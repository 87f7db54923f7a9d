package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;

/// The TLS entrance, with either engine. Expectation 13.
class TlsTest {
    private final House house = new House(IntakeSettings.DEFAULTS, House.small().onTls(0));

    @TempDir
    private Path folder;

    private ServerTls tls;

    @AfterEach
    void close() {
        house.close();
        tls.close();
    }

    @ParameterizedTest
    @CsvSource({"AUTO, TLSv1.3", "AUTO, TLSv1.2", "JDK, TLSv1.3", "JDK, TLSv1.2"})
    void clientSignsInAndPublishes(TlsSettings.Engine engine, String protocol) throws Exception {
        open(engine);
        try (SSLSocket socket = socket(protocol)) {
            Wire wire = new Wire(socket).signIn(Wire.connect(5, "pump", house.keys.device("acme", "boiler")));
            wire.send(Wire.publish(5, 1, 7, "t", "{\"temp\":1}"));
            assertThat(wire.read().packetId()).isEqualTo(7);
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
            assertThat(house.stored()).hasSize(1);
        }
    }

    @Test
    void boringSslLoadsOnThisMachine() throws Exception {
        open(TlsSettings.Engine.AUTO);
        assertThat(tls.engine()).isEqualTo("BoringSSL");
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void largePayloadsComeWholeWhateverTheSizeOfRecords(TlsSettings.Engine engine) throws Exception {
        open(engine);
        String payload = "\"" + "x".repeat(200_000) + "\"";
        try (SSLSocket ear = socket("TLSv1.3");
                SSLSocket mouth = socket("TLSv1.3")) {
            Wire listening = new Wire(ear).signIn(Wire.connect(4, "ear", house.keys.application("acme", "#")));
            listening.send(Wire.subscribe(4, 1, "#", 1));
            listening.read();
            Wire talking = new Wire(mouth).signIn(Wire.connect(4, "mouth", house.keys.application("acme", "#")));
            for (int i = 1; i <= 5; i++) {
                talking.send(Wire.publish(4, 1, i, "big/topic", payload));
                assertThat(talking.read().packetId()).isEqualTo(i);
                Wire.Got got = listening.read();
                assertThat(got.text()).endsWith(payload);
                listening.send(Wire.acknowledgement(0x40, got.body()[11] << 8 | got.body()[12] & 0xff));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void reasonForGoodbyeArrivesBeforeTheEndOfTheStream(TlsSettings.Engine engine) throws Exception {
        open(engine);
        try (SSLSocket socket = socket("TLSv1.3")) {
            Wire wire = new Wire(socket).signIn(Wire.connect(5, "pump", house.keys.device("acme", "boiler")));
            wire.send(Wire.hex("f0 00")); // AUTH, which this client may not send
            assertThat(wire.read().first()).isEqualTo(0xE0);
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void sessionIsResumed(TlsSettings.Engine engine) throws Exception {
        open(engine);
        SSLContext context = trusting(certificates().authority());
        long first;
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", house.door.tlsPort())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            new Wire(socket).signIn(Wire.connect(5, "one", house.keys.device("acme", "boiler")));
            first = socket.getSession().getCreationTime();
        }
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", house.door.tlsPort())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            new Wire(socket).signIn(Wire.connect(5, "two", house.keys.device("acme", "boiler")));
            assertThat(socket.getSession().getCreationTime()).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void secondHandshakeWithinAConnectionIsCutOff(TlsSettings.Engine engine) throws Exception {
        open(engine);
        try (SSLSocket socket = socket("TLSv1.2")) {
            Wire wire = new Wire(socket).signIn(Wire.connect(5, "pump", house.keys.device("acme", "boiler")));
            assertThatThrownBy(() -> {
                        socket.getSession().invalidate();
                        socket.startHandshake();
                        wire.send(Wire.hex("c0 00"));
                        wire.read();
                        wire.read();
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void oldProtocolsAreRefused(TlsSettings.Engine engine) throws Exception {
        open(engine);
        // a ClientHello of TLS 1.1; the JDK's client would not even send one
        byte[] hello =
                Wire.hex("16 03 01 00 2f 01 00 00 2b 03 02" + "00".repeat(32) + "00" + "0004 c013 002f" + "01 00");
        try (Wire wire = new Wire(house.door.tlsPort())) {
            wire.send(hello);
            byte[] answer = wire.untilClosed();
            assertThat(answer).startsWith(0x15, 0x03).endsWith(0x02, 0x46); // fatal alert: protocol version
        }
        House.await("it is counted", () -> house.door.counts().turnedAway() == 1);
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void halfAHandshakeIsClosedAfterTenSeconds(TlsSettings.Engine engine) throws Exception {
        open(engine);
        long begin = System.nanoTime();
        try (Wire silent = new Wire(house.door.tlsPort());
                Wire half = new Wire(house.door.tlsPort())) {
            half.send(Wire.hex("16 03 01 02 00 01 00 01 fc 03 03"));
            half.socket().setSoTimeout(30_000);
            silent.socket().setSoTimeout(30_000);
            half.untilClosed();
            silent.untilClosed();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(8));
        House.await("both are gone", () -> house.door.counts().connections() == 0);
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void plainMqttOnTheTlsPortIsClosedAndCounted(TlsSettings.Engine engine) throws Exception {
        open(engine);
        try (Wire wire = new Wire(house.door.tlsPort())) {
            wire.send(Wire.connect(5, "pump", house.keys.device("acme", "boiler")));
            wire.untilClosed();
        }
        House.await("it is counted", () -> house.door.counts().turnedAway() == 1);
    }

    @Test
    void tlsOnThePlainPortIsClosedAtOnce() throws Exception {
        open(TlsSettings.Engine.AUTO);
        assertThatThrownBy(() -> {
                    try (Socket plain = new Socket("127.0.0.1", house.port());
                            SSLSocket socket =
                                    (SSLSocket) trusting(certificates().authority())
                                            .getSocketFactory()
                                            .createSocket(plain, "localhost", house.port(), true)) {
                        socket.setSoTimeout(60_000);
                        socket.startHandshake();
                    }
                })
                .isInstanceOfAny(SSLException.class, EOFException.class, IOException.class)
                .hasMessageNotContaining("timed out");
        House.await("it is counted", () -> house.door.counts().malformed() == 1);
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void certificateIsReadAgainWithoutARestart(TlsSettings.Engine engine) throws Exception {
        open(engine);
        X509Certificate before = shown();
        Wire living = new Wire(socket("TLSv1.3")).signIn(Wire.connect(5, "pump", house.keys.device("acme", "boiler")));
        certificates().make(List.of("again.example"));
        House.await("the new one is shown", () -> !shown().equals(before));
        assertThat(shown().getSubjectAlternativeNames().toString()).contains("again.example");
        living.send(Wire.hex("c0 00"));
        assertThat(living.read().first()).isEqualTo(0xD0);
        living.close();
    }

    @ParameterizedTest
    @CsvSource({"''", "not a certificate", "-----BEGIN CERTIFICATE-----", "missing"})
    void brokenCertificateLeavesTheOldOneInUse(String content) throws Exception {
        open(TlsSettings.Engine.AUTO);
        X509Certificate before = shown();
        if (content.equals("missing")) {
            Files.delete(certificates().certificate());
        } else {
            Files.writeString(certificates().certificate(), content);
        }
        Thread.sleep(500); // the watch looks ten times a second
        assertThat(shown()).isEqualTo(before);
        certificates().make(List.of());
        House.await("the next good one is shown", () -> !shown().equals(before));
    }

    @Test
    void keyOfAnotherCertificateLeavesTheOldOneInUse() throws Exception {
        open(TlsSettings.Engine.AUTO);
        X509Certificate before = shown();
        Path elsewhere = Files.createDirectory(folder.resolve("other"));
        for (String name : List.of("ca.pem", "ca-key.pem")) {
            Files.copy(folder.resolve(name), elsewhere.resolve(name));
        }
        DevelopmentCertificates other =
                new DevelopmentCertificates(elsewhere, InstantSource.system(), new SecureRandom());
        other.make(List.of());
        Files.copy(other.key(), certificates().key(), StandardCopyOption.REPLACE_EXISTING);
        Thread.sleep(500); // the watch looks ten times a second
        assertThat(shown()).isEqualTo(before);
        Files.copy(other.certificate(), certificates().certificate(), StandardCopyOption.REPLACE_EXISTING);
        House.await("the pair is taken", () -> !shown().equals(before));
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void nameThatTheCertificateIsNotForIsRefusedWhereAskedFor(TlsSettings.Engine engine) throws Exception {
        open(engine, true);
        assertThatThrownBy(() -> handshake("other.example")).isInstanceOf(IOException.class);
        handshake("localhost");
        handshake(null);
    }

    private void handshake(String host) throws Exception {
        SSLContext context = trusting(certificates().authority());
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", house.door.tlsPort())) {
            if (host != null) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(host.getBytes(StandardCharsets.US_ASCII))));
                socket.setSSLParameters(parameters);
            }
            new Wire(socket).signIn(Wire.connect(5, "x", house.keys.device("acme", "boiler")));
        }
    }

    private X509Certificate shown() {
        try (SSLSocket socket = socket("TLSv1.3")) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private DevelopmentCertificates certificates() {
        return new DevelopmentCertificates(folder, InstantSource.system(), new SecureRandom());
    }

    private void open(TlsSettings.Engine engine) {
        open(engine, false);
    }

    private void open(TlsSettings.Engine engine, boolean sniStrict) {
        DevelopmentCertificates made = certificates();
        made.make(List.of());
        tls = ServerTls.open(
                new TlsSettings(made.certificate(), made.key(), false, engine, Duration.ofMillis(100), sniStrict),
                null,
                InstantSource.system());
        house.door.listenTls(tls);
    }

    private SSLSocket socket(String protocol) throws Exception {
        SSLSocket socket = (SSLSocket)
                trusting(certificates().authority()).getSocketFactory().createSocket("127.0.0.1", house.door.tlsPort());
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    static SSLContext trusting(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca", CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(authority)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
