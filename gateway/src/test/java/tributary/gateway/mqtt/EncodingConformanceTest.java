package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How numbers, texts, flags and properties are written: chapters 1.5 and 2 of both standards.
class EncodingConformanceTest {
    private static final List<String> NO_TEXTS = List.of("ff", "eda080", "c080", "e28c", "f5808080");

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
    @CsvSource({
        "4, topic",
        "4, filter",
        "4, unsubscribed filter",
        "5, topic",
        "5, filter",
        "5, unsubscribed filter",
        "5, content type",
        "5, response topic",
        "5, name of a user property",
        "5, value of a user property",
        "5, reason string"
    })
    void textThatIsNotUtf8OrHasANulEndsTheConnection(int version, String place) throws Exception {
        for (String text : NO_TEXTS) {
            endedBy(version, packet(version, place, Wire.hex(text)));
        }
        endedBy(version, packet(version, place, new byte[] {'a', 0, 'b'}));
    }

    private static void endedBy(int version, byte[] packet) throws IOException {
        try (Talk talk = Talk.begin(house, Hello.of(version, "encoding", token))) {
            talk.send(packet);
            talk.isEnded(0x81);
        }
    }

    private static byte[] packet(int version, String place, byte[] text) {
        byte[] none = version == 5 ? new byte[1] : new byte[0];
        byte[] sized = Fields.sized(text);
        Fields fields = switch (place) {
            case "content type" -> Fields.NONE.binary(Fields.CONTENT_TYPE, text);
            case "response topic" -> Fields.NONE.binary(Fields.RESPONSE_TOPIC, text);
            case "name of a user property" ->
                new Fields(List.of(new Fields.Field(Fields.USER, Wire.join(sized, Talk.text("v")))));
            case "value of a user property" ->
                new Fields(List.of(new Fields.Field(Fields.USER, Wire.join(Talk.text("n"), sized))));
            default -> Fields.NONE;
        };
        return switch (place) {
            case "topic" -> Wire.packet(0x30, Wire.join(sized, none));
            case "filter" -> Wire.packet(0x82, Wire.join(new byte[] {0, 1}, none, sized, new byte[1]));
            case "unsubscribed filter" -> Wire.packet(0xA2, Wire.join(new byte[] {0, 1}, none, sized));
            case "reason string" ->
                Wire.packet(
                        0xE0,
                        Wire.join(
                                new byte[1],
                                Fields.NONE.binary(Fields.REASON, text).block()));
            default -> Talk.publish(version, 0, 0, "a", "x", fields);
        };
    }

    @ParameterizedTest
    @CsvSource({"4, client id", "4, will topic", "4, user name", "5, client id", "5, will topic", "5, user name"})
    void textOfConnectThatIsNotUtf8IsNotAccepted(int version, String place) throws Exception {
        for (String text : NO_TEXTS) {
            byte[] bad = Fields.sized(Wire.hex(text));
            byte[] good = Talk.text("ab");
            byte[] none = version == 5 ? new byte[1] : new byte[0];
            byte[] body = Wire.join(
                    Wire.hex("00044d515454"),
                    new byte[] {(byte) version, (byte) 0xC6, 0, 0},
                    none,
                    place.equals("client id") ? bad : good,
                    none,
                    place.equals("will topic") ? bad : good,
                    good,
                    place.equals("user name") ? bad : Talk.text(""),
                    Talk.text(token));
            try (Wire wire = new Wire(house.port())) {
                wire.send(Wire.packet(0x10, body));
                byte[] answer = wire.untilClosed();
                assertThat(answer.length == 0 || answer[3] != 0).as("%s", text).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void byteOrderMarksAndOddCharactersAreKeptAsTheyAre(int version) throws Exception {
        for (String topic : List.of("\uFEFFa/\uFEFF", "é", "e\u0301", "A", "Ａ", "a ", "a\u0001b", "\uD83D\uDE00")) {
            try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token));
                    Talk mouth = Talk.begin(house, Hello.of(version, "mouth", token))) {
                ear.subscribe(topic, 0);
                for (String other : List.of("a/", "a", "\u00E9\u0301", "e", "b")) {
                    mouth.publish(1, other, "another topic");
                }
                mouth.publish(1, topic, "\uFEFFtext");
                Heard heard = ear.hear();
                assertThat(heard.topic()).isEqualTo(topic);
                assertThat(heard.payload()).isEqualTo("\uFEFFtext");
            }
        }
    }

