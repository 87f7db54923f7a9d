package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// SUBSCRIBE, UNSUBSCRIBE and their answers: chapters 3.8 to 3.11 of both standards.
class SubscribeConformanceTest {
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
        "4, 82020001, 0",
        "4, a2020001, 0",
        "4, 8206 0001 0001 61 03, 0",
        "4, 8206 0001 0001 61 04, 0",
        "4, 8206 0001 0001 61 80, 0",
        "5, 8203000100, 130",
        "5, a203000100, 130",
        "5, 8207 0001 00 0001 61 03, 130",
        "5, 8207 0001 00 0001 61 30, 130",
        "5, 8207 0001 00 0001 61 40, 129",
        "5, 8207 0001 00 0001 61 80, 129",
        "5, 8209 0001 02 0b00 0001 61 00, 130",
        "5, 8210 0001 00 000a 2473686172652f672f61 04, 130"
    })
    void subscribeHasFiltersAndValidOptions(int version, String packet, int reason) throws Exception {
        try (Talk talk = ear(version)) {
            talk.send(Wire.hex(packet));
            talk.isEnded(reason);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void oneAnswerHoldsOneCodeForEachFilterInTheirOrder(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            List<String> filters = List.of("many/a", "a/#/b", "many/b", "many/c", "x+");
            ear.send(Talk.subscribe(version, 4711, Fields.NONE, filters, 0, 1, 2, 1, 0));
            int refused = version == 5 ? 0x8F : 0x80;
            assertThat(ear.suback(4711)).containsExactly(0, refused, 2, 1, refused);
            for (String topic : List.of("many/a", "many/b", "many/c")) {
                mouth.publish(2, topic, "x");
                assertThat(ear.take().topic()).isEqualTo(topic);
            }
            ear.send(Talk.unsubscribe(version, 4712, "many/a", "never", "many/c"));
            Wire.Got unsuback = ear.wire().read();
            assertThat(unsuback.packetId()).isEqualTo(4712);
            assertThat(unsuback.toString()).isEqualTo(version == 5 ? "b0 126800001100" : "b0 1268");
            mouth.publish(1, "many/a", "x");
            mouth.publish(1, "many/c", "x");
            mouth.publish(1, "many/b", "y");
            assertThat(ear.take().payload()).isEqualTo("y");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#/b", "a#", "#/a", "+a", "a+", "a/b+/c", "/+x"})
    void wildcardsStandForWholeLevelsAndAFilterIsNotEmpty(String filter) throws Exception {
        try (Talk five = ear(5);
                Talk three = Talk.begin(house, Hello.of(4, "three", token))) {
            assertThat(five.subscribe(Fields.NONE, filter, 0)).isEqualTo(0x8F);
            assertThat(three.subscribe(Fields.NONE, filter, 0)).isEqualTo(0x80);
            five.isAlive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void deliveryHasTheLowerOfThePublishedAndTheGrantedQuality(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            for (int granted = 0; granted <= 2; granted++) {
                ear.subscribe("level", granted);
                for (int published = 0; published <= 2; published++) {
                    mouth.publish(published, "level", granted + " " + published);
                    Heard heard = ear.take();
                    assertThat(heard.payload()).isEqualTo(granted + " " + published);
                    assertThat(heard.qos()).isEqualTo(Math.min(granted, published));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sameFilterAgainReplacesTheSubscriptionAndLosesNothing(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("again", 0);
            long before = house.broker.counts().subscriptions();
            int last = 0;
            for (int i = 0; i < 40; i++) {
                mouth.send(Talk.publish(version, 2, i + 1, "again", "m" + i, Fields.NONE));
                ear.send(Talk.subscribe(version, 5, Fields.NONE, List.of("again"), i % 2));
                // its answer and the message come in any order, each once
                for (int n = 0; n < 2; n++) {
                    Wire.Got got = ear.wire().read();
                    if (got.type() == 3) {
                        Heard heard = Heard.of(got, version);
                        assertThat(heard.payload()).isEqualTo("m" + last++);
                        if (heard.qos() == 1) {
                            ear.send(Wire.acknowledgement(0x40, heard.packetId()));
                        }
                    }
                }
                assertThat(mouth.wire().read().type()).isEqualTo(4);
            }
            assertThat(last).isEqualTo(40);
            assertThat(house.broker.counts().subscriptions()).isEqualTo(before);
            ear.hearsNothing();
        }
    }

    @Test
    void noLocalKeepsTheClientsOwnMessagesAwayAndNoOthers() throws Exception {
        try (Talk ear = ear(5);
                Talk mouth = mouth(5)) {
            ear.subscribe("local", 0x04);
            mouth.subscribe("local", 0);
            ear.publish(1, "local", "own");
            mouth.send(Talk.publish(5, 0, 0, "local", "other", Fields.NONE));
            assertThat(ear.hear().payload()).isEqualTo("other");
            assertThat(mouth.hear().payload()).isEqualTo("own");
            assertThat(mouth.hear().payload()).isEqualTo("other");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void unsubscribeTakesTheFilterLiterallyAndIsAlwaysAnswered(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("lit/+", 0);
            List<Integer> none = version == 5 ? List.of(0x11, 0x11, 0x11) : List.of();
            assertThat(ear.unsubscribe("lit/a", "lit/#", "Lit/+")).isEqualTo(none);
            mouth.publish(1, "lit/a", "still");
            assertThat(ear.hear().payload()).isEqualTo("still");
            assertThat(ear.unsubscribe("lit/+")).isEqualTo(version == 5 ? List.of(0) : List.of());
            mouth.publish(1, "lit/a", "no more");
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void deliveryThatHasBegunIsCompletedAfterUnsubscribe(int version, int qos) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("begun", qos);
            mouth.publish(qos, "begun", "x");
            Heard heard = ear.hear();
            ear.unsubscribe("begun");
            mouth.publish(qos, "begun", "y");
            if (qos == 1) {
                ear.send(Wire.acknowledgement(0x40, heard.packetId()));
            } else {
                ear.send(Wire.acknowledgement(0x50, heard.packetId()));
                assertThat(ear.wire().read().toString()).isEqualTo("62 %04x".formatted(heard.packetId()));
                ear.send(Wire.acknowledgement(0x70, heard.packetId()));
            }
            ear.isAlive();
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"60, 1", "60, 10", "60, 55", "300, 1", "300, 280", "2000, 1"})
    void reasonStringThatWouldNotFitIsLeftOut(int max, int count) throws Exception {
        Fields small = Fields.NONE.four(Fields.PACKET_MAXIMUM, max);
        List<String> filters = Collections.nCopies(count, "+a");
        try (Talk talk = Talk.begin(house, Hello.of(5, "small", token).with(small))) {
            talk.send(Talk.subscribe(5, 1, Fields.NONE, filters, new int[count]));
            Wire.Got suback = talk.wire().read();
            assertThat(suback.type()).isEqualTo(9);
            assertThat(suback.size()).isLessThanOrEqualTo(max);
            if (max == 2000) {
                assertThat(suback.text()).contains("whole level");
            }
            talk.send(Talk.unsubscribe(5, 2, filters.toArray(String[]::new)));
            Wire.Got unsuback = talk.wire().read();
            assertThat(unsuback.type()).isEqualTo(11);
            assertThat(unsuback.size()).isLessThanOrEqualTo(max);
            if (max == 2000) {
                assertThat(unsuback.text()).contains("'+a' is no topic filter");
            }
        }
    }

    @Test
    void moreFiltersThanTheAnswerHasRoomForAreRefused() throws Exception {
        Fields small = Fields.NONE.four(Fields.PACKET_MAXIMUM, 60);
        List<String> filters = Collections.nCopies(56, "a");
        for (byte[] packet : List.of(
                Talk.subscribe(5, 1, Fields.NONE, filters, new int[56]),
                Talk.unsubscribe(5, 1, filters.toArray(String[]::new)))) {
            try (Talk talk = Talk.begin(house, Hello.of(5, "small", token).with(small))) {
                talk.send(packet);
                talk.isEnded(0x95);
            }
        }
    }

    @Test
    void clientThatWantsNoReasonsInWordsGetsNone() throws Exception {
        Fields terse = Fields.NONE.bit(Fields.PROBLEM_INFORMATION, 0);
        String device = house.keys.device("acme", "boiler");
        try (Talk talk = Talk.begin(house, Hello.of(5, "terse", device).with(terse))) {
            talk.send(Talk.subscribe(5, 1, Fields.NONE, List.of("a+", "devices/pump/#"), 0, 0));
            assertThat(talk.wire().read().toString()).isEqualTo("90 0001008f87");
            talk.send(Talk.publish(5, 2, 2, "devices/pump/x", "x", Fields.NONE));
            assertThat(talk.wire().read().toString())
                    .startsWith("40 000287")
                    .hasSizeLessThanOrEqualTo("40 00028700".length());
            talk.send(Talk.publish(5, 4, 3, "devices/pump/x", "x", Fields.NONE));
            assertThat(talk.wire().read().toString())
                    .startsWith("50 000387")
                    .hasSizeLessThanOrEqualTo("50 00038700".length());
            talk.send(Wire.acknowledgement(0x62, 44));
            assertThat(talk.wire().read().toString())
                    .startsWith("70 002c92")
                    .hasSizeLessThanOrEqualTo("70 002c9200".length());
            talk.send(Talk.unsubscribe(5, 5, "none"));
            assertThat(talk.wire().read().toString()).isEqualTo("b0 00050011");
        }
    }

    private static Talk ear(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "ear", token));
    }

    private static Talk mouth(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "mouth", token));
    }
}
