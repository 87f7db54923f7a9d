package tributary.gateway.ws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.http.HttpSettings;
import tributary.gateway.http.Street;
import tributary.model.Message;

class WsDoorTest {
    private static final String PATH = "/api/v1/ws";

    private Street street = new Street();

    @AfterEach
    void close() {
        street.close();
    }

    private Wire connect() throws IOException {
        return connect(PATH, street.keys.device("acme", "gw"));
    }

    private Wire connect(String path, String token) throws IOException {
        Wire wire = new Wire(street.port(), path, "Authorization: Bearer " + token);
        assertThat(wire.answer).startsWith("HTTP/1.1 101 ");
        return wire;
    }

    private void reopen(IntakeSettings limits, WsSettings settings) {
        street.close();
        street = new Street(limits, HttpSettings.DEFAULTS, settings);
    }

    @Test
    void framesAreStoredInOrderAndAcknowledgedByNumber() throws Exception {
        try (Wire wire = connect()) {
            for (int i = 1; i <= 100; i++) {
                wire.text("{\"n\":" + i + "}");
            }
            List<String> heard = wire.untilAck(100);

            assertThat(heard)
                    .allMatch(text -> text.matches("\\{\"ack\":\\d+}"))
                    .last()
                    .isEqualTo("{\"ack\":100}");
            assertThat(street.readings()).hasSize(100).startsWith("gw n=1.0").endsWith("gw n=100.0");
            assertThat(street.log.messages()).allMatch(message -> message.origin() == Message.Origin.WEBSOCKET);
        }
    }

    @Test
    void binaryFramesAreCborAndTheAddressNamesACarriedDevice() throws Exception {
        try (Wire wire = connect(PATH + "?device=pump", street.keys.device("acme", "gw"))) {
            wire.frame(0x82, HexFormat.of().parseHex("a16161f93e00"));

            assertThat(wire.untilAck(1)).containsExactly("{\"ack\":1}");
            assertThat(street.readings()).containsExactly("pump a=1.5");
        }
    }

    @Test
    void acknowledgementLeavesOnlyWhenTheDiskHasItAndCoversAllOfAFlush() throws Exception {
        try (Wire wire = connect()) {
            street.log.hold();
            for (int i = 1; i <= 50; i++) {
                wire.text("{\"n\":" + i + "}");
            }
            Street.await("all wait for the disk", () -> street.log.waiting() == 50);
            wire.frame(0x89, "still there?".getBytes(UTF_8));
            assertThat(wire.next()).as("nothing is acknowledged before").isEqualTo("pong:still there?");

            street.log.release();

            assertThat(wire.untilAck(50)).hasSizeLessThan(25).last().isEqualTo("{\"ack\":50}");
        }
    }

    @Test
    void framesThatCannotBeStoredAreRefusedByNumberAndTheOthersAcknowledged() throws Exception {
        try (Wire wire = connect()) {
            wire.text("{\"a\":1}").text("{\"a\":").text("[1]").text("{\"a\":2}");

            assertThat(wire.untilAck(4))
                    .contains(
                            "{\"refused\":2,\"reason\":\"payload-unreadable\",\"detail\":\"the payload is not JSON: it"
                                    + " ends at byte 5 in the middle\"}")
                    .anyMatch(text -> text.startsWith("{\"refused\":3,\"reason\":\"payload-unreadable\","))
                    .last()
                    .isEqualTo("{\"ack\":4}");
            assertThat(street.readings()).containsExactly("gw a=1.0", "gw a=2.0");
        }
    }

    @Test
    void fullDiskRefusesFramesWithTheReasonAndTheConnectionLivesOn() throws Exception {
        try (Wire wire = connect()) {
            street.log.full(true);
            wire.text("{\"a\":1}");
            assertThat(wire.untilAck(1))
                    .containsExactly(
                            "{\"refused\":1,\"reason\":\"log-full\",\"detail\":\"the disk is full; free some space\"}",
                            "{\"ack\":1}");

            street.log.full(false);
            wire.text("{\"a\":2}");
            assertThat(wire.untilAck(2)).containsExactly("{\"ack\":2}");
            assertThat(street.readings()).containsExactly("gw a=2.0");
        }
    }

    @Test
    void senderOverItsRateIsRefusedFrameByFrame() throws Exception {
        reopen(new IntakeSettings(256 * 1024, 1, 0, 0), WsSettings.DEFAULTS);
        try (Wire wire = connect()) {
            for (int i = 1; i <= 10; i++) {
                wire.text("{\"a\":1}");
            }
            assertThat(wire.untilAck(10))
                    .anyMatch(text -> text.contains("\"reason\":\"too-fast\"")
                            && text.contains(
                                    "over the limit intake.device-rate, 1 messages a second; send it again in"));
            assertThat(street.readings()).hasSizeLessThan(10);
        }
    }

