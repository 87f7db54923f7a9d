package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedPacketsTest {
    private static House house;
    private static String token;

    @BeforeAll
    static void open() {
        house = new House();
        token = house.keys.device("acme", "boiler", "#");
    }

    @AfterAll
    static void close() {
        house.close();
    }

    /// Packets that a signed-in 5.0 client may not send, and the reason code of the DISCONNECT.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            second CONNECT                        | 101000044d515454 05 02 0000 00 0003616263      | 82
            CONNACK from a client                 | 2003000000                                     | 82
            SUBACK from a client                  | 9004000100 00                                  | 82
            UNSUBACK from a client                | b004000100 00                                  | 82
            PINGRESP from a client                | d000                                           | 82
            type 0                                | 0000                                           | 82
            AUTH without extended authentication  | f000                                           | 82
            flags of PINGREQ                      | c100                                           | 81
            flags of PUBREL                       | 60020001                                       | 81
            flags of SUBSCRIBE                    | 80070001000001 61 00                           | 81
            flags of DISCONNECT                   | e100                                           | 81
            remaining length of five bytes        | 30ffffffff01                                   | 81
            remaining length not minimal          | c08000                                         | 81
            PINGREQ with content                  | c00100                                         | 81
            QoS 3                                 | 3606000161 0001 00                             | 81
            duplicate of QoS 0                    | 3804000161 00                                  | 81
            packet identifier 0                   | 3206000161 0000 00                             | 81
            PUBLISH cut in the topic              | 30030005 61                                    | 81
            PUBLISH without properties length     | 3003000161                                     | 81
            topic with +                          | 3006000361 2f2b 00                             | 90
            topic with #                          | 300400012300                                   | 90
            topic with NUL                        | 300400010000                                   | 81
            topic not UTF-8                       | 30040001ff00                                   | 81
            topic with a surrogate                | 30060003eda08000                               | 81
            topic with an overlong character      | 30050002c08000                                 | 81
            neither topic nor alias               | 3003000000                                     | 82
            topic alias 0                         | 3007000161 03 230000                           | 94
            topic alias over the maximum          | 3007000161 03 230021                           | 94
            alias never given                     | 3006000003 230001                              | 82
            property twice                        | 3008000161 04 01010101                         | 82
            unknown property                      | 3006000161 02 7f00                             | 81
            property of another packet            | 3009000161 05 1100000001                       | 81
            subscription identifier in PUBLISH    | 3006000161 02 0b01                             | 82
            payload format indicator 2            | 3006000161 02 0102                             | 82
            properties longer than the packet     | 3005000161 ff00                                | 81
            response topic with wildcard          | 3008000161 04 08000123                         | 82
            SUBSCRIBE without filter              | 820300010 0                                    | 82
            SUBSCRIBE with QoS 3                  | 8207000100 000161 03                           | 82
            SUBSCRIBE with reserved option        | 8207000100 000161 40                           | 81
            SUBSCRIBE with retain handling 3      | 8207000100 000161 30                           | 82
            SUBSCRIBE with identifier 0           | 8209000102 0b00 000161 00                      | 82
            SUBSCRIBE with packet identifier 0    | 8207000000 000161 00                           | 81
            no-local on a shared subscription     | 820f000100 0009 24736861 72652f672f 04         | 82
            UNSUBSCRIBE without filter            | a203000100                                     | 82
            PUBACK too short                      | 400100                                         | 81
            PUBREC for what waits for nothing     | 50020007                                       | ok
            PUBACK with a code of another packet  | 4003000192                                     | 82
            PUBREC with a code that is not        | 50030001ff                                     | 82
            PUBREL with a code of another packet  | 6203000183                                     | 82
            PUBCOMP with a code of another packet | 7003000110                                     | 82
            DISCONNECT with a code that is not    | e00103                                         | 82
            DISCONNECT with a code of the server  | e0018e                                         | 82
            DISCONNECT prolongs the session       | e0070005 1100000001                            | 82
            """)
    void endTheConnectionWithTheRightReason(String what, String packet, String reason) throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), 5, "malformed", token)) {
            wire.send(Wire.hex(packet));
            if (reason.equals("ok")) {
                assertThat(wire.read().type()).isEqualTo(6);
                return;
            }
            Wire.Got goodbye = wire.read();
            assertThat(goodbye.type()).as("%s", goodbye).isEqualTo(14);
            assertThat(goodbye.body()[0] & 0xFF).as("%s", goodbye.text()).isEqualTo(Integer.parseInt(reason, 16));
            assertThat(goodbye.text()).as("says why").hasSizeGreaterThan(15);
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "30060003 612f62 31",
                "c000",
                "2002 0000",
                "0000",
                "f000",
                "1100",
                "160301 0200 0100",
                "474554202f20485454502f312e310d0a0d0a",
                "10ffffff7f",
                "100d00044d515454 04 42 0000 0001 61",
                "100e00044d515454 05 06 0000 00 0001",
                "1000",
            })
    void whatIsNotAGoodConnectIsClosedWithoutAnswer(String bytes) throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.hex(bytes));
            if (bytes.equals("100e00044d515454 05 06 0000 00 0001")) {
                wire.socket().shutdownOutput(); // it is half a packet
            }
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    /// A client of 5.0 is told with a CONNACK what its CONNECT lacks, as far as it says that it is one.
    @ParameterizedTest
    @CsvSource({
        "100a00044d515454 05 03 0000, 81",
        "100f00044d515454 05 02 0000 00 0003616200, 81",
        "101600044d515454 05 02 0000 06 21000a21000a 0003616263, 82",
        "10ffff7f00044d515454 05 02 0000, 95"
    })
    void brokenConnectOfFiveIsToldWhy(String bytes, String reason) throws Exception {
        try (Wire wire = new Wire(house.port())) {
            wire.send(Wire.hex(bytes));
            Wire.Got connack = wire.read();
            assertThat(connack.first()).isEqualTo(0x20);
            assertThat(connack.body()[0]).as("no session").isZero();
            assertThat(connack.body()[1] & 0xFF).as("%s", connack.text()).isEqualTo(Integer.parseInt(reason, 16));
            assertThat(connack.text()).as("says why").hasSizeGreaterThan(15);
            assertThat(wire.untilClosed()).isEmpty();
        }
    }

    @Test
    void packetOverTheLimitIsRefusedByItsAnnouncementAlone() throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), 5, "malformed", token)) {
            wire.send(Wire.hex("30ffffff7f"));
            assertThat(wire.read().body()[0] & 0xFF).isEqualTo(0x95);
        }
    }

    @Test
    void announcedBytesThatDoNotComeCostNothingAndEndWithTheKeepAlive() throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), Wire.connect(5, "malformed", token, 1, new byte[0]))) {
            wire.send(Wire.hex("30ffff0f 0001"));
            assertThat(wire.read().body()[0] & 0xFF).as("keep-alive timeout").isEqualTo(0x8D);
        }
    }

    @Test
    void thousandsOfUserPropertiesAreRefused() throws Exception {
        StringBuilder properties = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            properties.append("26 0001 61 0001 62");
        }
        byte[] pairs = Wire.hex(properties.toString());
        byte[] body = Wire.join(Wire.hex("0001 61"), Wire.hex("88a401"), pairs);
        try (Wire wire = Wire.signedIn(house.port(), 5, "malformed", token)) {
            wire.send(Wire.packet(0x30, body));
            assertThat(wire.read().body()[0] & 0xFF).isEqualTo(0x97);
        }
    }

    @Test
    void topicOfTenThousandLevelsIsRefusedAndTheConnectionStays() throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), 5, "malformed", token)) {
            wire.send(Wire.publish(5, 1, 1, "a/".repeat(10_000), "x"));
            assertThat(wire.read().reason()).isEqualTo(0x90);
            wire.send(Wire.publish(5, 1, 2, "x".repeat(65_535), "x"));
            assertThat(wire.read().toString()).isEqualTo("40 0002");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3, 20 0001",
        "6, 20 0084",
    })
    void otherProtocolVersionsAreToldSo(int version, String answer) throws Exception {
        byte[] connect = Wire.connect(4, "x", token);
        connect[8] = (byte) version;
        try (Wire wire = new Wire(house.port())) {
            wire.send(connect);
            assertThat(wire.read().toString()).startsWith(answer);
        }
    }
}