    @Test
    void numbersOfVariableLengthAreWrittenWithTheFewestBytes() throws Exception {
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token));
                Talk mouth = Talk.begin(house, Hello.of(5, "mouth", token))) {
            for (int number : new int[] {1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455}) {
                ear.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, number), "n", 0);
                mouth.publish(1, "n", "x");
                // read by a reader that insists on the fewest bytes, here and for the length of the packet
                assertThat(ear.hear().fields().identifiers()).containsExactly(number);
            }
            for (int length : new int[] {100, 120, 127, 128, 129, 16_370, 16_384, 16_390}) {
                mouth.publish(1, "n", "x".repeat(length));
                assertThat(ear.hear().payload()).hasSize(length);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "c08000, remaining length of PINGREQ",
        "3006000161 80 00 78, length of the properties",
        "820a 0001 030b8100 000161 00, subscription identifier"
    })
    void numbersWithMoreBytesThanNeededAreMalformed(String packet, String what) throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(5, "encoding", token))) {
            talk.send(Wire.hex(packet));
            talk.isEnded(0x81);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void reservedFlagsOfTheFirstByteEndTheConnection(int version) throws Exception {
        for (int type : new int[] {4, 5, 6, 7, 8, 10, 12, 14, 15}) {
            int good = type == 6 || type == 8 || type == 10 ? 2 : 0;
            for (int flags : new int[] {0, 1, 2, 3, 4, 8, 15}) {
                if (flags != good) {
                    endedBy(version, Wire.join(new byte[] {(byte) (type << 4 | flags)}, Wire.hex("020001")));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, 3205 0001 61 0000",
        "4, 3405 0001 61 0000",
        "4, 8206 0000 0001 61 00",
        "4, a205 0000 0001 61",
        "5, 3206 0001 61 0000 00",
        "5, 3406 0001 61 0000 00",
        "5, 8207 0000 00 0001 61 00",
        "5, a206 0000 00 0001 61"
    })
    void packetIdentifierIsNeverZero(int version, String packet) throws Exception {
        endedBy(version, Wire.hex(packet));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void everyAnswerCarriesThePacketIdentifierOfItsPacket(int version) throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(version, "encoding", token))) {
            for (int id : new int[] {1, 127, 128, 255, 256, 32_768, 65_535}) {
                talk.send(Talk.publish(version, 2, id, "ids", "x", Fields.NONE));
                answered(talk, 0x40, id);
                talk.send(Talk.publish(version, 4, id, "ids", "x", Fields.NONE));
                answered(talk, 0x50, id);
                talk.send(Wire.acknowledgement(0x62, id));
                answered(talk, 0x70, id);
                talk.send(Talk.subscribe(version, id, Fields.NONE, List.of("other"), 0));
                answered(talk, 0x90, id);
                talk.send(Talk.unsubscribe(version, id, "other"));
                answered(talk, 0xB0, id);
            }
        }
    }

    private static void answered(Talk talk, int first, int id) throws IOException {
        Wire.Got got = talk.wire().read();
        assertThat(got.first()).isEqualTo(first);
        assertThat(got.packetId()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({"4, 30 0001617869", "5, 30 000161007869"})
    void publishOfQosZeroHasNoPacketIdentifierAndNoPropertiesAreALengthOfZero(int version, String bytes)
            throws Exception {
        try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token));
                Talk mouth = Talk.begin(house, Hello.of(version, "mouth", token))) {
            ear.subscribe("a", 2);
            mouth.publish(0, "a", "xi");
            assertThat(ear.wire().read().toString()).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void topicMayHaveAllOf65535Bytes(int version) throws Exception {
        String topic = "x".repeat(65_535);
        try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token));
                Talk mouth = Talk.begin(house, Hello.of(version, "mouth", token))) {
            ear.subscribe(topic, 1);
            mouth.publish(1, topic, "long");
            assertThat(ear.take().topic()).isEqualTo(topic);
            assertThat(ear.unsubscribe(topic)).isEqualTo(version == 5 ? List.of(0) : List.of());
        }
    }

    @Test
    void propertyThatThePacketDoesNotHaveIsMalformedAndOneTwiceAProtocolError() throws Exception {
        Fields foreign = Fields.NONE.four(Fields.SESSION_EXPIRY, 1);
        endedBy(5, Talk.publish(5, 0, 0, "a", "x", foreign));
        endedBy(5, Talk.subscribe(5, 1, foreign, List.of("a"), 0));
        try (Talk talk = Talk.begin(house, Hello.of(5, "encoding", token))) {
            Fields twice = Fields.NONE.text(Fields.CONTENT_TYPE, "a").text(Fields.CONTENT_TYPE, "a");
            talk.send(Talk.publish(5, 0, 0, "a", "x", twice));
            talk.isEnded(0x82);
        }
    }
}
