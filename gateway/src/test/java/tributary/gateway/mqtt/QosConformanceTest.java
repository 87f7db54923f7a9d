package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The exchanges of QoS 1 and 2 on one connection, and the order of messages: chapters 3.4 to 3.7, 4.3 and 4.6.
class QosConformanceTest {
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
    @ValueSource(ints = {4, 5})
    void packetIdentifierIsFreeAgainAfterItsAcknowledgement(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("free", 0);
            for (int flags : new int[] {2, 10, 10}) { // as a new message, whatever the duplicate flag says
                mouth.send(Talk.publish(version, flags, 1, "free", "flags " + flags, Fields.NONE));
                assertThat(mouth.wire().read().toString()).isEqualTo("40 0001");
                assertThat(ear.hear().payload()).isEqualTo("flags " + flags);
            }
            for (int flags : new int[] {4, 12, 12}) {
                mouth.send(Talk.publish(version, flags, 1, "free", "flags " + flags, Fields.NONE));
                assertThat(mouth.wire().read().toString()).isEqualTo("50 0001");
                mouth.send(Wire.acknowledgement(0x62, 1));
                assertThat(mouth.wire().read().toString()).isEqualTo("70 0001");
                assertThat(ear.hear().payload()).isEqualTo("flags " + flags);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void messageOfQosTwoIsHeardOnceHoweverOftenItIsRepeated(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("once", 2);
            for (int flags : new int[] {4, 12, 12, 4}) {
                mouth.send(Talk.publish(version, flags, 1, "once", "x", Fields.NONE));
                assertThat(mouth.wire().read().toString()).isEqualTo("50 0001");
            }
            assertThat(ear.take().payload()).isEqualTo("x");
            mouth.send(Wire.acknowledgement(0x62, 1));
            assertThat(mouth.wire().read().toString()).isEqualTo("70 0001");
            ear.hearsNothing();
        }
    }

    @Test
    void refusedPublishOfQosTwoLeavesItsIdentifierFree() throws Exception {
        String device = house.keys.device("acme", "boiler");
        try (Talk ear = ear(5);
                Talk mouth = Talk.begin(house, Hello.of(5, "mouth", device))) {
            ear.subscribe("devices/boiler/x", 0);
            mouth.send(Talk.publish(5, 4, 9, "devices/pump/x", "refused", Fields.NONE));
            Wire.Got refusal = mouth.wire().read();
            assertThat(refusal.first()).isEqualTo(0x50);
            assertThat(refusal.reason()).isEqualTo(0x87);
            mouth.send(Talk.publish(5, 4, 9, "devices/me/x", "a new message", Fields.NONE));
            assertThat(mouth.wire().read().toString()).isEqualTo("50 0009");
            mouth.send(Wire.acknowledgement(0x62, 9));
            assertThat(mouth.wire().read().toString()).isEqualTo("70 0009");
            assertThat(ear.hear().payload()).isEqualTo("a new message");
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void serverUsesIdentifiersThatAreNotZeroAndNotInUse(int version, int qos) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("out", qos);
            List<Heard> open = new ArrayList<>();
            Set<Integer> used = new HashSet<>();
            for (int i = 0; i < 60; i++) {
                mouth.publish(2, "out", "m" + i);
                Heard heard = ear.hear();
                assertThat(heard.payload()).isEqualTo("m" + i);
                assertThat(heard.qos()).isEqualTo(qos);
                assertThat(heard.duplicate()).isFalse();
                assertThat(heard.packetId()).isNotZero();
                assertThat(used.add(heard.packetId())).as("not in use").isTrue();
                open.add(heard);
                if (i % 3 == 2) {
                    complete(ear, qos, open.removeFirst(), used);
                    complete(ear, qos, open.removeLast(), used);
                }
            }
        }
    }

    private static void complete(Talk ear, int qos, Heard heard, Set<Integer> used) throws Exception {
        int id = heard.packetId();
        if (qos == 1) {
            ear.send(Wire.acknowledgement(0x40, id));
        } else {
            ear.send(Wire.acknowledgement(0x50, id));
            assertThat(ear.wire().read().toString()).isEqualTo("62 %04x".formatted(id));
            ear.send(Wire.acknowledgement(0x50, id)); // said twice: answered twice
            assertThat(ear.wire().read().toString()).isEqualTo("62 %04x".formatted(id));
            ear.send(Wire.acknowledgement(0x70, id));
        }
        used.remove(id);
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void nothingIsSentAgainOnTheSameConnection(int version, int qos) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("unanswered", qos);
            mouth.publish(2, "unanswered", "x");
            Heard heard = ear.hear();
            assertThat(ear.wire().silentFor(1_500)).isTrue();
            if (qos == 2) {
                ear.send(Wire.acknowledgement(0x50, heard.packetId()));
                assertThat(ear.wire().read().first()).isEqualTo(0x62);
                assertThat(ear.wire().silentFor(1_500)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 40", "2, 50"})
    void messageThatTheSubscriberRefusesIsDoneWith(int qos, String answer) throws Exception {
        Fields one = Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 1);
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).with(one));
                Talk mouth = mouth(5)) {
            ear.subscribe("refused", qos);
            mouth.publish(2, "refused", "first");
            mouth.publish(2, "refused", "second");
            Heard heard = ear.hear();
            ear.hearsNothing();
            byte[] body = {(byte) (heard.packetId() >> 8), (byte) heard.packetId(), (byte) 0x83};
            ear.send(Wire.packet(Integer.parseInt(answer, 16), body));
            assertThat(ear.take().payload())
                    .as("no PUBREL, and its place is free")
                    .isEqualTo("second");
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void answersToWhatIsNotUnderWayAreToleratedAndToldSoIn5(int version) throws Exception {
        try (Talk talk = mouth(version)) {
            talk.send(Wire.acknowledgement(0x40, 1_234));
            talk.send(Wire.acknowledgement(0x70, 1_234));
            talk.isAlive();
            talk.send(Wire.acknowledgement(0x50, 1_234));
            isNotFound(talk.wire().read(), version, "62 04d2");
            talk.send(Wire.acknowledgement(0x62, 1_234));
            isNotFound(talk.wire().read(), version, "70 04d2");
        }
    }

    @Test
    void reasonStringThatWouldNotFitIsLeftOut() throws Exception {
        Fields small = Fields.NONE.four(Fields.PACKET_MAXIMUM, 60);
        try (Talk talk = Talk.begin(house, Hello.of(5, "small", token).with(small))) {
            talk.send(Wire.acknowledgement(0x50, 1_234));
            assertThat(talk.wire().read().toString()).isEqualTo("62 04d292");
            talk.send(Wire.acknowledgement(0x62, 1_234));
            assertThat(talk.wire().read().toString()).isEqualTo("70 04d292");
        }
    }

    private static void isNotFound(Wire.Got got, int version, String packet) {
        if (version == 5) {
            assertThat(got.toString()).startsWith(packet + "92");
            assertThat(got.text()).as("says why").contains("packet identifier 1234");
        } else {
            assertThat(got.toString()).isEqualTo(packet);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void subscribersHearTheMessagesOfAPublisherInTheirOrder(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk wide = Talk.begin(house, Hello.of(version, "wide", token));
                Talk mouth = mouth(version)) {
            ear.subscribe("order/a", 1);
            wide.subscribe("order/#", 2);
            int each = 15;
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < each; i++) {
                    mouth.send(Talk.publish(version, 2, i + 1, "order/a", "m" + (round * each + i), Fields.NONE));
                }
                for (int i = 0; i < each; i++) {
                    assertThat(mouth.wire().read().packetId())
                            .as("acknowledged in order")
                            .isEqualTo(i + 1);
                }
            }
            for (int i = 0; i < 5 * each; i++) {
                assertThat(ear.take().payload()).isEqualTo("m" + i);
                assertThat(wide.take().payload()).isEqualTo("m" + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void publishesOfQosTwoAreAcknowledgedAndReleasedInTheirOrder(int version) throws Exception {
        try (Talk mouth = mouth(version);
                Talk ear = ear(version)) {
            ear.subscribe("two", 2);
            for (int id = 1; id <= 10; id++) {
                mouth.send(Talk.publish(version, 4, id, "two", "m" + id, Fields.NONE));
            }
            List<Integer> received = new ArrayList<>();
            List<Integer> completed = new ArrayList<>();
            while (completed.size() < 10) {
                Wire.Got got = mouth.wire().read();
                if (got.first() == 0x50) {
                    received.add(got.packetId());
                    mouth.send(Wire.acknowledgement(0x62, got.packetId()));
                } else {
                    assertThat(got.first()).as("PUBCOMP").isEqualTo(0x70);
                    completed.add(got.packetId());
                }
            }
            assertThat(received).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            assertThat(completed).isEqualTo(received);
            List<Integer> heard = new ArrayList<>();
            for (int id = 1; id <= 10; id++) {
                Heard message = ear.hear();
                assertThat(message.payload()).isEqualTo("m" + id);
                heard.add(message.packetId());
            }
            for (int id : heard) {
                ear.send(Wire.acknowledgement(0x50, id));
            }
            for (int id : heard) {
                assertThat(ear.wire().read().packetId()).as("PUBREL in order").isEqualTo(id);
            }
        }
    }

    @Test
    void reasonStringsOfAcknowledgementsFitThePacketSizeOfTheClient() throws Exception {
        String device = house.keys.device("acme", "boiler");
        for (int max : new int[] {30, 100, 1_000}) {
            Fields small = Fields.NONE.four(Fields.PACKET_MAXIMUM, max);
            try (Talk talk = Talk.begin(house, Hello.of(5, "small", device).with(small))) {
                for (int qos = 1; qos <= 2; qos++) {
                    talk.send(Talk.publish(5, qos << 1, qos, "devices/pump/x", "x", Fields.NONE));
                    Wire.Got refusal = talk.wire().read();
                    assertThat(refusal.type()).isEqualTo(qos == 1 ? 4 : 5);
                    assertThat(refusal.reason()).isEqualTo(0x87);
                    assertThat(refusal.body().length + 2).isLessThanOrEqualTo(max);
                    if (max == 1_000) {
                        assertThat(refusal.text()).contains("pump");
                    }
                }
            }
        }
    }

    private static Talk ear(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "ear", token));
    }

    private static Talk mouth(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "mouth", token));
    }
}
