package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HearingTest {
    /// Messages of 10 KB: more than a kernel holds for a client that does not read.
    private static final int SENT = 1_500;

    private final House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"4, 0, 1", "4, 1, 1", "4, 2, 2", "5, 1, 0", "5, 2, 1", "5, 1, 2"})
    void subscriberHearsWithTheLowerOfBothQualities(int version, int subscribed, int published) throws Exception {
        try (Wire ear = ear(version);
                Wire mouth = boiler()) {
            ear.send(Wire.subscribe(version, 5, "devices/+/telemetry/#", subscribed));
            Wire.Got suback = ear.read();
            assertThat(suback.type()).isEqualTo(9);
            assertThat(suback.body()[suback.body().length - 1]).isEqualTo((byte) subscribed);

            mouth.send(Wire.publish(4, published, 1, "t", "21.5"));

            Wire.Got heard = ear.read();
            int qos = Math.min(subscribed, published);
            assertThat(heard.first()).isEqualTo(0x30 | qos << 1);
            assertThat(heard.text()).contains("devices/boiler/telemetry").endsWith("21.5");
        }
    }

    @Test
    void nothingIsHeardBeforeItIsDurable() throws Exception {
        try (Wire ear = ear(4);
                Wire mouth = boiler()) {
            subscribe(ear, 4, "#", 0);
            house.log.hold();
            mouth.send(Wire.publish(4, 0, 0, "t", "1"));
            House.await("it waits", () -> house.log.waiting() == 1);
            assertThat(ear.silentFor(100)).isTrue();

            house.log.release();

            assertThat(ear.read().text()).endsWith("1");
        }
    }

    @Test
    void whatWasDurableBeforeTheSubscriptionIsNotHeard() throws Exception {
        try (Wire ear = ear(4);
                Wire mouth = boiler()) {
            for (int i = 0; i < 50; i++) {
                mouth.send(Wire.publish(4, 1, 1, "t", "before"));
                mouth.read();
                subscribe(ear, 4, "devices/boiler/#", 0);
                mouth.send(Wire.publish(4, 1, 1, "t", "after" + i));
                mouth.read();
                assertThat(ear.read().text()).endsWith("after" + i);
                ear.send(Wire.join(Wire.hex("a214 0001 0010"), "devices/boiler/#".getBytes()));
                assertThat(ear.read().toString()).isEqualTo("b0 0001");
            }
        }
    }

    @Test
    void tenantsHearNothingOfEachOther() throws Exception {
        try (Wire stranger = Wire.signedIn(house.port(), 4, "e", house.keys.application("other", "#"));
                Wire ear = ear(4);
                Wire mouth = boiler()) {
            for (String filter : List.of("#", "+/#", "devices/boiler/#", "+/+/+")) {
                subscribe(stranger, 4, filter, 1);
            }
            subscribe(ear, 4, "#", 1);
            mouth.send(Wire.publish(4, 1, 1, "t", "secret"));

            assertThat(ear.read().text()).endsWith("secret");
            assertThat(stranger.silentFor(200)).isTrue();
        }
    }

    @Test
    void sameClientIdInTwoTenantsIsTwoSessions() throws Exception {
        try (Wire one = Wire.signedIn(house.port(), 4, "same", house.keys.device("acme", "boiler"));
                Wire two = Wire.signedIn(house.port(), 4, "same", house.keys.device("other", "boiler"))) {
            one.send(Wire.hex("c000"));
            two.send(Wire.hex("c000"));
            assertThat(one.read().type()).isEqualTo(13);
            assertThat(two.read().type()).isEqualTo(13);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "devices/me/#, 01",
        "devices/boiler/commands, 01",
        "#, 87",
        "devices/pump/#, 87",
        "$SYS/#, 87",
        "$share/g/#, 87",
        "$share/g/devices/me/#, 01",
        "$share/g/$SYS/#, 87",
        "$share//devices/me/#, 8f",
        "$share/g, 8f",
        "$share/g+/devices/me/#, 8f",
        "a/#/b, 8f",
        "a+, 8f",
    })
    void subscriptionIsGrantedOrRefusedByItsOwnCode(String filter, String code) throws Exception {
        String token = house.keys.device("acme", "boiler");
        try (Wire five = Wire.signedIn(house.port(), 5, "five", token);
                Wire three = Wire.signedIn(house.port(), 4, "three", token)) {
            five.send(Wire.subscribe(5, 1, filter, 1));
            three.send(Wire.subscribe(4, 1, filter, 1));
            Wire.Got suback = five.read();
            assertThat(suback.body()[suback.body().length - 1] & 0xFF).isEqualTo(Integer.parseInt(code, 16));
            assertThat(three.read().body()[2] & 0xFF).isEqualTo(code.equals("01") ? 1 : 0x80);
        }
    }

    @Test
    void overlappingSubscriptionsAreOneCopyWithAllIdentifiersAndTheBestQuality() throws Exception {
        try (Wire ear = ear(5);
                Wire mouth = boiler()) {
            ear.send(Wire.hex("820b 0001 02 0b07 0003 612f62 00"
                    .replace("0003 612f62", "0001 23")
                    .replace("820b", "8209")));
            assertThat(ear.read().type()).isEqualTo(9);
            ear.send(Wire.hex("820b 0002 02 0b08 0003 2b2f23 01"));
            assertThat(ear.read().type()).isEqualTo(9);

            mouth.send(Wire.publish(4, 1, 1, "t", "x"));

            Wire.Got heard = ear.read();
            assertThat(heard.first()).isEqualTo(0x32);
            assertThat(heard.toString()).containsAnyOf("040b070b08", "040b080b07");
            assertThat(ear.silentFor(100)).isTrue();
        }
    }

    @Test
    void noLocalKeepsAnApplicationsOwnMessagesAway() throws Exception {
        try (Wire app = ear(5);
                Wire mouth = boiler()) {
            app.send(Wire.subscribe(5, 1, "#", 0x04));
            app.read();
            app.send(Wire.publish(5, 0, 0, "hello", "own"));
            mouth.send(Wire.publish(4, 0, 0, "t", "other"));
            assertThat(app.read().text()).endsWith("other");
        }
    }

    @Test
    void messageThatExpiresIsDeliveredWithWhatIsLeft() throws Exception {
        try (Wire ear = ear(5);
                Wire mouth = Wire.signedIn(house.port(), 5, "b", house.keys.device("acme", "boiler"))) {
            subscribe(ear, 5, "#", 0);
            house.log.hold();
            mouth.send(Wire.publish(5, 0, 0, "t", "late".getBytes(), Wire.hex("02 00000005")));
            mouth.send(Wire.publish(5, 0, 0, "t", "kept".getBytes(), Wire.hex("02 00000258")));
            House.await("both wait", () -> house.log.waiting() == 2);
            house.ahead.set(Duration.ofSeconds(10));
            house.log.release();

            Wire.Got heard = ear.read();
            assertThat(heard.text()).endsWith("kept");
            // 590 s, give or take the part of a second by which stamp and delivery round, and the machine's pauses
            String left = heard.toString().replaceAll(".*0502([0-9a-f]{8}).*", "$1");
            assertThat(Integer.parseInt(left, 16)).isBetween(500, 591);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void windowOfTheSubscriberIsKept(int qos) throws Exception {
        String token = house.keys.application("acme", "#");
        try (Wire ear = Wire.signedIn(house.port(), Wire.connect(5, "ear", token, 0, Wire.hex("210002")));
                Wire mouth = boiler()) {
            subscribe(ear, 5, "#", qos);
            for (int i = 1; i <= 6; i++) {
                mouth.send(Wire.publish(4, 2, i, "t", "m" + i));
            }
            Wire.Got first = ear.read();
            Wire.Got second = ear.read();
            assertThat(List.of(first.text(), second.text())).allMatch(text -> text.contains("m"));
            assertThat(ear.silentFor(100)).as("two are under way").isTrue();
            List<String> heard = new ArrayList<>(List.of(payload(first), payload(second)));
            List<Wire.Got> open = new ArrayList<>(List.of(first, second));
            while (heard.size() < 6) {
                int id = publishId(open.removeFirst());
                if (qos == 1) {
                    ear.send(Wire.acknowledgement(0x40, id));
                } else {
                    ear.send(Wire.acknowledgement(0x50, id));
                    assertThat(ear.read().first()).isEqualTo(0x62);
                    ear.send(Wire.acknowledgement(0x70, id));
                }
                Wire.Got next = ear.read();
                heard.add(payload(next));
                open.add(next);
            }
            assertThat(heard).containsExactly("m1", "m2", "m3", "m4", "m5", "m6");
        }
    }

    @Test
    void slowSubscriberLosesQosZeroAndItIsCounted() throws Exception {
        try (Wire ear = ear(4);
                Wire mouth = boiler()) {
            ear.socket().setReceiveBufferSize(4096);
            subscribe(ear, 4, "#", 0);
            flood(mouth, 0, () -> house.broker.counts().dropped() > 0);
            Wire.Got heard = ear.read();
            assertThat(heard.type()).as("the connection lives").isEqualTo(3);
        }
    }

    @Test
    void slowSubscriberOfQosOneGetsEverythingWhenItReadsAgain() throws Exception {
        try (Wire ear = ear(5);
                Wire mouth = boiler()) {
            subscribe(ear, 5, "#", 1);
            int[] sent = new int[1];
            flood(mouth, 1, () -> ++sent[0] > SENT);
            for (int i = 0; i < SENT; i++) {
                Wire.Got got = ear.read();
                assertThat(got.type()).isEqualTo(3);
                ear.send(Wire.acknowledgement(0x40, publishId(got)));
            }
            assertThat(house.broker.counts().dropped()).isZero();
            assertThat(house.broker.counts().fetched()).isPositive();
        }
    }

    /// Publishes 1 KB messages until the condition holds.
    private static void flood(Wire mouth, int qos, BooleanSupplier until) throws Exception {
        String payload = "x".repeat(10_000);
        for (int i = 0; i < 5_000 && !until.getAsBoolean(); i++) {
            mouth.send(Wire.publish(4, qos, 1, "t", payload));
            if (qos > 0) {
                assertThat(mouth.read().type()).isEqualTo(4);
            }
        }
        House.await("the bound is reached", until);
    }

    private static int publishId(Wire.Got publish) {
        int topicLength = (publish.body()[0] & 0xFF) << 8 | publish.body()[1] & 0xFF;
        int at = 2 + topicLength;
        return (publish.body()[at] & 0xFF) << 8 | publish.body()[at + 1] & 0xFF;
    }

    private static String payload(Wire.Got publish) {
        String text = publish.text();
        return text.substring(text.length() - 2);
    }

    private static void subscribe(Wire wire, int version, String filter, int qos) throws IOException {
        wire.send(Wire.subscribe(version, 1, filter, qos));
        Wire.Got suback = wire.read();
        assertThat(suback.type()).isEqualTo(9);
        assertThat(suback.body()[suback.body().length - 1] & 0xFF).isLessThan(3);
    }

    private Wire ear(int version) throws IOException {
        return Wire.signedIn(house.port(), version, "ear", house.keys.application("acme", "#"));
    }

    private Wire boiler() throws IOException {
        return Wire.signedIn(house.port(), 4, "b", house.keys.device("acme", "boiler"));
    }
}
