package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Attempts;
import tributary.gateway.Cause;
import tributary.model.TenantId;
import tributary.registry.TenantLimits;

/// Retained messages: chapters 3.3.1.3 and 3.8.3.1 of 5.0, 3.3.1.3 of 3.1.1.
class RetainConformanceTest {
    private static final int AS_PUBLISHED = 0x08;
    private static final int ONLY_IF_NEW = 0x10;
    private static final int NEVER = 0x20;

    private final House house = new House();
    private final String token = house.keys.application("acme", "#");

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "4, 2", "5, 0", "5, 1", "5, 2"})
    void retainedMessageIsHeardByWhoSubscribesLaterAndReplacesTheOneBefore(int version, int qos) throws Exception {
        try (Talk mouth = mouth(version)) {
            mouth.retain(2, "kept", "before");
            mouth.retain(qos, "kept", "now");
        }
        stored(2);
        for (int granted = 0; granted <= 2; granted++) {
            try (Talk ear = ear(version)) {
                ear.subscribe("kept", granted);
                Heard heard = ear.take();
                assertThat(heard.topic()).isEqualTo("kept");
                assertThat(heard.payload()).isEqualTo("now");
                assertThat(heard.qos()).isEqualTo(Math.min(qos, granted));
                assertThat(heard.retain()).isTrue();
                assertThat(heard.duplicate()).isFalse();
                ear.hearsNothing();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void wildcardsFindTheRetainedMessagesOfAllTheirTopics(int version) throws Exception {
        try (Talk mouth = mouth(version);
                Talk ear = ear(version)) {
            for (String topic : new String[] {"kept/a", "kept/b", "kept", "kept/a/c", "other/a"}) {
                mouth.retain(1, topic, "of " + topic);
            }
            ear.subscribe("kept/+", 1);
            Map<String, String> heard = new TreeMap<>();
            for (int i = 0; i < 2; i++) {
                Heard one = ear.take();
                heard.put(one.topic(), one.payload());
            }
            assertThat(heard).isEqualTo(Map.of("kept/a", "of kept/a", "kept/b", "of kept/b"));
            ear.hearsNothing();
            ear.subscribe("kept/#", 1);
            for (int i = 0; i < 4; i++) {
                Heard one = ear.take();
                heard.put(one.topic(), one.payload());
            }
            assertThat(heard.keySet()).containsExactly("kept", "kept/a", "kept/a/c", "kept/b");
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "4, 2", "5, 0", "5, 1", "5, 2"})
    void emptyRetainedMessageIsHeardAndRemovesTheOneBefore(int version, int qos) throws Exception {
        try (Talk mouth = mouth(version);
                Talk ear = ear(version)) {
            mouth.retain(1, "kept", "x");
            ear.subscribe("kept", 2);
            assertThat(ear.take().payload()).isEqualTo("x");
            mouth.retain(qos, "kept", "");
            stored(2);
            Heard heard = ear.take();
            assertThat(heard.payload()).isEmpty();
            assertThat(heard.retain()).isFalse();
            try (Talk late = Talk.begin(house, Hello.of(version, "late", token))) {
                late.subscribe("kept", 0);
                late.hearsNothing();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void messageWithoutRetainLeavesTheRetainedOneAlone(int version) throws Exception {
        try (Talk mouth = mouth(version);
                Talk ear = ear(version)) {
            mouth.retain(1, "kept", "x");
            mouth.publish(1, "kept", "passing");
            mouth.publish(1, "kept", "");
            mouth.publish(1, "never/kept", "passing");
            ear.subscribe("kept", 0);
            assertThat(ear.hear().payload()).isEqualTo("x");
            ear.subscribe("never/kept", 0);
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void retainedMessagesOutliveTheSessionOfTheirPublisher(int version) throws Exception {
        try (Talk mouth = mouth(version)) {
            mouth.retain(1, "kept", "x");
            mouth.goodbye();
        }
        House.await("its session is gone", () -> house.broker.counts().sessions() == 0);
        try (Talk again = mouth(version)) {
            again.goodbye();
        }
        try (Talk ear = ear(version)) {
            ear.subscribe("kept", 0);
            assertThat(ear.hear().payload()).isEqualTo("x");
        }
    }

    @Test
    void retainHandlingSaysWhenRetainedMessagesAreSent() throws Exception {
        try (Talk mouth = mouth(5);
                Talk ear = ear(5)) {
            mouth.retain(1, "kept", "x");
            ear.subscribe("kept", NEVER);
            ear.hearsNothing();
            ear.subscribe("kept", ONLY_IF_NEW);
            ear.hearsNothing();
            ear.unsubscribe("kept");
            ear.subscribe("kept", ONLY_IF_NEW);
            assertThat(ear.hear().payload()).isEqualTo("x");
            for (int i = 0; i < 2; i++) {
                ear.subscribe("kept", 0);
                assertThat(ear.hear().payload()).isEqualTo("x");
            }
            ear.hearsNothing();
        }
    }

    @Test
    void threeClientThatSubscribesAgainGetsRetainedMessagesAgain() throws Exception {
        try (Talk mouth = mouth(4);
                Talk ear = ear(4)) {
            mouth.retain(1, "kept", "x");
            for (int i = 0; i < 3; i++) {
                ear.subscribe("kept", 1);
                Heard heard = ear.take();
                assertThat(heard.payload()).isEqualTo("x");
                assertThat(heard.retain()).isTrue();
            }
            ear.hearsNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void retainFlagOfLiveMessagesIsKeptOnlyWhereAskedFor(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("live", 1);
            mouth.retain(1, "live", "retained");
            assertThat(ear.take().retain()).isFalse();
            if (version == 5) {
                ear.subscribe("live", 1 | NEVER | AS_PUBLISHED);
                mouth.retain(1, "live", "retained");
                assertThat(ear.take().retain()).isTrue();
                mouth.publish(1, "live", "passing");
                assertThat(ear.take().retain()).isFalse();
            }
        }
    }

    @Test
    void retainedMessageKeepsItsPropertiesAndTheSubscribersIdentifier() throws Exception {
        Fields said = Fields.NONE
                .text(Fields.CONTENT_TYPE, "text/plain")
                .binary(Fields.CORRELATION, new byte[] {1})
                .pair("b", "1")
                .pair("a", "2");
        try (Talk mouth = mouth(5);
                Talk ear = ear(5)) {
            mouth.publish(1, "kept", "x", true, said);
            ear.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 12), "kept", 1);
            Fields heard = ear.take().fields();
            assertThat(heard.text(Fields.CONTENT_TYPE)).isEqualTo("text/plain");
            assertThat(heard.binary(Fields.CORRELATION)).containsExactly(1);
            assertThat(heard.users()).containsExactly("b=1", "a=2");
            assertThat(heard.identifiers()).containsExactly(12);
        }
    }

    @Test
    void retainedMessageExpires() throws Exception {
        try (Talk mouth = mouth(5)) {
            mouth.publish(1, "kept/brief", "x", true, Fields.NONE.four(Fields.MESSAGE_EXPIRY, 5));
            mouth.publish(1, "kept/long", "y", true, Fields.NONE.four(Fields.MESSAGE_EXPIRY, 600));
        }
        house.ahead.set(Duration.ofSeconds(10));
        try (Talk ear = ear(5)) {
            ear.subscribe("kept/#", 0);
            Heard heard = ear.hear();
            assertThat(heard.payload()).isEqualTo("y");
            assertThat(heard.fields().number(Fields.MESSAGE_EXPIRY)).isBetween(500L, 591L);
            ear.hearsNothing();
        }
    }

    @Test
    void retainIsSaidToBeAvailable() throws Exception {
        try (Talk mouth = mouth(5)) {
            Fields fields = mouth.welcome().fields();
            assertThat(!fields.has(Fields.RETAIN_AVAILABLE) || fields.number(Fields.RETAIN_AVAILABLE) == 1)
                    .isTrue();
            assertThat(fields.has(Fields.MAXIMUM_QOS)).as("QoS 2 is there").isFalse();
        }
    }

    /// Nobody answers a publish of QoS 0: waits until the disk has it.
    private void stored(int count) throws InterruptedException {
        House.await("all is stored", () -> house.stored().size() == count);
    }

    private Talk ear(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "ear", token));
    }

    private Talk mouth(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "mouth", token));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void retainedMessageBeyondTheLimitOfItsTenantIsRefusedAndTheOneBeforeStays(int version) throws Exception {
        TenantId acme = new TenantId("acme");
        try (House small = new House();
                Talk mouth = Talk.begin(small, Hello.of(version, "mouth", small.keys.device("acme", "boiler")))) {
            small.own.put(acme, Map.of(TenantLimits.Limit.RETAINED, 1L, TenantLimits.Limit.RETAINED_BYTES, 10L));
            mouth.retain(1, "devices/me/a", "first");
            House.await("it is kept", () -> small.broker.counts().retained() == 1);
            mouth.retain(1, "devices/me/a", "other");
            mouth.publish(1, "devices/me/b", "not retained");
            House.await("all is read", () -> small.broker.received().getOrDefault(acme, 0L) == 3);

            mouth.send(Talk.publish(version, 3, 7, "devices/me/b", "second", Fields.NONE));

            if (version == 5) {
                Wire.Got refused = mouth.wire().read();
                assertThat(refused.toString()).startsWith("40 000797");
                assertThat(refused.text()).contains("as many retained messages").contains("'retained'");
                mouth.send(Talk.publish(version, 3, 8, "devices/me/a", "too long a text", Fields.NONE));
                assertThat(mouth.wire().read().text()).contains("'retainedBytes'");
                mouth.retain(1, "devices/me/a", "");
                House.await("there is room", () -> small.broker.counts().retained() == 0);
                mouth.retain(1, "devices/me/b", "second");
            } else {
                mouth.isEnded(0);
            }
            assertThat(small.attempts.before(new Attempts.Wanted(acme, false, null, Set.of(), 0), Long.MAX_VALUE, 100))
                    .isNotEmpty()
                    .allMatch(attempt -> attempt.cause() == Cause.RETAINED_FULL);
            assertThat(small.stored()).hasSize(version == 5 ? 5 : 3);
        }
    }
}
