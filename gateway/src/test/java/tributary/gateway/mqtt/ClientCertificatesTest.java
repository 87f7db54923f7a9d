package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.tls.ClientTrust;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Certificates;
import tributary.registry.Certificates.Mark;
import tributary.registry.Device;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.testkit.TestAuthority;
import tributary.testkit.TestAuthority.Issued;

/// Devices that sign in with a certificate, over TLS with either engine. Expectation 12.
class ClientCertificatesTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId OTHER = new TenantId("other");

    @TempDir
    private Path folder;

    private final TestAuthority root = TestAuthority.root("Acme devices", Instant.now());
    private SqlRegistry registry;
    private Certificates.Authority authority;
    private House house;
    private ServerTls tls;
    private DevelopmentCertificates server;

    @BeforeEach
    void openRegistry() {
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder.resolve("data"), InstantSource.system(), new SecureRandom());
        for (TenantId tenant : List.of(ACME, OTHER)) {
            registry.tenants().add(tenant, tenant.value());
        }
        registry.devices().add(new Device(ACME, new DeviceId("boiler"), null, "", Map.of(), "{}", Instant.EPOCH));
        authority = registry.certificates()
                .add(
                        ACME,
                        "",
                        root.pem(),
                        root.issue(Certificates.proofName(ACME)).pem());
        house = new House(IntakeSettings.DEFAULTS, House.small().onTls(0), registry.certificates());
        server = new DevelopmentCertificates(folder.resolve("tls"), InstantSource.system(), new SecureRandom());
        server.make(List.of());
    }

    private void open(TlsSettings.Engine engine) {
        TlsSettings settings = new TlsSettings(
                server.certificate(), server.key(), false, engine, TlsSettings.DEFAULTS.lookEvery(), false);
        tls = ServerTls.open(settings, new ClientTrust(registry.certificates()), InstantSource.system());
        house.door.listenTls(tls);
    }

    @AfterEach
    void close() {
        house.close();
        tls.close();
        registry.close();
    }

    @ParameterizedTest
    @CsvSource({"AUTO, TLSv1.3", "AUTO, TLSv1.2", "JDK, TLSv1.3", "JDK, TLSv1.2"})
    void certificateNeedsNoPassword(TlsSettings.Engine engine, String protocol) throws Exception {
        open(engine);
        try (Wire wire = wire(context(root.issue("boiler")), protocol).signIn(Wire.connect(5, "pump", null))) {
            wire.send(Wire.publish(5, 1, 7, "t", "{\"temp\":1}"));
            assertThat(wire.read().packetId()).isEqualTo(7);
        }
        assertThat(house.stored().getFirst().tenant()).isEqualTo(ACME);
        assertThat(house.stored().getFirst().device()).isEqualTo(new DeviceId("boiler"));
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void certificateWithOthersBetweenIsSentWhole(TlsSettings.Engine engine) throws Exception {
        open(engine);
        Issued issued = root.below("Line 1", UnaryOperator.identity()).issue("boiler");
        wire(context(issued), "TLSv1.3").signIn(Wire.connect(5, "pump", null)).close();
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void clientWithoutCertificateSignsInWithItsToken(TlsSettings.Engine engine) throws Exception {
        open(engine);
        SSLContext bare = TlsTest.trusting(server.authority());
        wire(bare, "TLSv1.3")
                .signIn(Wire.connect(5, "pump", house.keys.device("acme", "boiler")))
                .close();
        Wire nobody = wire(bare, "TLSv1.3");
        nobody.send(Wire.connect(5, "pump", null));
        assertThat(nobody.read().body()[1]).isEqualTo((byte) 0x87);
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void passwordBesideACertificateHasToBeOfTheSameDevice(TlsSettings.Engine engine) throws Exception {
        open(engine);
        SSLContext context = context(root.issue("boiler"));
        wire(context, "TLSv1.3")
                .signIn(Wire.connect(5, "pump", house.keys.device("acme", "boiler")))
                .close();
        for (String wrong :
                List.of(house.keys.device("acme", "gw"), house.keys.device("other", "boiler"), "no secret at all")) {
            Wire wire = wire(context, "TLSv1.3");
            wire.send(Wire.connect(5, "pump", wrong));
            assertThat(wire.read().body()[1]).isIn((byte) 0x86, (byte) 0x87);
        }
        Wire wire = wire(context, "TLSv1.3");
        wire.send(named("gw"));
        assertThat(wire.read().body()[1]).as("user name of another device").isEqualTo((byte) 0x86);
    }

    private static byte[] named(String userName) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Wire.text(body, "MQTT");
        body.write(5);
        body.write(0x82);
        body.write(0);
        body.write(0);
        body.write(0);
        Wire.text(body, "x");
        Wire.text(body, userName);
        return Wire.packet(0x10, body.toByteArray());
    }

    @ParameterizedTest
    @CsvSource({"AUTO, TLSv1.3", "AUTO, TLSv1.2", "JDK, TLSv1.3", "JDK, TLSv1.2"})
    void badCertificatesGetNoHandshake(TlsSettings.Engine engine, String protocol) throws Exception {
        open(engine);
        Instant now = Instant.now();
        TestAuthority theirs = TestAuthority.root("Other devices", now);
        registry.certificates()
                .add(
                        OTHER,
                        "",
                        theirs.pem(),
                        theirs.issue(Certificates.proofName(OTHER)).pem());
        X500Name nul = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, new DERUTF8String("boiler\0.evil"))
                .build();
        X500Name turned = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, new DERUTF8String("\u202erelioB"))
                .build();
        Issued revoked = root.issue("boiler");
        registry.certificates()
                .revoke(
                        ACME,
                        authority.id(),
                        new Mark.Serial(revoked.certificate().getSerialNumber()));
        Map<String, Issued> bad = Map.ofEntries(
                Map.entry("expired", root.issue("boiler", w -> w.valid(now.minusSeconds(99), now.minusSeconds(9)))),
                Map.entry(
                        "not yet valid", root.issue("boiler", w -> w.valid(now.plusSeconds(99), now.plusSeconds(999)))),
                Map.entry("self-signed", TestAuthority.selfSigned("boiler", now)),
                Map.entry("wrong purpose", root.issue("boiler", w -> w.purposes(KeyPurposeId.id_kp_serverAuth))),
                Map.entry(
                        "CA:FALSE above",
                        root.below("line", w -> w.authority(false)).issue("boiler")),
                Map.entry("revoked", revoked),
                Map.entry("RSA of 1024 bits", root.issue("boiler", w -> w.key("RSA1024"))),
                Map.entry("SHA-1", root.issue("boiler", w -> w.signedWith("SHA1"))),
                Map.entry("another tenant's authority", theirs.issue("boiler")),
                Map.entry(
                        "name constraints",
                        root.below("line", w -> w.allowing("a.example"))
                                .issue(
                                        "boiler",
                                        w -> w.alternatives(new GeneralName(GeneralName.dNSName, "b.example")))),
                Map.entry("NUL in the name", root.issue("x", w -> w.named(nul))),
                Map.entry("text turned round", root.issue("x", w -> w.named(turned))),
                Map.entry("unknown device", root.issue("nobody")));
        for (Map.Entry<String, Issued> one : bad.entrySet()) {
            assertThatThrownBy(() -> wire(context(one.getValue()), protocol).signIn(Wire.connect(5, "pump", null)))
                    .as(one.getKey())
                    .isInstanceOf(IOException.class)
                    .hasMessageNotContaining("timed out");
        }
        House.await("each is counted", () -> house.door.counts().turnedAway() == bad.size());
        assertThat(house.door.counts().accepted()).isZero();
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Engine.class)
    void revocationClosesLiveConnections(TlsSettings.Engine engine) throws Exception {
        open(engine);
        Issued first = root.issue("boiler");
        Issued second = root.issue("boiler");
        try (Wire one = wire(context(first), "TLSv1.3").signIn(Wire.connect(5, "one", null));
                Wire two = wire(context(second), "TLSv1.3").signIn(Wire.connect(5, "two", null))) {
            registry.certificates()
                    .takeList(
                            ACME,
                            authority.id(),
                            root.list(
                                    Instant.now(),
                                    Set.<BigInteger>of(first.certificate().getSerialNumber())));
            assertThat(one.read().body()[0]).isEqualTo((byte) 0x87);
            assertThat(one.untilClosed()).isEmpty();
            two.send(Wire.hex("c0 00"));
            assertThat(two.read().first()).isEqualTo(0xD0);

            registry.certificates().remove(ACME, authority.id());

            assertThat(two.read().body()[0]).isEqualTo((byte) 0x87);
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTO, TLSv1.3", "AUTO, TLSv1.2", "JDK, TLSv1.3", "JDK, TLSv1.2"})
    void resumedSessionIsAskedForItsCertificateAgain(TlsSettings.Engine engine, String protocol) throws Exception {
        open(engine);
        Issued issued = root.issue("boiler");
        SSLContext context = context(issued);
        for (int i = 0; i < 2; i++) { // the second time with what the first left
            Wire wire = wire(context, protocol).signIn(Wire.connect(5, "pump", null));
            wire.send(Wire.hex("c0 00"));
            wire.read();
            wire.close();
        }
        registry.certificates()
                .revoke(
                        ACME,
                        authority.id(),
                        new Mark.Serial(issued.certificate().getSerialNumber()));
        assertThatThrownBy(() -> wire(context, protocol).signIn(Wire.connect(5, "pump", null)))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("timed out");
    }

    @Test
    void willOfARevokedCertificateIsNotPublished() throws Exception {
        open(TlsSettings.Engine.AUTO);
        Issued issued = root.issue("boiler");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Wire.text(body, "MQTT");
        body.write(4);
        body.write(0x0E); // clean session, will at QoS 1
        body.write(0);
        body.write(0);
        Wire.text(body, "one");
        Wire.text(body, "devices/boiler/will");
        Wire.text(body, "gone");
        Wire wire = wire(context(issued), "TLSv1.3").signIn(Wire.packet(0x10, body.toByteArray()));
        registry.certificates()
                .revoke(
                        ACME,
                        authority.id(),
                        new Mark.Serial(issued.certificate().getSerialNumber()));
        wire.untilClosed();
        House.await("it is gone", () -> house.door.counts().connections() == 0);
        assertThat(house.stored()).isEmpty();
    }

    private Wire wire(SSLContext context, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", house.door.tlsPort());
        socket.setEnabledProtocols(new String[] {protocol});
        return new Wire(socket);
    }

    private SSLContext context(Issued issued) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(server.authority())));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new Shown(issued)}, trust.getTrustManagers(), null);
        return context;
    }

    /// Shows its certificate whatever the server asks for: a good client would keep a bad one to itself.
    private static final class Shown extends X509ExtendedKeyManager {
        private final Issued issued;

        Shown(Issued issued) {
            this.issued = issued;
        }

        @Override
        public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine) {
            return "client";
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return "client";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return issued.chain().toArray(new X509Certificate[0]);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return issued.key();
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {"client"};
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
