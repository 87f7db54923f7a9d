package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Windows, packet sizes, pings and the end of a connection: chapters 3.12 to 3.14, 4.9 and 4.13.
class FlowConformanceTest {
    private final House house = new House();
    private final String token = house.keys.application("acme", "#");

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void clientWithAFullWindowIsAnsweredAllTheSame() throws Exception {
        Fields one = Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 1);
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).with(one));
                Talk mouth = mouth()) {
            ear.subscribe("window", 1);
            mouth.publish(1, "window", "first");
            mouth.publish(1, "window", "second");
            Heard first = ear.hear();
            ear.isAlive();
            ear.publish(1, "elsewhere", "x");
            ear.publish(2, "elsewhere", "x");
            ear.subscribe("other", 0);
            ear.unsubscribe("other");
            ear.send(Wire.acknowledgement(0x40, first.packetId()));
            assertThat(ear.take().payload()).isEqualTo("second");
        }
    }

    @Test
    void receiveMaximumCountsQosOneAndTwoTogetherUntilTheyAreComplete() throws Exception {
        Fields two = Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 2);
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).with(two));
                Talk mouth = mouth()) {
            ear.subscribe("window/one", 1);
            ear.subscribe("window/two", 2);
            mouth.publish(2, "window/two", "a");
            Heard a = ear.hear();
            mouth.publish(2, "window/one", "b");
            Heard b = ear.hear();
            mouth.publish(2, "window/one", "c");
            ear.hearsNothing();
            ear.send(Wire.acknowledgement(0x50, a.packetId()));
            assertThat(ear.wire().read().first()).as("PUBREL").isEqualTo(0x62);
            ear.hearsNothing();
            ear.send(Wire.acknowledgement(0x70, a.packetId()));
            assertThat(ear.take().payload()).isEqualTo("c");
            ear.send(Wire.acknowledgement(0x40, b.packetId()));
            ear.isAlive();
        }
    }

    @Test
    void receiveMaximumOrPacketSizeOfZeroIsAProtocolError() throws Exception {
        for (Fields zero :
                List.of(Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 0), Fields.NONE.four(Fields.PACKET_MAXIMUM, 0))) {
            try (Wire wire = new Wire(house.port())) {
                wire.send(Hello.of(5, "zero", token).with(zero).bytes());
                byte[] answer = wire.untilClosed();
                assertThat(answer.length == 0 || (answer[3] & 0xFF) == 0x82).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void messageTooLargeForTheClientIsPassedOverAsIfItHadBeenSent(int qos) throws Exception {
        Fields small = Fields.NONE.four(Fields.PACKET_MAXIMUM, 64).two(Fields.RECEIVE_MAXIMUM, 1);
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).with(small));
                Talk mouth = mouth()) {
            ear.subscribe("size", qos);
            for (int i = 0; i < 3; i++) {
                mouth.publish(2, "size", "x".repeat(64));
            }
            mouth.publish(2, "size", "fits");
            assertThat(ear.take().payload()).isEqualTo("fits");
        }
    }

    @Test
    void packetOverTheServersMaximumEndsTheConnection() throws Exception {
        try (Talk mouth = mouth()) {
            int max = (int) mouth.welcome().fields().number(Fields.PACKET_MAXIMUM);
            mouth.send(Talk.publish(5, 0, 0, "size", "x".repeat(max), Fields.NONE));
            mouth.isEnded(0x95);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void pingIsAnswered(int version) throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(version, "ping", token))) {
            for (int i = 0; i < 10; i++) {
                talk.isAlive();
            }
            talk.send(Wire.hex("c000 c000 c000"));
            for (int i = 0; i < 3; i++) {
                assertThat(talk.wire().read().toString()).isEqualTo("d0 ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void nothingIsTakenAfterTheClientsDisconnect(int version) throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(version, "bye", token))) {
            talk.send(Wire.join(
                    Wire.hex("e000"), Talk.publish(version, 0, 0, "after", "x", Fields.NONE), Wire.hex("c000")));
            assertThat(talk.wire().untilClosed()).isEmpty();
        }
        House.await("the connection is gone", () -> house.door.counts().connections() == 0);
        assertThat(house.stored()).isEmpty();
    }

    @Test
    void disconnectOfTheServerIsItsLastPacketAndSaysNothingOfTheSession() throws Exception {
        try (Talk ear = Talk.begin(house, Hello.of(5, "ear", token).lasting());
                Talk mouth = mouth()) {
            ear.subscribe("last", 0);
            ear.send(Wire.join(Wire.hex("d000"), Wire.hex("c000")));
            Wire.Got goodbye = ear.wire().read();
            assertThat(goodbye.first()).isEqualTo(0xE0);
            assertThat(goodbye.body()[0] & 0xFF).isEqualTo(0x82);
            Fields fields = Fields.read(ByteBuffer.wrap(goodbye.body(), 1, goodbye.body().length - 1));
            assertThat(fields.has(Fields.SESSION_EXPIRY)).isFalse();
            mouth.publish(0, "last", "too late");
            assertThat(ear.wire().untilClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, e000", "5, e000", "5, e00100", "5, e0020000", "5, e00704 05 11 00000000"})
    void clientMayEndItsConnectionInEveryFormOfDisconnect(int version, String bytes) throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(version, "bye", token))) {
            talk.goodbye(Wire.hex(bytes));
        }
    }

    @Test
    void noDisconnectIsSentBeforeASuccessfulConnack() throws Exception {
        for (byte[] bad : List.of(
                Wire.hex("c000"),
                Wire.hex("1000"),
                Hello.of(5, "x", "wrong").bytes(),
                Hello.of(5, "x", token)
                        .with(Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 0))
                        .bytes())) {
            try (Wire wire = new Wire(house.port())) {
                wire.send(bad);
                byte[] answer = wire.untilClosed();
                assertThat(answer.length == 0 || answer[0] == 0x20).isTrue();
            }
        }
    }

    @Test
    void connackAndDisconnectFitThePacketSizeOfTheClient() throws Exception {
        for (int max : new int[] {4, 10, 20, 40, 80}) {
            Fields small = Fields.NONE.four(Fields.PACKET_MAXIMUM, max);
            for (String password : List.of(token, "wrong")) {
                try (Wire wire = new Wire(house.port())) {
                    wire.send(Hello.of(5, "small", password).with(small).bytes());
                    wire.send(Wire.hex("d000")); // a protocol error
                    wire.socket().shutdownOutput();
                    byte[] answer = wire.untilClosed();
                    int at = 0;
                    while (at < answer.length) {
                        int length = 2 + (answer[at + 1] & 0xFF);
                        assertThat(length).as("packet at %d for %d", at, max).isLessThanOrEqualTo(max);
                        at += length;
                    }
                }
            }
        }
    }

    private Talk mouth() throws Exception {
        return Talk.begin(house, Hello.of(5, "mouth", token));
    }
}
