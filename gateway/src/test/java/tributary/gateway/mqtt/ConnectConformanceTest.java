package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// CONNECT and CONNACK: chapters 3.1 and 3.2 of both standards, sessions and wills apart.
class ConnectConformanceTest {
    private static final int WILL = 0x04;
    private static final int NAME_AND_PASSWORD = 0xC0;

    private static House house;
    private static String token;

    @BeforeAll
    static void open() {
        house = new House();
        token = house.keys.application("acme", "#");
    }

    @AfterAll
    static void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"c000, PINGREQ", "30050001610078, PUBLISH", "82080001000001 6100, SUBSCRIBE", "e000, DISCONNECT"})
    void firstPacketIsConnectOrTheConnectionEnds(String packet, String what) throws Exception {
        int before = house.stored().size();
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.hex(packet));
            assertThat(wire.untilClosed()).isEmpty();
        }
        assertThat(house.stored()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void secondConnectEndsTheConnectionWithoutASecondConnack(int version) throws Exception {
        Hello hello = Hello.of(version, "twice", token);
        try (Talk talk = Talk.begin(house, hello)) {
            talk.send(hello.bytes());
            talk.isEnded(0x82);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MQTT, 3, 20020001",
        "MQTT, 6, 20030084",
        "MQTT, 127, 20030084",
        "mqtt, 5, 20030084",
        "MQTX, 4, 20020001",
        "MQIsdp, 3, 20020001",
        "hj, 4, 20020001",
        "MQTT, 0, 20020001"
    })
    void otherProtocolsAreToldThatTheirVersionIsNotSpoken(String name, int level, String answer) throws Exception {
        byte[] hello = Hello.of(4, "old", token).bytes();
        byte[] rest = Arrays.copyOfRange(hello, 9, hello.length);
        byte[] body = Wire.join(Talk.text(name), new byte[] {(byte) level}, rest);
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.packet(0x10, body));
            Wire.Got connack = wire.read();
            byte[] expected = Wire.hex(answer);
            assertThat(connack.first()).isEqualTo(0x20);
            if (expected[3] == 1) {
                assertThat(connack.toString()).isEqualTo("20 0001");
            } else {
                assertThat(connack.toString()).startsWith("20 0084");
            }
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    /// @param flags what the flags of CONNECT say
    /// @param holds which of the fields there are: w will topic and payload, n user name, p password
    @ParameterizedTest
    @CsvSource({
        "4, c3, np, reserved flag",
        "5, c3, np, reserved flag",
        "4, ca, np, QoS of a will that is not there",
        "5, ca, np, QoS of a will that is not there",
        "4, e2, np, retain of a will that is not there",
        "5, e2, np, retain of a will that is not there",
        "4, de, wnp, will of QoS 3",
        "5, de, wnp, will of QoS 3",
        "4, c6, np, will without its fields",
        "5, c6, np, will without its fields",
        "4, c2, wnp, fields of a will that is not there",
        "5, c2, wnp, fields of a will that is not there",
        "4, c2, p, user name missing",
        "5, c2, p, user name missing",
        "4, c2, n, password missing",
        "5, c2, n, password missing",
        "4, 42, p, password without user name",
        "4, 82, np, password without its flag",
        "5, 82, np, password without its flag",
        "5, 42, np, user name without its flag"
    })
    void flagsAndFieldsOfConnectAgreeOrTheConnectionEnds(int version, String flags, String holds, String what)
            throws Exception {
        byte[] none = version == 5 ? new byte[1] : new byte[0];
        byte[] will = holds.contains("w") ? Wire.join(none, Talk.text("will/topic"), Talk.text("x")) : new byte[0];
        byte[] body = Wire.join(
                Wire.hex("00044d515454"),
                new byte[] {(byte) version},
                Wire.hex(flags),
                new byte[2],
                none,
                Talk.text("flags"),
                will,
                holds.contains("n") ? Talk.text("") : new byte[0],
                holds.contains("p") ? Talk.text(token) : new byte[0]);
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.packet(0x10, body));
            byte[] answer = wire.untilClosed();
            assertThat(answer.length == 0 || answer[3] != 0).as("%s", what).isTrue();
        }
        House.await("nobody is connected", () -> house.broker.counts().sessions() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void fieldsOfConnectAreReadInTheirOrder(int version) throws Exception {
        String device = house.keys.device("acme", "boiler");
        Hello hello = Hello.of(version, "order", device)
                .userName("boiler")
                .will(new Hello.Testament("devices/me/last", "words"));
        assertThat(hello.bytes()[9] & 0xFF).isEqualTo(0x02 | WILL | NAME_AND_PASSWORD);
        try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token))) {
            ear.subscribe("devices/boiler/last", 0);
            try (Talk talk = Talk.begin(house, hello)) {
                talk.isAlive();
            }
            assertThat(ear.hear().payload()).isEqualTo("words");
        }
    }

    @Test
    void fiveClientMayLeaveOutTheUserName() throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(5, "nameless", token).userName(null))) {
            talk.isAlive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientIdsOfLettersAndDigitsUpTo23BytesAreAllowed(int version) throws Exception {
        String alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for (String id : List.of("0", alphabet.substring(0, 23), alphabet.substring(20, 43), alphabet.substring(39))) {
            try (Talk talk = Talk.begin(house, Hello.of(version, id, token))) {
                talk.isAlive();
            }
        }
    }

    @Test
    void fiveClientWithoutAnIdIsGivenOneOfItsOwn() throws Exception {
        Set<String> given = new HashSet<>();
        try (Talk one = Talk.begin(house, Hello.of(5, "", token));
                Talk two = Talk.begin(house, Hello.of(5, "", token).clean(false));
                Talk three = Talk.begin(house, Hello.of(5, "", token).lasting())) {
            for (Talk talk : List.of(one, two, three)) {
                String id = talk.welcome().fields().text(Fields.ASSIGNED_CLIENT_ID);
                assertThat(id).isNotEmpty();
                assertThat(given.add(id)).isTrue();
                assertThat(talk.welcome().sessionPresent()).isFalse();
                talk.isAlive();
            }
            // the id is the client's from now on: who signs in with it takes over
            try (Talk again =
                    Talk.begin(house, Hello.of(5, one.welcome().fields().text(Fields.ASSIGNED_CLIENT_ID), token))) {
                one.isEnded(0x8E);
                again.isAlive();
            }
        }
    }

    @Test
    void clientThatBringsItsIdIsNotAssignedOne() throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(5, "mine", token))) {
            assertThat(talk.welcome().fields().has(Fields.ASSIGNED_CLIENT_ID)).isFalse();
        }
    }

    @Test
    void threeClientWithoutAnIdMustNotWantToKeepItsSession() throws Exception {
        try (Talk one = Talk.begin(house, Hello.of(4, "", token));
                Talk two = Talk.begin(house, Hello.of(4, "", token))) {
            one.isAlive();
            two.isAlive();
        }
        try (Talk kept = Talk.attempt(house, Hello.of(4, "", token).clean(false))) {
            assertThat(kept.welcome().reason()).isEqualTo(2);
            assertThat(kept.welcome().sessionPresent()).isFalse();
            assertThat(kept.wire().untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 2", "5, 133"})
    void clientIdThatIsNotTakenIsSaidAndTheConnectionCloses(int version, int reason) throws Exception {
        try (Talk talk = Talk.attempt(house, Hello.of(version, "x".repeat(10_000), token))) {
            assertThat(talk.welcome().reason()).isEqualTo(reason);
            assertThat(talk.wire().untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void nothingThatFollowsARefusedConnectIsHeeded(int version) throws Exception {
        int before = house.stored().size();
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.join(
                    Hello.of(version, "eager", "wrong").bytes(),
                    Talk.publish(version, 0, 0, "devices/boiler/telemetry", "not from here", Fields.NONE),
                    Talk.subscribe(version, 1, Fields.NONE, List.of("#"), 0),
                    Wire.hex("c000")));
            Talk.Welcome connack = Talk.Welcome.of(wire.read(), version);
            assertThat(connack.reason()).isNotZero();
            assertThat(connack.sessionPresent()).isFalse();
            assertThat(wire.untilClosed()).isEmpty();
        }
        assertThat(house.stored()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void connackComesBeforeAnythingElseHoweverEagerTheClient(int version) throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.join(
                    Hello.of(version, "eager", token).bytes(),
                    Talk.subscribe(version, 1, Fields.NONE, List.of("eager"), 0),
                    Talk.publish(version, 2, 2, "eager", "at once", Fields.NONE),
                    Wire.hex("c000")));
            assertThat(wire.read().toString()).startsWith("20 0000");
            Set<Integer> types = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                types.add(wire.read().type());
            }
            assertThat(types).containsExactlyInAnyOrder(3, 4, 9, 13);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientSilentForOneAndAHalfOfItsOwnKeepAlivesIsTakenForDead(int version) throws Exception {
        try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token))) {
            ear.subscribe("last/words", 0);
            Hello hello =
                    Hello.of(version, "silent", token).keepAlive(1).will(new Hello.Testament("last/words", "gone"));
            Instant begun = Instant.now();
            try (Talk silent = Talk.begin(house, hello)) {
                assertThat(silent.welcome().fields().has(Fields.SERVER_KEEP_ALIVE))
                        .as("the client's own keep-alive holds")
                        .isFalse();
                silent.isEnded(0x8D);
                assertThat(Duration.between(begun, Instant.now())).isGreaterThan(Duration.ofMillis(1400));
                assertThat(ear.hear().payload()).isEqualTo("gone");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void newConnectionOfTheSameClientEndsTheOldOne(int version) throws Exception {
        Hello hello = Hello.of(version, "twin", token);
        try (Talk old = Talk.begin(house, hello);
                Talk fresh = Talk.begin(house, hello)) {
            old.isEnded(0x8E);
            assertThat(fresh.welcome().sessionPresent()).isFalse();
            fresh.isAlive();
        }
    }

    @Test
    void extendedAuthenticationIsRefusedAndClosed() throws Exception {
        Fields method = Fields.NONE.text(Fields.AUTH_METHOD, "SCRAM-SHA-256").binary(Fields.AUTH_DATA, new byte[3]);
        try (Talk talk = Talk.attempt(house, Hello.of(5, "scram", token).with(method))) {
            assertThat(talk.welcome().reason()).isEqualTo(0x8C);
            assertThat(talk.wire().untilClosed()).isEmpty();
        }
    }

    @Test
    void clientWithoutAnAuthenticationMethodIsSentNoneAndMayNotSendAuth() throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(5, "plain", token))) {
            assertThat(talk.welcome().fields().has(Fields.AUTH_METHOD)).isFalse();
            talk.send(Wire.packet(
                    0xF0,
                    Wire.join(
                            new byte[] {0x19},
                            Fields.NONE
                                    .text(Fields.AUTH_METHOD, "SCRAM-SHA-256")
                                    .block())));
            talk.isEnded(0x82);
        }
    }

    @Test
    void authenticationDataWithoutAMethodIsAProtocolError() throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Hello.of(5, "plain", token)
                    .with(Fields.NONE.binary(Fields.AUTH_DATA, new byte[3]))
                    .bytes());
            byte[] answer = wire.untilClosed();
            assertThat(answer.length == 0 || (answer[3] & 0xFF) == 0x82).isTrue();
        }
    }

    @Test
    void responseInformationIsGivenOnlyToWhoAsksForIt() throws Exception {
        for (Fields fields : List.of(Fields.NONE, Fields.NONE.bit(Fields.REQUEST_RESPONSE_INFORMATION, 0))) {
            try (Talk talk =
                    Talk.begin(house, Hello.of(5, "asks-nothing", token).with(fields))) {
                assertThat(talk.welcome().fields().has(Fields.RESPONSE_INFORMATION))
                        .isFalse();
            }
        }
    }

    @Test
    void deviceThatAsksForResponseInformationMaySubscribeThere() throws Exception {
        Hello hello = Hello.of(5, "asks", house.keys.device("acme", "boiler"))
                .with(Fields.NONE.bit(Fields.REQUEST_RESPONSE_INFORMATION, 1));
        try (Talk talk = Talk.begin(house, hello);
                Talk responder = Talk.begin(house, Hello.of(5, "responder", token))) {
            String place = talk.welcome().fields().text(Fields.RESPONSE_INFORMATION);
            talk.subscribe(place + "/#", 0);
            responder.publish(1, place + "/1", "the answer");
            assertThat(talk.hear().payload()).isEqualTo("the answer");
        }
    }
}
