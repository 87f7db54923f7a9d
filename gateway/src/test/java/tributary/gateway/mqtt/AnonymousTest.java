package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Clients without a credential, where the owner lets them in.
class AnonymousTest {
    private House house = house("#");

    @AfterEach
    void close() {
        house.close();
    }

    private static House house(String topics) {
        return new House(
                IntakeSettings.DEFAULTS,
                House.small().with(new Anonymous(new TenantId("acme"), Set.of(new TopicFilter(topics)), 0, false)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientWithoutCredentialUsesEveryTopicOfTheTenant(int version) throws Exception {
        try (Wire ear = Wire.signedIn(house.port(), version, "ear", null);
                Wire mouth = Wire.signedIn(house.port(), version, "mouth", null)) {
            ear.send(Wire.subscribe(version, 1, "#", 1));
            assertThat(ear.read().body()).endsWith(1);
            for (String topic : new String[] {"t", "a/b/c", "/", "devices/boiler/telemetry", "TopicA"}) {
                mouth.send(Wire.publish(version, 1, 7, topic, "21.5"));
                Wire.Got acknowledged = mouth.read();
                assertThat(acknowledged.packetId()).isEqualTo(7);
                assertThat(acknowledged.reason()).isZero();
                Wire.Got got = ear.read();
                assertThat(got.text()).contains(topic);
                ear.send(Wire.acknowledgement(0x40, packetId(got)));
            }
            assertThat(house.stored())
                    .allSatisfy(message -> assertThat(message.tenant()).isEqualTo(new TenantId("acme")));
        }
    }

    private static int packetId(Wire.Got publish) {
        int topic = (publish.body()[0] & 0xff) << 8 | publish.body()[1] & 0xff;
        return (publish.body()[2 + topic] & 0xff) << 8 | publish.body()[3 + topic] & 0xff;
    }

    @ParameterizedTest
    @CsvSource({"4, testuser, testpassword", "5, testuser, testpassword", "4, user, ''", "5, '', anything at all"})
    void anyUserNameAndPasswordWillDo(int version, String user, String password) throws Exception {
        Wire.signedIn(house.port(), connect(version, "client", user, password)).close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientIdMayBeEmpty(int version) throws Exception {
        Wire.signedIn(house.port(), version, "", null).close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void secondClientOfTheSameIdTakesOver(int version) throws Exception {
        try (Wire first = Wire.signedIn(house.port(), version, "same", null);
                Wire second = Wire.signedIn(house.port(), connect(version, "same", "other", "name"))) {
            first.untilClosed();
            second.send(Wire.hex("c0 00"));
            assertThat(second.read().first()).isEqualTo(0xD0);
        }
    }

    @Test
    void credentialStillSaysWhoSomebodyIs() throws Exception {
        String token = "trd_" + house.keys.device("acme", "boiler");
        try (Wire refused = new Wire(house.port())) {
            refused.send(connect(5, "x", "boiler", token)); // this key ring knows no such secret
            assertThat(refused.read().body()[1]).isEqualTo((byte) 0x86);
        }
    }

    @Test
    void platformTopicsAndOtherTopicsThanAllowedAreRefused() throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), 5, "x", null)) {
            wire.send(Wire.publish(5, 1, 1, "$SYS/x", "1"));
            assertThat(wire.read().reason()).isEqualTo(0x87);
        }
        house.close();
        house = house("legacy/#");
        try (Wire wire = Wire.signedIn(house.port(), 5, "x", null)) {
            wire.send(Wire.publish(5, 1, 1, "legacy/1", "1"));
            assertThat(wire.read().reason()).isZero();
            wire.send(Wire.publish(5, 1, 2, "other/1", "1"));
            assertThat(wire.read().reason()).isEqualTo(0x87);
            wire.send(Wire.subscribe(5, 3, "#", 1));
            assertThat(wire.read().body()).endsWith(0x87);
        }
    }

    @Test
    void listenerOfTheirOwnLeavesTheOthersStrict() throws Exception {
        house.close();
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        house = new House(
                IntakeSettings.DEFAULTS,
                House.small().with(new Anonymous(new TenantId("acme"), Set.of(new TopicFilter("#")), port, false)));
        Wire.signedIn(port, 5, "x", null).close();
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.connect(5, "x", null));
            assertThat(wire.read().body()[1]).isEqualTo((byte) 0x87);
        }
    }

    @Test
    void openPortForAnybodyHasToBeMeant() {
        Settings careless = new Settings(Map.of("mqtt.host", "0.0.0.0", "mqtt.anonymous-tenant", "main"));
        MqttSettings.read(careless);
        assertThat(careless.problems()).singleElement().asString().contains("--anonymous-anywhere");
        for (Map<String, String> good : new Map[] {
            Map.of("mqtt.anonymous-tenant", "main"),
            Map.of("mqtt.host", "0.0.0.0", "mqtt.anonymous-tenant", "main", "mqtt.anonymous-port", "1884"),
            Map.of("mqtt.host", "0.0.0.0", "mqtt.anonymous-tenant", "main", "mqtt.anonymous-anywhere", "true"),
            Map.of("mqtt.host", "0.0.0.0")
        }) {
            Settings settings = new Settings(good);
            MqttSettings.read(settings);
            assertThat(settings.problems()).isEmpty();
        }
    }

    private static byte[] connect(int version, String clientId, String user, String password) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Wire.text(body, "MQTT");
        body.write(version);
        body.write(0xC2);
        body.write(0);
        body.write(0);
        if (version == 5) {
            body.write(0);
        }
        Wire.text(body, clientId);
        Wire.text(body, user);
        Wire.text(body, password);
        return Wire.packet(0x10, body.toByteArray());
    }
}
