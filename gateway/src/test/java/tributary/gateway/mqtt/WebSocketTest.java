package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// MQTT over WebSocket (MQTT 5.0, 6): the same protocol, in frames.
class WebSocketTest {
    private WebHouse web = new WebHouse();

    @AfterEach
    void close() {
        web.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientSignsInAndPublishes(int version) throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(version))) {
            assertThat(wire.subprotocol()).isEqualTo("mqtt");
            wire.send(Wire.publish(version, 1, 7, "t", "{\"temp\":1}"));
            assertThat(wire.read().packetId()).isEqualTo(7);
            assertThat(web.house.stored()).hasSize(1);
            assertThat(web.house.door.counts().connections()).isEqualTo(1);
        }
        House.await("it is gone", () -> web.house.door.counts().connections() == 0);
    }

    @Test
    void packetsAreCutIntoFramesInAnyWay() throws Exception {
        byte[] stream = Wire.join(
                connect(5),
                Wire.publish(5, 1, 1, "t", "{\"temp\":1}"),
                Wire.publish(5, 1, 2, "t", "{\"temp\":2}"),
                Wire.publish(5, 1, 3, "t", "{\"temp\":3}"));
        try (FrameWire wire = new FrameWire(web.port(), "mqtt")) {
            for (int i = 0; i < 60; i++) {
                wire.send(new byte[] {stream[i]}, i % 5 == 4); // a byte a frame, five frames a message
            }
            wire.send(new byte[0]);
            byte[] rest = new byte[stream.length - 60];
            System.arraycopy(stream, 60, rest, 0, rest.length);
            wire.send(rest);
            assertThat(wire.read().first()).isEqualTo(0x20);
            for (int i = 1; i <= 3; i++) {
                assertThat(wire.read().packetId()).isEqualTo(i);
            }
        }
    }

    @Test
    void largePayloadsGoThroughWholeBothWays() throws Exception {
        String payload = "\"" + "x".repeat(250_000) + "\"";
        try (FrameWire ear = FrameWire.signedIn(web.port(), Wire.connect(5, "ear", application()));
                FrameWire mouth = FrameWire.signedIn(web.port(), Wire.connect(5, "mouth", application()))) {
            ear.send(Wire.subscribe(5, 1, "#", 1));
            ear.read();
            for (int i = 1; i <= 5; i++) {
                mouth.send(Wire.publish(5, 1, i, "big/topic", payload));
                assertThat(mouth.read().packetId()).isEqualTo(i);
                Wire.Got got = ear.read();
                assertThat(got.text()).endsWith(payload);
                ear.send(Wire.acknowledgement(0x40, (got.body()[11] & 0xff) << 8 | got.body()[12] & 0xff));
            }
        }
    }

    @Test
    void sameClientIdTakesOverFromTcp() throws Exception {
        try (Wire tcp = Wire.signedIn(web.house.port(), connect(5));
                FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            assertThat(tcp.read().body()[0]).isEqualTo((byte) 0x8E);
            wire.send(Wire.hex("c0 00"));
            assertThat(wire.read().first()).isEqualTo(0xD0);
        }
    }

    @Test
    void textFrameIsRefused() throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            assertThat(wire.sendText("hello").closed()).isEqualTo("1003");
        }
        House.await("it is gone", () -> web.house.door.counts().connections() == 0);
    }

    @Test
    void pingOfTheWebSocketIsAnswered() throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            wire.ping();
        }
    }

    @Test
    void brokenProtocolEndsWithReasonAndCloseFrame() throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            wire.send(Wire.hex("f0 00"));
            assertThat(wire.read().first()).isEqualTo(0xE0);
            assertThat(wire.closed()).isEqualTo("1000");
        }
    }

    @Test
    void goodbyeOfTheClientEndsTheWebSocket() throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            wire.send(Wire.hex("e0 00"));
            assertThat(wire.closed()).isEqualTo("1000");
        }
    }

    @Test
    void clientThatIsGoneIsNoticed() throws Exception {
        FrameWire wire = FrameWire.signedIn(web.port(), connect(5));
        wire.abort();
        House.await("it is gone", () -> web.house.door.counts().connections() == 0);
        House.await("its session, too", () -> web.house.broker.counts().sessions() == 0);
    }

    @Test
    void serverThatStopsSaysSo() throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            web.house.door.close();
            assertThat(wire.read().body()[0]).isEqualTo((byte) 0x8B);
            assertThat(wire.closed()).isEqualTo("1000");
        }
    }

    @Test
    void publisherIsNotReadWhileTheLogIsCongested() throws Exception {
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(4))) {
            web.house.log.hold();
            byte[] burst = new byte[0];
            for (int i = 1; i <= 100; i++) { // receive-max is 20 here
                burst = Wire.join(burst, Wire.publish(4, 1, i, "t", "{\"temp\":" + i + "}"));
            }
            wire.send(burst);
            House.await("twenty wait", () -> web.house.log.waiting() == 20);
            web.house.log.release();
            for (int i = 1; i <= 100; i++) {
                assertThat(wire.read().packetId()).isEqualTo(i);
            }
        }
    }

    @Test
    void subscriberThatDoesNotReadGetsEverythingLater() throws Exception {
        try (FrameWire ear = new FrameWire(web.port(), false, "mqtt");
                Wire mouth = Wire.signedIn(web.house.port(), 5, "mouth", application())) {
            ear.send(Wire.join(Wire.connect(5, "ear", application()), Wire.subscribe(5, 1, "#", 1)));
            House.await("it has subscribed", () -> web.house.broker.counts().subscriptions() == 1);
            String payload = "\"" + "x".repeat(100_000) + "\"";
            for (int i = 1; i <= 100; i++) { // more than the kernel and we hold in memory for it
                mouth.send(Wire.publish(5, 1, i, "big/topic", i + payload));
                assertThat(mouth.read().packetId()).isEqualTo(i);
            }
            ear.startReading();
            assertThat(ear.read().first()).isEqualTo(0x20);
            assertThat(ear.read().first()).isEqualTo(0x90);
            for (int i = 1; i <= 100; i++) {
                Wire.Got got = ear.read();
                assertThat(got.text()).endsWith(i + payload);
                ear.send(Wire.acknowledgement(0x40, (got.body()[11] & 0xff) << 8 | got.body()[12] & 0xff));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', 400 Bad Request, subprotocol",
        "'Sec-WebSocket-Protocol: mqttv3.1', 400 Bad Request, subprotocol",
        "'Sec-WebSocket-Protocol: tributary, x', 400 Bad Request, subprotocol"
    })
    void clientThatDoesNotOfferMqttIsToldSo(String header, String status, String said) throws Exception {
        assertThat(upgrade(web.port(), header.isEmpty() ? new String[0] : new String[] {header}))
                .contains(status)
                .contains(said);
    }

    @Test
    void limitOfConnectionsIsTheDoorsOwn() throws Exception {
        web.close();
        web = new WebHouse(
                new MqttSettings("127.0.0.1", 0, 1, 320 * 1024, 20, Duration.ofMinutes(20), 10, 64 * 1024, 2));
        try (Wire tcp = Wire.signedIn(web.house.port(), connect(5))) {
            assertThat(upgrade(web.port(), "Sec-WebSocket-Protocol: mqtt"))
                    .contains("503 Service Unavailable")
                    .contains("mqtt.connections-max");
            assertThat(tcp.silentFor(10)).isTrue();
        }
    }

    @Test
    void strangersAreNotLetInEvenWhereTheyAreOverTcp() throws Exception {
        web.close();
        web = new WebHouse(
                House.small().with(new Anonymous(new TenantId("acme"), Set.of(new TopicFilter("#")), 0, false)));
        try (FrameWire wire = new FrameWire(web.port(), "mqtt")) {
            wire.send(Wire.connect(5, "x", null));
            assertThat(wire.read().body()[1]).isEqualTo((byte) 0x87);
            assertThat(wire.closed()).isEqualTo("1000");
        }
    }

    @Test
    void whatIsRefusedIsInTheAttemptsLog() throws Exception {
        upgrade(web.port());
        assertThat(onlyAttempt())
                .isEqualTo("MQTT protocol-error of nobody: Connect with an MQTT client over WebSocket; it offers the"
                        + " subprotocol 'mqtt' (Sec-WebSocket-Protocol: mqtt).");
        try (FrameWire wire = FrameWire.signedIn(web.port(), connect(5))) {
            wire.sendText("hello").closed();
        }
        House.await("a line", () -> !attempts().isEmpty());
        assertThat(onlyAttempt())
                .isEqualTo("MQTT protocol-error of acme: MQTT travels in binary frames (a mistake of the client: update"
                        + " its WebSocket library)");
        try (FrameWire wire = new FrameWire(web.port(), "mqtt")) {
            wire.send(Wire.connect(5, "x", "wrong"));
            wire.read();
        }
        assertThat(onlyAttempt()).startsWith("MQTT bad-credential of nobody: the token is not known here");
    }

    private long seen;

    private List<Attempt> attempts() {
        return web.house.attempts.after(new Attempts.Wanted(new TenantId("acme"), true, null, Set.of(), 0), seen, 99);
    }

    private String onlyAttempt() {
        List<Attempt> lines = attempts();
        assertThat(lines).hasSize(1);
        seen = web.house.attempts.newest();
        Attempt line = lines.getFirst();
        assertThat(line.address()).isEqualTo("127.0.0.1");
        return line.door() + " " + line.cause().slug() + " of " + (line.tenant() == null ? "nobody" : line.tenant())
                + ": " + line.sentence();
    }

    private byte[] connect(int version) {
        return Wire.connect(version, "pump", web.house.keys.device("acme", "boiler"));
    }

    private String application() {
        return web.house.keys.application("acme", "#");
    }

    private static String upgrade(int port, String... headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            String request = "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[4096];
            int length = 0;
            while (!new String(answer, 0, length, StandardCharsets.UTF_8).endsWith("}")) {
                int more = socket.getInputStream().read(answer, length, answer.length - length);
                if (more < 0) {
                    break;
                }
                length += more;
            }
            return new String(answer, 0, length, StandardCharsets.UTF_8);
        }
    }
}