    @Test
    void socketIsNotReadWhileTooManyFramesWaitForTheDisk() throws Exception {
        reopen(IntakeSettings.DEFAULTS, new WsSettings(10, 64 * 1024, 16, 1024 * 1024, Duration.ofSeconds(60)));
        try (Wire wire = connect()) {
            street.log.hold();
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 1; i <= 200; i++) {
                many.writeBytes(Wire.encoded(0x81, ("{\"n\":" + i + "}").getBytes(UTF_8)));
            }
            wire.raw(many.toByteArray());
            Street.await("the limit is reached", () -> street.log.waiting() == 16);

            street.log.release();

            assertThat(wire.untilAck(200)).last().isEqualTo("{\"ack\":200}");
            assertThat(street.readings()).hasSize(200).doesNotHaveDuplicates();
        }
    }

    @Test
    void fragmentsAreOneMessageAndControlFramesMayComeBetween() throws Exception {
        try (Wire wire = connect()) {
            wire.frame(0x01, "{\"a\"".getBytes(UTF_8))
                    .frame(0x00, ":".getBytes(UTF_8))
                    .frame(0x89, "x".getBytes(UTF_8))
                    .frame(0x80, "1}".getBytes(UTF_8))
                    .text("{\"b\":2}");

            List<String> heard = wire.untilAck(2);
            if (!heard.contains("pong:x")) {
                heard.add(wire.next());
            }
            assertThat(heard).contains("pong:x", "{\"ack\":2}");
            assertThat(street.readings()).containsExactly("gw a=1.0", "gw b=2.0");
        }
    }

    @Test
    void frameThatArrivesByteByByteAndLargeFramesAreRead() throws Exception {
        try (Wire wire = connect()) {
            for (byte one : Wire.encoded(0x81, "{\"a\":1}".getBytes(UTF_8))) {
                wire.raw(new byte[] {one});
            }
            wire.text("{\"b\":" + " ".repeat(200) + "2}");
            wire.text("{\"c\":" + " ".repeat(100_000) + "3}");
            wire.text("{\"d\":4}");

            assertThat(wire.untilAck(4)).last().isEqualTo("{\"ack\":4}");
            assertThat(street.readings()).containsExactly("gw a=1.0", "gw b=2.0", "gw c=3.0", "gw d=4.0");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "c1 80 00 00 00 00       | close 1002: reserved bits are set, and no extension was agreed on",
                "81 02 7b 7d             | close 1002: a client masks its frames",
                "83 80 00 00 00 00       | close 1002: unknown opcode 3",
                "8b 80 00 00 00 00       | close 1002: unknown opcode 11",
                "80 80 00 00 00 00       | close 1002: a continuation of no message",
                "09 80 00 00 00 00       | close 1002: a control frame is not fragmented and has at most 125 bytes",
                "89 fe 00 7e 00 00 00 00 | close 1002: a control frame is not fragmented and has at most 125 bytes",
                "01 80 00 00 00 00 81 80 00 00 00 00 | close 1002: a new message began inside another",
                "88 81 00 00 00 00 03    | close 1002: a close frame carries a close code of RFC 6455",
                "88 82 00 00 00 00 03 ed | close 1002: a close frame carries a close code of RFC 6455",
                "88 83 00 00 00 00 03 e8 c0 | close 1007: the reason in a close frame is UTF-8",
                "81 83 00 00 00 00 22 c0 22 | {\"refused\":1,",
                "82 ff 00 00 00 00 04 00 00 00 00 00 00 00 | close 1009: a message has at most 262144 bytes; send it in smaller parts",
                "82 ff ff ff ff ff ff ff ff ff 00 00 00 00 | close 1009: a message has at most 262144 bytes; send it in smaller parts",
            })
    void brokenFramesEndTheConnectionWithCodeAndReason(String hex, String expected) throws Exception {
        try (Wire wire = connect()) {
            wire.raw(HexFormat.of().parseHex(hex.replace(" ", "")));

            String first = wire.next();
            assertThat(first).startsWith(expected);
            if (!first.startsWith("close")) {
                assertThat(wire.next()).isEqualTo("{\"ack\":1}");
                assertThat(wire.next()).isEqualTo("close 1007: a text frame is UTF-8");
            }
            assertThat(street.log.messages()).isEmpty();
        }
        Street.await("nothing is left of it", () -> street.ws.connections() == 0);
    }

    @Test
    void fragmentsWithoutEndAreCutOff() throws Exception {
        try (Wire wire = connect()) {
            wire.frame(0x01, new byte[0]);
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 0; i < 1024; i++) {
                many.writeBytes(Wire.encoded(0x00, new byte[] {' '}));
            }
            wire.raw(many.toByteArray());

            assertThat(wire.next()).isEqualTo("close 1008: a message has at most 1024 fragments");
        }
    }

    @Test
    void clientsCloseIsAnsweredAfterWhatIsInFlightIsAcknowledged() throws Exception {
        try (Wire wire = connect()) {
            street.log.hold();
            wire.text("{\"a\":1}").frame(0x88, new byte[] {0x03, (byte) 0xe8});
            Street.await("the frame waits", () -> street.log.waiting() == 1);
            street.log.release();

            assertThat(wire.next()).isEqualTo("{\"ack\":1}");
            assertThat(wire.next()).isEqualTo("close 1000: ");
            assertThat(wire.next()).isEqualTo("end");
        }
    }

    @Test
    void revokedCredentialEndsTheConnectionSoon() throws Exception {
        String token = street.keys.device("acme", "gw");
        try (Wire wire = connect(PATH, token);
                Wire other = connect(PATH, street.keys.device("acme", "boiler"))) {
            wire.text("{\"a\":1}").untilAck(1);
            street.keys.revokeSecret(token);

            assertThat(wire.next()).isEqualTo("close 1008: the credential was revoked; connect with a new one");
            other.text("{\"a\":1}");
            assertThat(other.untilAck(1)).containsExactly("{\"ack\":1}");
        }
    }

    @Test
    void credentialThatIsRevokedDuringTheUpgradeEndsTheConnection() throws Exception {
        String token = street.keys.device("acme", "gw");
        street.keys.revokeWhenShown(token);
        try (Wire wire = connect(PATH, token)) {
            assertThat(wire.next()).isEqualTo("close 1008: the credential was revoked; connect with a new one");
        }
    }

    @Test
    void expiredCredentialEndsTheConnectionWithinSeconds() throws Exception {
        try (Wire wire =
                connect(PATH, street.keys.device("acme", "gw", Instant.now().plusSeconds(60)))) {
            wire.text("{\"a\":1}").untilAck(1);
            street.ahead.set(Duration.ofMinutes(2));

            assertThat(wire.next()).isEqualTo("close 1008: the credential expired; connect with a new one");
            assertThat(wire.next()).isEqualTo("end");
        }
    }

    @Test
    void silentClientIsAskedForLifeAndThenLeft() throws Exception {
        reopen(IntakeSettings.DEFAULTS, new WsSettings(10, 1024, 16, 1024, Duration.ofSeconds(100)));
        try (Wire wire = connect()) {
            wire.text("{\"a\":1}").untilAck(1);
            street.ahead.set(Duration.ofSeconds(60));
            assertThat(wire.next()).isEqualTo("ping:");
            wire.frame(0x8a, new byte[0]).text("{\"a\":2}");
            assertThat(wire.untilAck(2)).containsExactly("{\"ack\":2}");

            street.ahead.set(Duration.ofSeconds(120));
            wire.frame(0x89, new byte[0]);
            String next = wire.next();
            if (next.equals("ping:")) { // it was asked again before that came
                next = wire.next();
            }
            assertThat(next).as("a sign of life counts").isEqualTo("pong:");

            street.ahead.set(Duration.ofSeconds(250));
            assertThat(wire.next()).isIn("ping:", "close 1001: nothing came for 100 s");
        }
    }

    @Test
    void stoppingServerAcknowledgesWhatItTookAndSaysGoodbye() throws Exception {
        try (Wire wire = connect()) {
            wire.text("{\"a\":1}").untilAck(1);
            street.ws.close();

            assertThat(wire.next()).isEqualTo("close 1001: the server is stopping; connect again soon");
        }
    }

    @Test
    void clientThatVanishesLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 20; i++) {
            Wire wire = connect();
            wire.text("{\"a\":" + i + "}");
            wire.close();
        }
        Street.await("all are gone", () -> street.ws.connections() == 0);
    }

    @Test
    void refusedUpgradeIsAProblemThatSaysWhatToDo() throws Exception {
        try (Wire nobody = new Wire(street.port(), PATH)) {
            assertThat(nobody.answer)
                    .startsWith("HTTP/1.1 401 ")
                    .contains("WWW-Authenticate: Bearer realm=\"tributary\"\r\n")
                    .contains("This needs a credential.");
        }
        try (Wire wrong = new Wire(street.port(), PATH, "Authorization: Bearer nonsense")) {
            assertThat(wrong.answer)
                    .startsWith("HTTP/1.1 401 ")
                    .contains("The credential is wrong, expired or revoked.");
        }
        String token = street.keys.device("acme", "boiler");
        try (Wire other = new Wire(street.port(), PATH + "?device=pump", "Authorization: Bearer " + token)) {
            assertThat(other.answer).startsWith("HTTP/1.1 403 ").contains("'pump' is not one of them");
        }
        try (Wire application =
                new Wire(street.port(), PATH, "Authorization: Bearer " + street.keys.application("acme", "#"))) {
            assertThat(application.answer).startsWith("HTTP/1.1 400 ").contains("this credential is not a device's");
        }
    }

    @Test
    void connectionOverTheLimitIsToldToComeBack() throws Exception {
        reopen(IntakeSettings.DEFAULTS, new WsSettings(1, 1024, 16, 1024, Duration.ofSeconds(100)));
        String token = street.keys.device("acme", "gw");
        try (Wire _ = connect(PATH, token)) {
            Street.await("the first has its place", () -> street.ws.connections() == 1);
            try (Wire second = new Wire(street.port(), PATH, "Authorization: Bearer " + token)) {
                assertThat(second.answer)
                        .startsWith("HTTP/1.1 503 ")
                        .contains("Retry-After: 5")
                        .contains("All WebSocket connections (ws.connections-max) are taken");
            }
        }
    }

    @Test
    void upgradesAtTheSameTimeDoNotPassTheLimitTogether() throws Exception {
        reopen(IntakeSettings.DEFAULTS, new WsSettings(1, 1024, 16, 1024, Duration.ofSeconds(100)));
        String token = street.keys.device("acme", "gw");
        List<Wire> in = new ArrayList<>();
        try (ExecutorService together = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Wire>> asked = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                asked.add(together.submit(() -> new Wire(street.port(), PATH, "Authorization: Bearer " + token)));
            }
            for (Future<Wire> one : asked) {
                in.add(one.get());
            }
            long served = 0;
            for (Wire wire : in) {
                served += served(wire) ? 1 : 0;
            }

            // none where all that came in saw each other
            assertThat(served).isLessThanOrEqualTo(1);
        } finally {
            for (Wire wire : in) {
                wire.close();
            }
        }
    }

    private static boolean served(Wire wire) throws IOException {
        if (!wire.answer.startsWith("HTTP/1.1 101 ")) {
            assertThat(wire.answer).startsWith("HTTP/1.1 503 ");
            return false;
        }
        try {
            wire.text("{\"a\":1}");
        } catch (SocketException e) {
            return false; // closed before that
        }
        String last = wire.untilAck(1).getLast();
        assertThat(last).matches("\\{\"ack\":1}|close 1013: all WebSocket connections .*|end");
        return last.startsWith("{");
    }

    @Test
    void browserShowsItsTokenAsASubprotocol() throws Exception {
        String token = street.keys.device("acme", "gw");
        try (Wire wire = new Wire(street.port(), PATH, "Sec-WebSocket-Protocol: tributary, bearer." + token)) {
            assertThat(wire.answer)
                    .startsWith("HTTP/1.1 101 ")
                    .contains("Sec-WebSocket-Protocol: tributary\r\n")
                    .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            wire.text("{\"a\":1}");
            assertThat(wire.untilAck(1)).containsExactly("{\"ack\":1}");
        }
    }

    @Test
    void javasOwnClientSpeaksWithIt() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                    .subprotocols("tributary", "bearer." + street.keys.device("acme", "gw"))
                    .buildAsync(URI.create("ws://127.0.0.1:" + street.port() + PATH), new WebSocket.Listener() {
                        @Override
                        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
                            heard.add(data.toString());
                            webSocket.request(1);
                            return null;
                        }

                        @Override
                        public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
                            heard.add("close " + code);
                            return null;
                        }
                    })
                    .get(60, TimeUnit.SECONDS);
            socket.sendText("{\"a\":1}", true).get();
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("{\"ack\":1}");
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get();
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("close 1000");
        }
    }

    @Test
    void manyConnectionsAtOnceLoseAndDoubleNothing() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        String token = street.keys.device("acme", "gw");
        for (int connection = 0; connection < 50; connection++) {
            int id = connection;
            threads.add(Thread.ofVirtual().start(() -> {
                try (Wire wire = connect(PATH, token)) {
                    ByteArrayOutputStream burst = new ByteArrayOutputStream();
                    for (int i = 1; i <= 200; i++) {
                        burst.writeBytes(Wire.encoded(0x81, ("{\"n\":" + (id * 1000 + i) + "}").getBytes(UTF_8)));
                    }
                    wire.raw(burst.toByteArray());
                    assertThat(wire.untilAck(200)).last().isEqualTo("{\"ack\":200}");
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(street.readings()).hasSize(10_000).doesNotHaveDuplicates();
    }
}
