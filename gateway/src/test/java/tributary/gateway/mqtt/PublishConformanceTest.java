package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// PUBLISH in both directions: chapter 3.3 of both standards, retained messages apart.
class PublishConformanceTest {
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
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void duplicateFlagOfThePublisherIsNotPassedOn(int version, int qos) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("dup", 2);
            mouth.send(Talk.publish(version, 8 | qos << 1, 5, "dup", "again", Fields.NONE));
            assertThat(mouth.wire().read().packetId()).isEqualTo(5);
            Heard heard = ear.take();
            assertThat(heard.duplicate()).isFalse();
            assertThat(heard.qos()).isEqualTo(qos);
            if (qos == 2) {
                mouth.send(Wire.acknowledgement(0x62, 5));
                assertThat(mouth.wire().read().type()).isEqualTo(7);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void deliveryOfQosZeroIsNeverADuplicate(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("zero", 0);
            mouth.send(Talk.publish(version, 8 | 2, 5, "zero", "again", Fields.NONE));
            Heard heard = ear.hear();
            assertThat(heard.qos()).isZero();
            assertThat(heard.duplicate()).isFalse();
        }
        try (Talk mouth = mouth(version)) {
            mouth.send(Talk.publish(version, 8, 0, "zero", "impossible", Fields.NONE));
            mouth.isEnded(0x81);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void qosThreeDoesNotExist(int version) throws Exception {
        try (Talk mouth = mouth(version)) {
            mouth.send(Talk.publish(version, 6, 1, "a", "x", Fields.NONE));
            mouth.isEnded(0x81);
        }
    }

    @ParameterizedTest
    @CsvSource({"4, a/+, 0", "4, #, 0", "4, '', 0", "5, a/+, 144", "5, #, 144", "5, a/#/b, 144", "5, '', 130"})
    void topicToPublishToHasNoWildcardAndIsNotEmpty(int version, String topic, int reason) throws Exception {
        int before = house.stored().size();
        try (Talk mouth = mouth(version)) {
            mouth.send(Talk.publish(version, 2, 1, topic, "x", Fields.NONE));
            mouth.isEnded(reason);
        }
        assertThat(house.stored()).hasSize(before);
    }

    @ParameterizedTest
    @CsvSource({
        "4, sport/+, sport/a sport/, sport sport/a/b",
        "5, sport/#, sport sport/ sport/a sport/a/b, sports a/sport",
        "4, +/+, /finance a/b, finance a/b/c",
        "5, /+, /finance, finance a/finance /a/b",
        "4, a//b, a//b, a/b a/x/b",
        "5, ACCOUNTS, ACCOUNTS, Accounts accounts /ACCOUNTS ACCOUNTS/",
        "4, x/+/+/y, x/1/2/y x///y, x/1/y x/1/2/3/y"
    })
    void subscriberHearsTheTopicsOfItsFilterAndNoOther(int version, String filter, String heard, String others)
            throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe(filter, 0);
            for (String topic : others.split(" ")) {
                mouth.publish(1, topic, "another");
            }
            for (String topic : heard.split(" ")) {
                mouth.publish(1, topic, "right");
                Heard got = ear.hear();
                assertThat(got.topic()).isEqualTo(topic);
                assertThat(got.payload()).isEqualTo("right");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void wildcardAtTheFirstLevelDoesNotMeanTopicsThatBeginWithADollar(int version) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("#", 0);
            ear.subscribe("+/monitor/Clients", 0);
            mouth.send(Talk.publish(version, 0, 0, "$SYS/monitor/Clients", "x", Fields.NONE));
            mouth.publish(2, "$other/monitor/Clients", "x");
            mouth.retain(1, "$other", "x");
            ear.subscribe("+", 0);
            mouth.publish(1, "plain", "y");
            assertThat(ear.hear().topic()).isEqualTo("plain");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void propertiesOfAMessageReachTheSubscriberUnaltered(int qos) throws Exception {
        Fields said = Fields.NONE
                .bit(Fields.PAYLOAD_FORMAT, 1)
                .text(Fields.CONTENT_TYPE, "application/jsön")
                .text(Fields.RESPONSE_TOPIC, "answers/å")
                .binary(Fields.CORRELATION, new byte[] {0, -1, 3})
                .pair("b", "1")
                .pair("a", "2")
                .pair("b", "1")
                .pair("", "");
        try (Talk ear = ear(5);
                Talk mouth = mouth(5)) {
            ear.subscribe("properties", 2);
            mouth.publish(qos, "properties", "text", false, said);
            Fields heard = ear.take().fields();
            assertThat(heard.number(Fields.PAYLOAD_FORMAT)).isEqualTo(1);
            assertThat(heard.text(Fields.CONTENT_TYPE)).isEqualTo("application/jsön");
            assertThat(heard.text(Fields.RESPONSE_TOPIC)).isEqualTo("answers/å");
            assertThat(heard.binary(Fields.CORRELATION)).containsExactly(0, -1, 3);
            assertThat(heard.users()).containsExactly("b=1", "a=2", "b=1", "=");
            assertThat(heard.all()).as("and nothing else").hasSize(8);
        }
    }

    @Test
    void threeSubscriberHearsAMessageWithPropertiesWithoutThem() throws Exception {
        try (Talk ear = ear(4);
                Talk mouth = mouth(5)) {
            ear.subscribe("mixed", 1);
            mouth.publish(1, "mixed", "text", false, Fields.NONE.pair("a", "b"));
            assertThat(ear.take().payload()).isEqualTo("text");
        }
    }

    @Test
    void responseTopicWithAWildcardIsAProtocolError() throws Exception {
        for (String topic : List.of("a/+", "#", "")) {
            try (Talk mouth = mouth(5)) {
                mouth.send(Talk.publish(5, 0, 0, "a", "x", Fields.NONE.text(Fields.RESPONSE_TOPIC, topic)));
                mouth.isEnded(0x82);
            }
        }
    }

    @Test
    void subscriptionIdentifierFromAClientIsAProtocolError() throws Exception {
        try (Talk mouth = mouth(5)) {
            mouth.send(Talk.publish(5, 0, 0, "a", "x", Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 1)));
            mouth.isEnded(0x82);
        }
    }

    @Test
    void everyAliasUpToTheAnnouncedMaximumIsTakenAndNoneBeyond() throws Exception {
        try (Talk ear = ear(5);
                Talk mouth = mouth(5)) {
            int max = (int) mouth.welcome().fields().number(Fields.ALIAS_MAXIMUM);
            ear.subscribe("alias/#", 0);
            for (int alias = 1; alias <= max; alias++) {
                Fields fields = Fields.NONE.two(Fields.ALIAS, alias);
                mouth.publish(0, "alias/" + alias, "named", false, fields);
                mouth.publish(0, "", "short", false, fields);
                assertThat(ear.hear().topic()).isEqualTo("alias/" + alias);
                assertThat(ear.hear().topic()).isEqualTo("alias/" + alias);
            }
            mouth.send(Talk.publish(5, 0, 0, "alias/x", "x", Fields.NONE.two(Fields.ALIAS, max + 1)));
            mouth.isEnded(0x94);
        }
        try (Talk mouth = mouth(5)) {
            mouth.send(Talk.publish(5, 0, 0, "alias/x", "x", Fields.NONE.two(Fields.ALIAS, 0)));
            mouth.isEnded(0x94);
        }
    }

    @Test
    void aliasesEndWithTheConnectionEvenWhereTheSessionStays() throws Exception {
        Fields alias = Fields.NONE.two(Fields.ALIAS, 1);
        Hello hello = Hello.of(5, "forgetful", token).lasting();
        try (Talk first = Talk.begin(house, hello)) {
            first.publish(1, "alias/old", "x", false, alias);
        }
        try (Talk second = Talk.begin(house, hello)) {
            second.send(Talk.publish(5, 0, 0, "", "x", alias));
            second.isEnded(0x82);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void serverUsesNoAliasThatTheClientDidNotAllow(int max) throws Exception {
        Fields fields = max == 0 ? Fields.NONE : Fields.NONE.two(Fields.ALIAS_MAXIMUM, max);
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).with(fields));
                Talk mouth = mouth(5)) {
            ear.subscribe("many/#", 0);
            Map<Long, String> known = new HashMap<>();
            for (int i = 0; i < 20; i++) {
                String topic = "many/" + i % 5;
                mouth.publish(1, topic, "x");
                Heard heard = ear.hear();
                String meant = heard.topic();
                if (heard.fields().has(Fields.ALIAS)) {
                    long alias = heard.fields().number(Fields.ALIAS);
                    assertThat(alias).isBetween(1L, (long) max);
                    if (meant.isEmpty()) {
                        meant = known.get(alias);
                    } else {
                        known.put(alias, meant);
                    }
                }
                assertThat(meant).isEqualTo(topic);
            }
        }
    }

    @Test
    void topicIsWrittenOnceWhereTheClientTakesAnAliasForIt() throws Exception {
        Fields one = Fields.NONE.two(Fields.ALIAS_MAXIMUM, 1);
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).with(one));
                Talk mouth = mouth(5)) {
            ear.subscribe("a/long/topic/#", 2);
            for (int qos = 0; qos <= 2; qos++) {
                mouth.publish(qos, "a/long/topic/name", "x");
                Heard heard = ear.take();
                assertThat(heard.topic()).isEqualTo(qos == 0 ? "a/long/topic/name" : "");
                assertThat(heard.fields().number(Fields.ALIAS)).isEqualTo(1);
            }
            mouth.publish(0, "a/long/topic/other", "x");
            assertThat(ear.take().topic()).isEqualTo("a/long/topic/other");
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "4, 2", "5, 0", "5, 1", "5, 2"})
    void overlappingSubscriptionsAreServedWithTheBestQuality(int version, int published) throws Exception {
        try (Talk ear = ear(version);
                Talk mouth = mouth(version)) {
            ear.subscribe("over/#", 0);
            ear.subscribe("over/+", 2);
            ear.subscribe("over/a", 1);
            mouth.publish(published, "over/a", "x");
            assertThat(ear.take().qos()).isEqualTo(published);
            ear.hearsNothing();
        }
    }

    @Test
    void identifiersOfAllMatchingSubscriptionsComeWithTheMessage() throws Exception {
        try (Talk ear = ear(5);
                Talk mouth = mouth(5)) {
            ear.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 7), "ids/#", 1);
            ear.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 300), "ids/+", 1);
            ear.subscribe("ids/a", 1);
            ear.subscribe(Fields.NONE.variable(Fields.SUBSCRIPTION_ID, 9), "ids/b", 1);
            mouth.publish(1, "ids/a", "x");
            assertThat(ear.take().fields().identifiers()).containsExactlyInAnyOrder(7, 300);
            ear.subscribe("ids/+", 1);
            mouth.publish(1, "ids/b", "x");
            assertThat(ear.take().fields().identifiers())
                    .as("a subscription made again without one has none")
                    .containsExactlyInAnyOrder(7, 9);
        }
    }

    private static Talk ear(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "ear", token));
    }

    private static Talk mouth(int version) throws Exception {
        return Talk.begin(house, Hello.of(version, "mouth", token));
    }
}
