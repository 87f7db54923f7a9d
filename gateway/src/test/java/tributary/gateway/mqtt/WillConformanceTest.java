package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.mqtt.Hello.Testament;

/// Wills: chapters 3.1.2.5 and 3.1.3.2 of 5.0, 3.1.2.5 of 3.1.1.
class WillConformanceTest {
    private static final Testament WILL = new Testament("last/words", "gone");

    private final House house = new House();
    private final String token = house.keys.application("acme", "#");

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"4, ''", "4, c001", "5, ''", "5, c10000", "5, e00104", "5, e00180"})
    void willIsPublishedWhenTheConnectionEndsWithoutGoodbye(int version, String last) throws Exception {
        try (Talk ear = ear(version)) {
            try (Talk talk =
                    Talk.begin(house, Hello.of(version, "mortal", token).will(WILL))) {
                ear.hearsNothing();
                talk.send(Wire.hex(last));
            }
            Heard heard = ear.hear();
            assertThat(heard.topic()).isEqualTo("last/words");
            assertThat(heard.payload()).isEqualTo("gone");
            assertThat(heard.retain()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void goodbyeDiscardsTheWill(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk talk = Talk.begin(house, Hello.of(version, "polite", token).will(WILL))) {
            talk.goodbye();
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void willIsPublishedOnce(int version) throws Exception {
        Hello hello = Hello.of(version, "once", token).lasting();
        try (Talk ear = ear(version)) {
            try (Talk talk = Talk.begin(house, hello.will(WILL))) {
                talk.isAlive();
            }
            assertThat(ear.hear().payload()).isEqualTo("gone");
            try (Talk again = Talk.begin(house, hello)) {
                again.isAlive();
            }
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientWithoutAWillLeavesNone(int version) throws Exception {
        try (Talk ear = Talk.begin(house, Hello.of(version, "ear", token))) {
            ear.subscribe("#", 0);
            try (Talk talk = Talk.begin(house, Hello.of(version, "silent", token))) {
                talk.isAlive();
            }
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "4, 2", "5, 0", "5, 1", "5, 2"})
    void willHasItsQualityAndProperties(int version, int qos) throws Exception {
        Fields said = Fields.NONE
                .bit(Fields.PAYLOAD_FORMAT, 1)
                .four(Fields.MESSAGE_EXPIRY, 600)
                .text(Fields.CONTENT_TYPE, "text/plain")
                .text(Fields.RESPONSE_TOPIC, "condolences")
                .binary(Fields.CORRELATION, new byte[] {7})
                .pair("z", "1")
                .pair("a", "2")
                .pair("z", "3");
        Testament will = new Testament("last/words", "gone", qos, false, said);
        try (Talk ear = ear(version)) {
            try (Talk talk =
                    Talk.begin(house, Hello.of(version, "mortal", token).will(will))) {
                talk.isAlive();
            }
            Heard heard = ear.take();
            assertThat(heard.qos()).isEqualTo(qos);
            if (version == 5) {
                Fields fields = heard.fields();
                assertThat(fields.number(Fields.PAYLOAD_FORMAT)).isEqualTo(1);
                assertThat(fields.number(Fields.MESSAGE_EXPIRY)).isBetween(500L, 600L);
                assertThat(fields.text(Fields.CONTENT_TYPE)).isEqualTo("text/plain");
                assertThat(fields.text(Fields.RESPONSE_TOPIC)).isEqualTo("condolences");
                assertThat(fields.binary(Fields.CORRELATION)).containsExactly(7);
                assertThat(fields.users()).containsExactly("z=1", "a=2", "z=3");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void willIsRetainedOnlyWhereItSaysSo(int version) throws Exception {
        for (boolean retain : List.of(false, true)) {
            String topic = "last/" + retain;
            try (Talk witness = Talk.begin(house, Hello.of(version, "witness", token))) {
                witness.subscribe(topic, 0);
                Testament will = new Testament(topic, "gone", 1, retain, Fields.NONE);
                try (Talk talk =
                        Talk.begin(house, Hello.of(version, "mortal", token).will(will))) {
                    talk.isAlive();
                }
                assertThat(witness.hear().payload()).isEqualTo("gone");
            }
            try (Talk late = Talk.begin(house, Hello.of(version, "late", token))) {
                late.subscribe(topic, 0);
                if (retain) {
                    Heard heard = late.hear();
                    assertThat(heard.payload()).isEqualTo("gone");
                    assertThat(heard.retain()).isTrue();
                } else {
                    late.hearsNothing();
                }
            }
        }
    }

    @Test
    void willWaitsForItsDelay() throws Exception {
        try (Talk ear = ear(5)) {
            long begun;
            try (Talk talk =
                    Talk.begin(house, Hello.of(5, "patient", token).lasting().will(WILL.delayed(2)))) {
                talk.isAlive();
                begun = System.nanoTime();
            }
            assertThat(ear.hear().payload()).isEqualTo("gone");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
        }
    }

    @Test
    void willDoesNotWaitLongerThanTheSessionLasts() throws Exception {
        Hello hello = Hello.of(5, "mortal", token).will(WILL.delayed(3_600));
        for (int expiry : new int[] {0, 1}) {
            try (Talk ear = ear(5)) {
                try (Talk talk = Talk.begin(house, hello.with(Fields.NONE.four(Fields.SESSION_EXPIRY, expiry)))) {
                    talk.isAlive();
                }
                assertThat(ear.hear().payload()).isEqualTo("gone");
            }
        }
    }

    @Test
    void clientThatComesBackInTimeKeepsItsWillUnsaid() throws Exception {
        Hello hello = Hello.of(5, "returns", token).lasting();
        Testament ofAnother = new Testament("last/words", "of another").delayed(1_000);
        try (Talk ear = ear(5)) {
            try (Talk talk = Talk.begin(house, hello.will(WILL.delayed(1_000)))) {
                talk.isAlive();
            }
            try (Talk back = Talk.begin(house, hello)) {
                try (Talk other =
                        Talk.begin(house, Hello.of(5, "other", token).lasting().will(ofAnother))) {
                    other.isAlive();
                }
                House.await("both have gone", () -> house.broker.counts().connected() == 2);
                house.ahead.set(Duration.ofSeconds(1_100));
                assertThat(ear.hear().payload()).as("the other's is due later").isEqualTo("of another");
                back.isAlive();
                ear.hearsNothing();
            }
        }
    }

    @Test
    void clientThatComesBackWithACleanStartEndsItsSessionAndItsWillIsSaid() throws Exception {
        Hello hello = Hello.of(5, "restarts", token);
        try (Talk ear = ear(5)) {
            try (Talk talk = Talk.begin(house, hello.lasting().will(WILL.delayed(3_600)))) {
                talk.isAlive();
            }
            try (Talk back = Talk.begin(house, hello)) {
                assertThat(ear.hear().payload()).isEqualTo("gone");
                back.isAlive();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void willOfTheConnectionThatIsTakenOverIsSaid(int version) throws Exception {
        Hello hello = Hello.of(version, "twin", token).lasting();
        try (Talk ear = ear(version);
                Talk old = Talk.begin(house, hello.will(WILL));
                Talk fresh = Talk.begin(house, hello)) {
            old.isEnded(0x8E);
            assertThat(ear.hear().payload()).isEqualTo("gone");
            fresh.isAlive();
            ear.hearsNothing();
        }
    }

    private Talk ear(int version) throws Exception {
        Talk ear = Talk.begin(house, Hello.of(version, "ear", token));
        ear.subscribe("last/words", 2);
        return ear;
    }
}
