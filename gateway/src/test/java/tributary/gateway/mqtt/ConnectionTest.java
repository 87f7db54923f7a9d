package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.NoCertificates;
import tributary.model.Fault;
import tributary.model.PlatformException;

@Execution(ExecutionMode.CONCURRENT)
class ConnectionTest {
    private House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void fiveClientIsToldWhatItMayUse() throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.connect(5, "", house.keys.device("acme", "boiler"), 0, Wire.hex("11 00000e10")));
            Wire.Got connack = wire.read();
            String hex = connack.toString();
            assertThat(hex).startsWith("20 0000"); // no session present, success
            assertThat(hex).as("the session expiry is as asked for").doesNotContain("1100000e10");
            assertThat(hex).as("receive maximum 20").contains("210014");
            assertThat(hex).as("packet size").contains("2700050000");
            assertThat(hex).as("32 topic aliases").contains("220020");
            assertThat(hex).as("keep-alive of 20 minutes").contains("1304b0");
            assertThat(connack.text()).as("assigned client id").contains("auto-");
        }
    }

    @Test
    void threeClientHearsWhetherItsSessionIsPresent() throws Exception {
        byte[] connect = Wire.connect(4, "b", house.keys.device("acme", "boiler"));
        connect[9] = (byte) 0xC0; // clean session off
        for (String answer : List.of("20 0000", "20 0100", "20 0100")) {
            try (Wire wire = new Wire(house.port())) {
                wire.send(connect);
                assertThat(wire.read().toString()).isEqualTo(answer);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 20 0004", "5, 20 0086"})
    void wrongTokenIsRefusedWithoutAHint(int version, String answer) throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.connect(version, "b", "wrong"));
            Wire.Got connack = wire.read();
            assertThat(connack.toString()).startsWith(answer);
            assertThat(connack.text()).doesNotContain("no such secret");
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 20 0005", "5, 20 0087"})
    void clientWithoutTokenIsToldHowToSignIn(int version, String answer) throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.connect(version, "b", null));
            Wire.Got connack = wire.read();
            assertThat(connack.toString()).startsWith(answer);
            if (version == 5) {
                assertThat(connack.text()).contains("tributary device token");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"boiler, 20 0000", "pump, 20 0004", "#, 20 0004"})
    void userNameIsTheDevicesIdOrNothing(String userName, String answer) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(Wire.hex("00044d515454 04 c2 0000 0001 62"));
        Wire.text(body, userName);
        Wire.text(body, house.keys.device("acme", "boiler"));
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.packet(0x10, body.toByteArray()));
            assertThat(wire.read().toString()).isEqualTo(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void newConnectionWithTheSameClientIdTakesOver(int version) throws Exception {
        String token = house.keys.device("acme", "boiler");
        try (Wire old = Wire.signedIn(house.port(), version, "b", token);
                Wire fresh = Wire.signedIn(house.port(), version, "b", token)) {
            byte[] last = old.untilClosed();
            if (version == 5) {
                assertThat(last[0] & 0xFF).isEqualTo(0xE0);
                assertThat(last[2] & 0xFF).isEqualTo(0x8E);
            } else {
                assertThat(last).isEmpty();
            }
            fresh.send(Wire.subscribe(version, 1, "devices/me/#", 0));
            assertThat(fresh.read().type()).isEqualTo(9);
            fresh.send(Wire.publish(version, 1, 1, "t", "1"));
            assertThat(new int[] {fresh.read().type(), fresh.read().type()}).contains(4, 3);
            House.await("one session", () -> house.broker.counts().sessions() == 1);
        }
    }

    @Test
    void clientIdOfAnotherDeviceIsNotTakenOver() throws Exception {
        try (Wire boiler = Wire.signedIn(house.port(), 4, "same", house.keys.device("acme", "boiler"));
                Wire pump = new Wire(house.port())) {
            pump.send(Wire.connect(5, "same", house.keys.device("acme", "pump")));
            Wire.Got connack = pump.read();
            assertThat(connack.toString()).startsWith("20 0085");
            assertThat(connack.text()).contains("in use by another device of yours; give each device its own");
            boiler.send(Wire.hex("c000"));
            assertThat(boiler.read().type()).isEqualTo(13);
        }
    }

    @Test
    void silentClientIsDisconnectedAfterOneAndAHalfKeepAlives() throws Exception {
        String token = house.keys.device("acme", "boiler");
        Instant begun = Instant.now();
        try (Wire wire = Wire.signedIn(house.port(), Wire.connect(5, "b", token, 1, new byte[0]))) {
            assertThat(wire.read().body()[0] & 0xFF).isEqualTo(0x8D);
            assertThat(Duration.between(begun, Instant.now()))
                    .isBetween(Duration.ofMillis(1500), Duration.ofSeconds(40));
        }
        assertThat(house.door.counts().timedOut()).isEqualTo(1);
    }

    /// Until another is disconnected that was as silent as it would have been.
    @Test
    void clientThatPingsStays() throws Exception {
        String token = house.keys.device("acme", "boiler");
        try (Wire wire = Wire.signedIn(house.port(), Wire.connect(5, "b", token, 6, new byte[0]));
                Wire silent = Wire.signedIn(house.port(), Wire.connect(5, "silent", token, 6, new byte[0]))) {
            while (!silent.ready(300)) {
                wire.send(Wire.hex("c000"));
                assertThat(wire.read().type()).isEqualTo(13);
            }
            assertThat(silent.read().body()[0] & 0xFF).isEqualTo(0x8D);
            wire.send(Wire.hex("c000"));
            assertThat(wire.read().type()).isEqualTo(13);
        }
    }

    @Test
    void clientWhoseServerIsBusyIsNotCalledSilent() throws Exception {
        byte[] all = Wire.connect(4, "b", house.keys.device("acme", "boiler"), 1, new byte[0]);
        for (int i = 1; i <= 30; i++) {
            all = Wire.join(all, Wire.publish(4, 1, i, "t", "1"));
        }
        house.log.hold();
        try (Wire wire = new Wire(house.port()).signIn(all)) {
            assertThat(wire.silentFor(4_000)).isTrue();
            house.log.release();
            for (int i = 1; i <= 30; i++) {
                assertThat(wire.read().packetId()).isEqualTo(i);
            }
        }
    }

    @Test
    void connectionWithoutConnectIsClosedAfterTenSeconds() throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.hex("10"));
            House.await("it is there", () -> house.door.counts().connections() == 1);
            house.door.pass(MqttConnection.CONNECT_SECONDS);
            assertThat(house.door.counts().timedOut()).isEqualTo(1);
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    @Test
    void expiredCredentialEndsTheConnection() throws Exception {
        house.stopClock();
        String token = house.keys.device("acme", "boiler", house.clock.instant().plusSeconds(3));
        try (Wire wire = Wire.signedIn(house.port(), 5, "b", token)) {
            wire.send(Wire.publish(5, 1, 1, "t", "1"));
            assertThat(wire.read().toString()).isEqualTo("40 0001");
            house.startClock();
            Wire.Got goodbye = wire.read();
            assertThat(goodbye.body()[0] & 0xFF).isEqualTo(0x87);
            assertThat(goodbye.text()).contains("expired");
        }
    }

    @Test
    void revokedCredentialEndsItsConnectionsAndNoOther() throws Exception {
        String token = house.keys.device("acme", "boiler");
        try (Wire one = Wire.signedIn(house.port(), 5, "one", token);
                Wire two = Wire.signedIn(house.port(), 4, "two", token);
                Wire other = Wire.signedIn(house.port(), 4, "other", house.keys.device("acme", "boiler"))) {
            house.keys.revokeSecret(token);
            assertThat(one.read().body()[0] & 0xFF).isEqualTo(0x87);
            assertThat(two.untilClosed()).isEmpty();
            other.send(Wire.hex("c000"));
            assertThat(other.read().type()).isEqualTo(13);
        }
    }

    @Test
    void credentialThatIsRevokedDuringTheSignInEndsTheConnection() throws Exception {
        String token = house.keys.device("acme", "boiler");
        house.keys.revokeWhenShown(token);
        byte[] lasting = Wire.connect(5, "b", token, 0, Wire.hex("11 00000e10")); // let in when the journal has it
        try (Wire wire = Wire.signedIn(house.port(), lasting)) {
            assertThat(wire.read().body()[0] & 0xFF).isEqualTo(0x87);
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"e000, 0", "e00104, 1", "'', 1", "30030001, 1"})
    void willIsPublishedUnlessTheClientSaysGoodbye(String last, int published) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(Wire.hex("00044d515454 05 c6 0000 00 0001 62 00"));
        Wire.text(body, "devices/me/state");
        Wire.text(body, "gone");
        Wire.text(body, "");
        Wire.text(body, house.keys.device("acme", "boiler"));
        try (Wire wire = Wire.signedIn(house.port(), Wire.packet(0x10, body.toByteArray()))) {
            wire.send(Wire.hex(last));
        }
        House.await("the connection ends", () -> house.door.counts().connections() == 0);
        House.await("the will is handled", () -> house.stored().size() == published);
        if (published == 1) {
            assertThat(house.stored().getFirst().topic().value()).isEqualTo("devices/boiler/state");
        }
    }

    @Test
    void willToATopicThatTheClientMayNotUseIsNotPublished() throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(Wire.hex("00044d515454 04 c6 0000 0001 62"));
        Wire.text(body, "devices/pump/telemetry");
        Wire.text(body, "gone");
        Wire.text(body, "");
        Wire.text(body, house.keys.device("acme", "boiler"));
        try (Wire wire = Wire.signedIn(house.port(), Wire.packet(0x10, body.toByteArray()))) {
            wire.send(Wire.hex("c000"));
            wire.read();
        }
        House.await("the connection ends", () -> house.door.counts().connections() == 0);
        assertThat(house.stored()).isEmpty();
    }

    @Test
    void connectionsOverTheLimitAreClosedAndTheOthersLive() throws Exception {
        house.close();
        MqttSettings two =
                new MqttSettings("127.0.0.1", 0, 2, 320 * 1024, 20, Duration.ofMinutes(20), 10, 64 * 1024, 2);
        house = new House(IntakeSettings.DEFAULTS, two);
        String token = house.keys.device("acme", "boiler");
        try (Wire one = Wire.signedIn(house.port(), 4, "1", token);
                Wire second = Wire.signedIn(house.port(), 4, "2", token);
                Wire third = new Wire(house.port())) {
            assertThat(third.untilClosed()).isEmpty();
            second.close();
            House.await("a place is free", () -> house.door.counts().connections() == 1);
            try (Wire fourth = Wire.signedIn(house.port(), 4, "4", token)) {
                fourth.send(Wire.hex("c000"));
                assertThat(fourth.read().type()).isEqualTo(13);
            }
            one.send(Wire.hex("c000"));
            assertThat(one.read().type()).isEqualTo(13);
        }
        assertThat(house.door.counts().overLimit()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"4, 20 0003", "5, 20 0088"})
    void clientForWhichThereIsNoRoomIsToldSo(int version, String answer) throws Exception {
        house.close();
        house = new House(
                IntakeSettings.DEFAULTS,
                new MqttSettings("127.0.0.1", 0, 1, 320 * 1024, 20, Duration.ofMinutes(20), 10, 64 * 1024, 2));
        String token = house.keys.device("acme", "boiler");
        try (Wire one = Wire.signedIn(house.port(), 4, "1", token);
                Wire second = new Wire(house.port())) {
            second.send(Wire.connect(version, "2", token));
            assertThat(second.read().toString()).startsWith(answer);
            assertThat(second.untilClosed()).isEmpty();
            assertThat(house.door.counts().connections()).isEqualTo(1);
            one.send(Wire.hex("c000"));
            assertThat(one.read().type()).isEqualTo(13);
        }
        assertThat(house.door.counts().overLimit()).isEqualTo(1);
    }

    @Test
    void closingDoorAcknowledgesWhatItTookAndSaysGoodbye() throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), 5, "b", house.keys.device("acme", "boiler"))) {
            house.log.hold();
            wire.send(Wire.publish(5, 1, 1, "t", "1"));
            House.await("it waits", () -> house.log.waiting() == 1);
            Thread closer = Thread.ofVirtual().start(house.door::close);
            assertThat(wire.silentFor(100)).isTrue();
            house.log.release();

            assertThat(wire.read().toString()).isEqualTo("40 0001");
            Wire.Got goodbye = wire.read();
            assertThat(goodbye.type()).isEqualTo(14);
            assertThat(goodbye.body()[0] & 0xFF).isEqualTo(0x8B);
            wire.close();
            closer.join();
        }
    }

    @Test
    void takenPortIsNamedWithWhatToDo() {
        MqttSettings same = new MqttSettings(
                "127.0.0.1", house.port(), 2, 320 * 1024, 20, Duration.ofMinutes(20), 10, 64 * 1024, 2);
        assertThatThrownBy(() -> MqttDoor.open(
                        same,
                        house.intake,
                        house.broker,
                        new MqttDoor.Identities(house.keys, new NoCertificates()),
                        house.clock))
                .isInstanceOfSatisfying(
                        PlatformException.class, e -> assertThat(e.fault()).isEqualTo(Fault.PORT_TAKEN))
                .hasMessageContaining("127.0.0.1:" + house.port())
                .hasMessageContaining("choose another with mqtt.port");
    }

    @Test
    void stormOfConnectionsLeavesNothingBehind() throws Exception {
        String token = house.keys.device("acme", "boiler");
        for (int i = 0; i < 300; i++) {
            try (Wire wire = new Wire(house.port())) {
                wire.send(Wire.connect(4, "storm", token));
                if (i % 3 == 0) {
                    readOrOvertaken(wire);
                }
                if (i % 3 == 1) {
                    wire.socket().setSoLinger(true, 0);
                }
            } catch (IOException e) {
                throw new AssertionError("connection " + i, e);
            }
        }
        House.await(
                "all are gone",
                () -> house.door.counts().connections() == 0
                        && house.broker.counts().sessions() == 0);
        try (Wire last = Wire.signedIn(house.port(), 4, "storm", token)) {
            assertThat(last.silentFor(50)).isTrue();
        }
    }

    /// Two connections that came one after the other are on different event loops: the CONNECT of the first,
    /// whose client is gone, may be read last and take the session over.
    private static void readOrOvertaken(Wire wire) throws IOException {
        try {
            assertThat(wire.read().first()).isEqualTo(0x20);
        } catch (EOFException _) {
            // closed before it was answered
        }
    }
}
