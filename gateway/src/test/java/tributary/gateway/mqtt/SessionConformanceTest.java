package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions that outlive their connection: chapters 3.1.2, 4.1, 4.3, 4.4 and 4.5 of both standards.
class SessionConformanceTest {
    private final House house = new House();
    private final String token = house.keys.application("acme", "#");

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sessionIsResumedWithItsSubscriptions(int version) throws Exception {
        Hello hello = Hello.of(version, "lasting", token).lasting();
        try (Talk first = Talk.begin(house, hello)) {
            assertThat(first.welcome().sessionPresent()).isFalse();
            first.subscribe("resumed/#", 1);
            first.goodbye();
        }
        try (Talk second = Talk.begin(house, hello);
                Talk mouth = mouth(version)) {
            assertThat(second.welcome().sessionPresent()).isTrue();
            mouth.publish(1, "resumed/a", "x");
            assertThat(second.take().payload()).isEqualTo("x");
            assertThat(second.unsubscribe("resumed/#")).isEqualTo(version == 5 ? List.of(0) : List.of());
            mouth.publish(1, "resumed/a", "y");
            second.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void firstConnectionWithoutCleanStartFindsNoSession(int version) throws Exception {
        try (Talk first = Talk.begin(house, Hello.of(version, "new", token).lasting());
                Talk mouth = mouth(version)) {
            assertThat(first.welcome().sessionPresent()).isFalse();
            first.subscribe("new", 0);
            mouth.publish(0, "new", "x");
            assertThat(first.hear().payload()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sessionOfAnotherClientIdIsAnotherOne(int version) throws Exception {
        try (Talk one = Talk.begin(house, Hello.of(version, "one", token).lasting())) {
            one.subscribe("ids", 1);
            one.goodbye();
        }
        try (Talk other = Talk.begin(house, Hello.of(version, "One", token).lasting());
                Talk mouth = mouth(version)) {
            assertThat(other.welcome().sessionPresent()).isFalse();
            mouth.publish(1, "ids", "x");
            other.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void cleanStartForgetsTheSessionThatWas(int version) throws Exception {
        Hello hello = Hello.of(version, "forgets", token);
        try (Talk first = Talk.begin(house, hello.lasting());
                Talk mouth = mouth(version)) {
            first.subscribe("old", 1);
            first.goodbye();
            mouth.publish(1, "old", "for nobody");
            try (Talk second = Talk.begin(house, hello)) {
                assertThat(second.welcome().sessionPresent()).isFalse();
                mouth.publish(1, "old", "for nobody either");
                second.hearsNothing();
                second.goodbye();
            }
            try (Talk third = Talk.begin(house, hello.lasting())) {
                assertThat(third.welcome().sessionPresent()).isFalse();
                third.hearsNothing();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sessionWithoutExpiryEndsWithTheConnection(int version) throws Exception {
        Hello hello = Hello.of(version, "short", token);
        try (Talk first = Talk.begin(house, version == 5 ? hello.clean(false) : hello)) {
            first.subscribe("short", 1);
            first.goodbye();
        }
        try (Talk mouth = mouth(version)) {
            mouth.publish(1, "short", "x");
        }
        try (Talk second = Talk.begin(house, hello.lasting())) {
            assertThat(second.welcome().sessionPresent()).isFalse();
            second.hearsNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void messagesForAnAbsentClientWait(int version, int qos) throws Exception {
        Hello hello = Hello.of(version, "absent", token).lasting();
        try (Talk first = Talk.begin(house, hello)) {
            first.subscribe("absent/#", qos);
            first.goodbye();
        }
        try (Talk mouth = mouth(version)) {
            for (int i = 0; i < 30; i++) {
                mouth.publish(qos, "absent/a", "m" + i);
            }
        }
        try (Talk second = Talk.begin(house, hello)) {
            assertThat(second.welcome().sessionPresent()).isTrue();
            for (int i = 0; i < 30; i++) {
                Heard heard = second.take();
                assertThat(heard.payload()).isEqualTo("m" + i);
                assertThat(heard.qos()).isEqualTo(qos);
                assertThat(heard.duplicate()).as("sent for the first time").isFalse();
            }
            second.goodbye();
        }
        try (Talk third = Talk.begin(house, hello)) {
            third.hearsNothing();
        }
    }

    @Test
    void sessionEndsWhenItsExpiryHasPassed() throws Exception {
        Hello hello = Hello.of(5, "expires", token).clean(false).with(Fields.NONE.four(Fields.SESSION_EXPIRY, 1_000));
        try (Talk first = Talk.begin(house, hello);
                Talk mouth = mouth(5)) {
            first.subscribe("expires", 1);
            house.ahead.set(Duration.ofSeconds(1_100));
            first.isAlive();
            first.goodbye();
            try (Talk inTime = Talk.begin(house, hello)) {
                assertThat(inTime.welcome().sessionPresent())
                        .as("counted from the end of the connection")
                        .isTrue();
                inTime.goodbye();
            }
            house.ahead.set(Duration.ofSeconds(2_200));
            House.await("the session is over", () -> house.broker.counts().sessions() == 1);
            mouth.publish(1, "expires", "for nobody");
            try (Talk late = Talk.begin(house, hello)) {
                assertThat(late.welcome().sessionPresent()).isFalse();
                late.hearsNothing();
            }
        }
    }

    @Test
    void disconnectMayChangeHowLongTheSessionLasts() throws Exception {
        Hello brief = Hello.of(5, "changes", token).clean(false).with(Fields.NONE.four(Fields.SESSION_EXPIRY, 1_000));
        Hello other = Hello.of(5, "other", token).clean(false).with(Fields.NONE.four(Fields.SESSION_EXPIRY, 1_000));
        try (Talk first = Talk.begin(house, brief);
                Talk unchanged = Talk.begin(house, other)) {
            first.goodbye(Wire.hex("e007 00 05 11 00000e10"));
            unchanged.goodbye();
        }
        house.ahead.set(Duration.ofSeconds(1_100));
        House.await("the other's is over", () -> house.broker.counts().sessions() == 1);
        try (Talk second = Talk.begin(house, brief)) {
            assertThat(second.welcome().sessionPresent()).isTrue();
            second.goodbye(Wire.hex("e007 00 05 11 00000000"));
        }
        try (Talk third = Talk.begin(house, brief)) {
            assertThat(third.welcome().sessionPresent()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sessionPassesToTheConnectionThatTakesOver(int version) throws Exception {
        Hello hello = Hello.of(version, "twin", token).lasting();
        try (Talk old = Talk.begin(house, hello);
                Talk mouth = mouth(version)) {
            old.subscribe("twin", 1);
            mouth.publish(1, "twin", "unanswered");
            Heard heard = old.hear();
            try (Talk fresh = Talk.begin(house, hello)) {
                assertThat(fresh.welcome().sessionPresent()).isTrue();
                old.isEnded(0x8E);
                Heard again = fresh.take();
                assertThat(again.packetId()).isEqualTo(heard.packetId());
                assertThat(again.duplicate()).isTrue();
                mouth.publish(1, "twin", "fresh");
                assertThat(fresh.take().payload()).isEqualTo("fresh");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void unacknowledgedMessagesComeAgainWithTheirIdentifiersInOrder(int version, int qos) throws Exception {
        Hello hello = Hello.of(version, "again", token).lasting();
        List<Heard> open = new ArrayList<>();
        try (Talk first = Talk.begin(house, hello);
                Talk mouth = mouth(version)) {
            first.subscribe("again", qos);
            for (int i = 0; i < 8; i++) {
                mouth.publish(2, "again", "m" + i);
                open.add(first.hear());
            }
            acknowledge(first, qos, open.remove(6));
            acknowledge(first, qos, open.remove(2));
            first.isAlive();
        }
        try (Talk mouth = mouth(version)) {
            mouth.publish(2, "again", "new");
        }
        for (int round = 0; round < 2; round++) { // leaving again without answers changes nothing
            try (Talk next = Talk.begin(house, hello)) {
                assertThat(next.welcome().sessionPresent()).isTrue();
                for (Heard before : open) {
                    Heard heard = next.hear();
                    assertThat(heard.packetId()).isEqualTo(before.packetId());
                    assertThat(heard.payload()).isEqualTo(before.payload());
                    assertThat(heard.qos()).isEqualTo(qos);
                    assertThat(heard.duplicate()).isTrue();
                }
            }
        }
        try (Talk last = Talk.begin(house, hello)) {
            List<String> payloads = new ArrayList<>();
            while (payloads.size() < 7) {
                payloads.add(last.take().payload());
            }
            assertThat(payloads).containsExactly("m0", "m1", "m3", "m4", "m5", "m7", "new");
            last.goodbye();
        }
        try (Talk done = Talk.begin(house, hello)) {
            done.hearsNothing();
        }
    }

    private static void acknowledge(Talk talk, int qos, Heard heard) throws Exception {
        talk.send(Wire.acknowledgement(qos == 1 ? 0x40 : 0x50, heard.packetId()));
        if (qos == 2) {
            assertThat(talk.wire().read().first()).as("PUBREL").isEqualTo(0x62);
            talk.send(Wire.acknowledgement(0x70, heard.packetId()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void releaseIsRepeatedAndThePublishIsNot(int version) throws Exception {
        Hello hello = Hello.of(version, "release", token).lasting();
        Heard heard;
        try (Talk first = Talk.begin(house, hello);
                Talk mouth = mouth(version)) {
            first.subscribe("release", 2);
            mouth.publish(2, "release", "x");
            heard = first.hear();
            first.send(Wire.acknowledgement(0x50, heard.packetId()));
            assertThat(first.wire().read().first()).as("PUBREL").isEqualTo(0x62);
        }
        for (int round = 0; round < 2; round++) {
            try (Talk next = Talk.begin(house, hello)) {
                assertThat(next.wire().read().toString()).isEqualTo("62 %04x".formatted(heard.packetId()));
                if (round == 1) {
                    next.send(Wire.acknowledgement(0x70, heard.packetId()));
                    next.isAlive();
                    next.goodbye();
                }
            }
        }
        try (Talk done = Talk.begin(house, hello)) {
            done.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void publishOfQosTwoRepeatedAfterReconnectingIsStoredOnce(int version) throws Exception {
        Hello hello = Hello.of(version, "mouth", token).lasting();
        try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token))) {
            ear.subscribe("once", 0);
            try (Talk first = Talk.begin(house, hello)) {
                for (int id = 5; id <= 6; id++) {
                    first.send(Talk.publish(version, 4, id, "once", "m" + id, Fields.NONE));
                    assertThat(first.wire().read().toString()).isEqualTo("50 000" + id);
                }
            }
            try (Talk second = Talk.begin(house, hello)) {
                assertThat(second.welcome().sessionPresent()).isTrue();
                second.send(Talk.publish(version, 12, 5, "once", "m5", Fields.NONE));
                assertThat(second.wire().read().toString()).isEqualTo("50 0005");
                for (int id = 5; id <= 6; id++) {
                    second.send(Wire.acknowledgement(0x62, id));
                    assertThat(second.wire().read().toString()).isEqualTo("70 000" + id);
                }
                second.send(Talk.publish(version, 4, 5, "once", "another", Fields.NONE));
                assertThat(second.wire().read().toString()).isEqualTo("50 0005");
            }
            assertThat(ear.hear().payload()).isEqualTo("m5");
            assertThat(ear.hear().payload()).isEqualTo("m6");
            assertThat(ear.hear().payload()).isEqualTo("another");
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 40", "2, 50"})
    void messageThatTheClientRefusedIsNotSentAgain(int qos, String answer) throws Exception {
        Hello hello = Hello.of(5, "refuses", token).lasting();
        try (Talk first = Talk.begin(house, hello);
                Talk mouth = mouth(5)) {
            first.subscribe("refused", qos);
            mouth.publish(2, "refused", "x");
            int id = first.hear().packetId();
            byte[] body = {(byte) (id >> 8), (byte) id, (byte) 0x83};
            first.send(Wire.packet(Integer.parseInt(answer, 16), body));
            first.isAlive();
        }
        try (Talk second = Talk.begin(house, hello)) {
            second.hearsNothing();
        }
    }

    @Test
    void messageThatExpiresWhileTheClientIsAwayIsNotDelivered() throws Exception {
        Hello hello = Hello.of(5, "away", token).lasting();
        try (Talk first = Talk.begin(house, hello)) {
            first.subscribe("away", 1);
            first.goodbye();
        }
        try (Talk mouth = mouth(5)) {
            mouth.publish(1, "away", "gone", false, Fields.NONE.four(Fields.MESSAGE_EXPIRY, 5));
            mouth.publish(1, "away", "kept", false, Fields.NONE.four(Fields.MESSAGE_EXPIRY, 600));
        }
        house.ahead.set(Duration.ofSeconds(10));
        try (Talk second = Talk.begin(house, hello)) {
            Heard heard = second.take();
            assertThat(heard.payload()).isEqualTo("kept");
            assertThat(heard.fields().number(Fields.MESSAGE_EXPIRY)).isBetween(500L, 591L);
            second.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void messageThatWasSentDoesNotExpire(int qos) throws Exception {
        Hello hello = Hello.of(5, "late", token).lasting();
        int id;
        try (Talk first = Talk.begin(house, hello);
                Talk mouth = mouth(5)) {
            first.subscribe("late", qos);
            mouth.publish(2, "late", "x", false, Fields.NONE.four(Fields.MESSAGE_EXPIRY, 500));
            id = first.hear().packetId();
        }
        house.ahead.set(Duration.ofSeconds(1_000));
        try (Talk second = Talk.begin(house, hello)) {
            Heard again = second.take();
            assertThat(again.packetId()).isEqualTo(id);
            assertThat(again.payload()).isEqualTo("x");
            second.isAlive();
        }
    }

    private Talk mouth(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "mouth", token));
    }
}
