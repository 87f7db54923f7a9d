package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Shared subscriptions: chapter 4.8.2 of 5.0; a 3.1.1 client may use them, too.
class SharedSubscriptionConformanceTest {
    private static final String SHARED = "$share/group/work";

    private final House house = new House();
    private final String token = house.keys.application("acme", "#");

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$share",
                "$share/",
                "$share/a",
                "$share//a",
                "$share/a/",
                "$share/+/a",
                "$share/a#/b",
                "$share/a/b#"
            })
    void sharedFilterHasANameAndAFilter(String filter) throws Exception {
        try (Talk talk = member(5, "one")) {
            assertThat(talk.subscribe(Fields.NONE, filter, 0)).isGreaterThanOrEqualTo(0x80);
            talk.isAlive();
            assertThat(talk.subscribe(Fields.NONE, "$share/a/b/#", 1)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "5, 0", "5, 1", "5, 2"})
    void eachMessageGoesToOneMember(int version, int qos) throws Exception {
        try (Talk one = member(version, "one");
                Talk two = member(version, "two");
                Talk other = member(version, "other");
                Talk mouth = mouth()) {
            one.subscribe(SHARED, qos);
            two.subscribe(SHARED, qos);
            other.subscribe("$share/another/work", qos);
            List<String> expected =
                    IntStream.range(0, 40).mapToObj(i -> "m" + i).toList();
            for (String payload : expected) {
                mouth.publish(qos, "work", payload);
            }
            List<String> toOne = new ArrayList<>();
            List<String> toTwo = new ArrayList<>();
            House.await("all are heard", () -> {
                toOne.addAll(drain(one));
                toTwo.addAll(drain(two));
                return toOne.size() + toTwo.size() >= expected.size();
            });
            toOne.addAll(drain(one));
            toTwo.addAll(drain(two));
            assertThat(toOne).as("a fair share").hasSizeBetween(8, 32);
            assertThat(toTwo).doesNotContainAnyElementsOf(toOne);
            List<String> all = new ArrayList<>(toOne);
            all.addAll(toTwo);
            assertThat(all).containsExactlyInAnyOrderElementsOf(expected);
            for (String payload : expected) {
                assertThat(other.take().payload()).as("another group hears all").isEqualTo(payload);
            }
            other.hearsNothing();
        }
    }

    /// @return what is there, and what comes within a moment
    private static List<String> drain(Talk talk) {
        return drained(talk).stream().map(Heard::payload).toList();
    }

    private static List<Heard> drained(Talk talk) {
        List<Heard> heard = new ArrayList<>();
        try {
            while (talk.ready(100)) {
                heard.add(talk.take());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return heard;
    }

    @Test
    void eachMemberIsServedWithItsOwnQuality() throws Exception {
        try (Talk zero = member(5, "zero");
                Talk one = member(5, "one");
                Talk two = member(5, "two");
                Talk mouth = mouth()) {
            List<Talk> members = List.of(zero, one, two);
            for (int qos = 0; qos <= 2; qos++) {
                members.get(qos).subscribe(SHARED, qos);
            }
            for (int i = 0; i < 30; i++) {
                mouth.publish(2, "work", "m" + i);
            }
            List<Integer> heard = new ArrayList<>();
            House.await("all are heard", () -> {
                for (int qos = 0; qos <= 2; qos++) {
                    for (Heard message : drained(members.get(qos))) {
                        assertThat(message.qos()).isEqualTo(qos);
                        heard.add(qos);
                    }
                }
                return heard.size() >= 30;
            });
            for (Talk member : members) {
                member.hearsNothing();
            }
            assertThat(heard).hasSize(30);
        }
    }

    @Test
    void deliveryOfQosTwoThatHasBegunIsCompletedWithItsMember() throws Exception {
        Hello lasting = Hello.of(5, "chosen", token).lasting();
        try (Talk other = member(5, "other");
                Talk mouth = mouth()) {
            Heard heard;
            try (Talk chosen = Talk.begin(house, lasting)) {
                chosen.subscribe(SHARED, 2);
                mouth.publish(2, "work", "begun");
                heard = chosen.hear();
                other.subscribe(SHARED, 2);
            }
            House.await("the chosen one is gone", () -> house.broker.counts().connected() == 2);
            other.hearsNothing();
            try (Talk back = Talk.begin(house, lasting)) {
                Heard again = back.take();
                assertThat(again.packetId()).isEqualTo(heard.packetId());
                assertThat(again.payload()).isEqualTo("begun");
                assertThat(again.duplicate()).isTrue();
                other.hearsNothing();
            }
        }
    }

    @Test
    void deliveryOfQosTwoThatHasBegunGoesToNobodyElse() throws Exception {
        try (Talk other = member(5, "other");
                Talk mouth = mouth()) {
            try (Talk chosen = member(5, "chosen")) {
                chosen.subscribe(SHARED, 2);
                mouth.publish(2, "work", "begun");
                assertThat(chosen.hear().payload()).isEqualTo("begun");
                other.subscribe(SHARED, 2);
            }
            House.await("the chosen one is gone", () -> house.broker.counts().sessions() == 2);
            other.hearsNothing();
            mouth.publish(2, "work", "next");
            assertThat(other.take().payload()).isEqualTo("next");
        }
    }

    @Test
    void deliveryOfQosOneThatItsMemberDidNotAcknowledgeGoesToAnother() throws Exception {
        try (Talk other = member(5, "other");
                Talk mouth = mouth()) {
            try (Talk chosen = member(5, "chosen")) {
                chosen.subscribe(SHARED, 1);
                mouth.publish(1, "work", "orphaned");
                assertThat(chosen.hear().payload()).isEqualTo("orphaned");
                other.subscribe(SHARED, 1);
            }
            assertThat(other.take().payload()).isEqualTo("orphaned");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 40", "2, 50"})
    void messageThatAMemberRefusesGoesToNobodyElse(int qos, String answer) throws Exception {
        try (Talk one = member(5, "one");
                Talk two = member(5, "two");
                Talk mouth = mouth()) {
            one.subscribe(SHARED, qos);
            mouth.publish(2, "work", "refused");
            int id = one.hear().packetId();
            two.subscribe(SHARED, qos);
            byte[] body = {(byte) (id >> 8), (byte) id, (byte) 0x83};
            one.send(Wire.packet(Integer.parseInt(answer, 16), body));
            one.isAlive();
            two.hearsNothing();
            one.goodbye();
            two.hearsNothing();
        }
    }

    @Test
    void memberWithASubscriptionOfItsOwnHearsBoth() throws Exception {
        try (Talk one = member(5, "one");
                Talk mouth = mouth()) {
            one.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 1), "work", 1);
            one.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 2), SHARED, 1);
            mouth.publish(1, "work", "x");
            List<Integer> identifiers = new ArrayList<>();
            identifiers.addAll(one.take().fields().identifiers());
            identifiers.addAll(one.take().fields().identifiers());
            assertThat(identifiers).containsExactlyInAnyOrder(1, 2);
            one.hearsNothing();
        }
    }

    @Test
    void memberThatLeavesTheGroupHearsNothingMore() throws Exception {
        try (Talk one = member(5, "one");
                Talk two = member(5, "two");
                Talk mouth = mouth()) {
            one.subscribe(SHARED, 0);
            two.subscribe(SHARED, 0);
            assertThat(one.unsubscribe("work")).containsExactly(0x11);
            assertThat(one.unsubscribe(SHARED)).containsExactly(0);
            for (int i = 0; i < 10; i++) {
                mouth.publish(1, "work", "m" + i);
                assertThat(two.hear().payload()).isEqualTo("m" + i);
            }
            one.hearsNothing();
        }
    }

    @Test
    void groupGetsNoRetainedMessages() throws Exception {
        try (Talk one = member(5, "one");
                Talk mouth = mouth()) {
            mouth.retain(1, "work", "kept");
            one.subscribe(SHARED, 1);
            one.hearsNothing();
            mouth.publish(1, "work", "live");
            assertThat(one.take().payload()).isEqualTo("live");
        }
    }

    private Talk member(int version, String clientId) throws Exception {
        return Talk.begin(house, Hello.of(version, clientId, token));
    }

    private Talk mouth() throws Exception {
        return member(5, "mouth");
    }
}
