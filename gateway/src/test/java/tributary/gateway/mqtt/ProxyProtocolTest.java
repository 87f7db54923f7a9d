package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Balancers;
import tributary.gateway.IntakeSettings;
import tributary.gateway.ProxyHeader;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Load balancers that say whom they speak for (the PROXY protocol, version 2).
class ProxyProtocolTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a ";

    /// 192.0.2.7:4660 to 10.0.0.20:1883.
    private static final String CLIENT = SIGNATURE + "21 11 000c c0000207 0a000014 1234 075b";

    private static final String OTHER_CLIENT = SIGNATURE + "21 11 000c c0000208 0a000014 1234 075b";

    private static final String CLIENT_IPV6 =
            SIGNATURE + "21 21 0024 20010db8000000000000000000000007 20010db8000000000000000000000001 1234 075b";

    private House house = house("127.0.0.1");

    @AfterEach
    void close() {
        house.close();
    }

    /// One connection for each address.
    private static House house(String balancers) {
        return new House(
                IntakeSettings.DEFAULTS,
                House.small()
                        .onTls(0)
                        .crowd(new CrowdSettings(1, 1_000, false))
                        .with(Balancers.read(new Settings(Map.of("mqtt.proxy-from", balancers)), "mqtt.proxy-from")));
    }

    private byte[] connect() {
        return connect("pump");
    }

    private byte[] connect(String client) {
        return Wire.connect(5, client, house.keys.device("acme", "boiler"));
    }

    private Wire through(String header) throws IOException {
        Wire wire = new Wire(house.port());
        wire.send(Wire.hex(header));
        return wire;
    }

    @ParameterizedTest
    @ValueSource(strings = {CLIENT, CLIENT_IPV6})
    void clientBehindABalancerPublishes(String header) throws Exception {
        try (Wire wire = through(header).signIn(connect())) {
            wire.send(Wire.publish(5, 1, 7, "t", "{\"temp\":1}"));
            assertThat(wire.read().packetId()).isEqualTo(7);
        }
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void headerAndConnectComeInOnePieceOrByteByByte() throws Exception {
        byte[] both = Wire.join(Wire.hex(CLIENT), connect());
        try (Wire wire = new Wire(house.port())) {
            wire.signIn(both);
        }
        House.await("it is gone", () -> house.door.counts().connections() == 0);
        try (Wire wire = new Wire(house.port())) {
            wire.sendBytewise(both);
            assertThat(wire.read().first()).isEqualTo(0x20);
        }
    }

    @Test
    void addressThatTheBalancerTellsIsHeldToItsShare() throws Exception {
        try (Wire first = through(CLIENT).signIn(connect("one"));
                Wire other = through(OTHER_CLIENT).signIn(connect("two"));
                Wire second = through(CLIENT)) {
            assertClosed(second);
            assertThat(house.door.counts().overLimit()).isEqualTo(1);
            assertThat(first.silentFor(10)).isTrue();
            assertThat(other.silentFor(10)).isTrue();
        }
    }

    private static void assertClosed(Wire wire) throws IOException {
        assertThat(wire.untilClosed()).isEmpty();
    }

    @Test
    void balancersRemarksArePassedOver() throws Exception {
        String remarks = "04 0005 0102030405";
        String header = CLIENT.replace(" 000c ", " 0014 ") + remarks;
        try (Wire wire = through(header)) {
            wire.signIn(connect());
        }
    }

    @Test
    void healthCheckOfTheBalancerNeedsNoAddress() throws Exception {
        try (Wire wire = through(SIGNATURE + "20 00 0000")) {
            wire.signIn(connect());
        }
        try (Wire wire = new Wire(house.port())) {
            assertThat(wire.silentFor(10)).isTrue(); // a bare connect, and away again
        }
        House.await("it is gone", () -> house.door.counts().connections() == 0);
        assertThat(house.door.counts().turnedAway()).isZero();
    }

    @Test
    void connectionOfTheBalancerWithoutAHeaderIsClosed() throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(connect());
            assertClosed(wire);
        }
        assertThat(house.door.counts().turnedAway()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'50524f58592054435034203139322e302e322e372031302e302e302e352031203220', version 1",
        "'0d0a0d0a000d0a515549540b', no PROXY",
        "'0d0a0d0a000d0a515549540a 31 11 000c c0000207 0a000014 1234 075b', 0x31",
        "'0d0a0d0a000d0a515549540a 22 11 000c c0000207 0a000014 1234 075b', 0x22",
        "'0d0a0d0a000d0a515549540a 21 11 000b c0000207 0a000014 1234 07', too few",
        "'0d0a0d0a000d0a515549540a 21 21 000c c0000207 0a000014 1234 075b', too few",
        "'0d0a0d0a000d0a515549540a 21 11 ffff c0000207', 65551 bytes"
    })
    void brokenHeaderEndsTheConnectionWithACause(String header, String why) throws Exception {
        assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(Wire.hex(header))))
                .isInstanceOfSatisfying(
                        ProxyHeader.Malformed.class,
                        malformed -> assertThat(malformed.why()).contains(why));
        try (Wire wire = through(header)) {
            assertClosed(wire);
        }
        assertThat(house.door.counts().turnedAway()).isEqualTo(1);
        assertThat(house.door.mistakes()).isZero();
    }

    @Test
    void headerFromElsewhereIsRefusedAndDirectClientsGoOn() throws Exception {
        house.close();
        house = house("10.0.0.0/8, fd00::/8");
        try (Wire liar = through(CLIENT)) {
            assertClosed(liar);
        }
        try (Wire direct = new Wire(house.port())) {
            direct.signIn(connect());
        }
        assertThat(house.door.counts().malformed()).isEqualTo(1);
    }

    @Test
    void tlsBeginsBehindTheHeader(@TempDir Path folder) throws Exception {
        DevelopmentCertificates made = new DevelopmentCertificates(folder, InstantSource.system(), new SecureRandom());
        made.make(List.of());
        try (ServerTls tls = ServerTls.open(
                TlsSettings.DEFAULTS.with(made.certificate(), made.key()), null, InstantSource.system())) {
            house.door.listenTls(tls);
            try (Socket plain = new Socket("127.0.0.1", house.door.tlsPort())) {
                plain.getOutputStream().write(Wire.hex(CLIENT));
                SSLSocket socket = (SSLSocket) TlsTest.trusting(made.authority())
                        .getSocketFactory()
                        .createSocket(plain, "localhost", house.door.tlsPort(), true);
                new Wire(socket).signIn(connect());
            }
        }
    }

    @Test
    void strangersAreNotLetInThroughABalancer() throws Exception {
        house.close();
        house = new House(
                IntakeSettings.DEFAULTS,
                House.small()
                        .with(new Anonymous(new TenantId("acme"), Set.of(new TopicFilter("#")), 0, false))
                        .with(Balancers.read(new Settings(Map.of("mqtt.proxy-from", "127.0.0.1")), "mqtt.proxy-from")));
        try (Wire wire = through(CLIENT)) {
            wire.send(Wire.connect(5, "x", null));
            assertThat(wire.read().body()[1]).isEqualTo((byte) 0x87);
        }
    }

    @Test
    void networksAreReadAndMistakesInThemSaid() {
        Settings good = new Settings(Map.of("mqtt.proxy-from", "10.0.0.5, 172.16.0.0/12 ,fd00::/8"));
        assertThat(Balancers.read(good, "mqtt.proxy-from").networks()).hasSize(3);
        for (String bad : List.of("balancer.example.org", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/-1")) {
            Settings settings = new Settings(Map.of("mqtt.proxy-from", bad));
            Balancers.read(settings, "mqtt.proxy-from");
            assertThat(settings.problems()).singleElement().asString().contains("mqtt.proxy-from", bad);
        }
        Balancers.Network network = Balancers.Network.parse("172.16.0.0/12");
        assertThat(network.has(Balancers.Network.parse("172.31.255.255").address()))
                .isTrue();
        assertThat(network.has(Balancers.Network.parse("172.32.0.0").address())).isFalse();
        assertThat(network.has(Balancers.Network.parse("fd00::1").address())).isFalse();
        assertThatThrownBy(() -> Balancers.Network.parse("localhost")).isInstanceOf(IllegalArgumentException.class);
    }
}
