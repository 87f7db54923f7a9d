package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.gateway.Balancers;
import tributary.gateway.Cause;
import tributary.gateway.IntakeSettings;
import tributary.gateway.ws.WsSettings;
import tributary.model.TenantId;

/// Requests that come a byte now and then, over a socket: none holds its connection for ever, and none that comes at a
/// pace is cut off.
class SlowRequestsTest {
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final int PATIENCE_MILLIS = 60_000;
    private static final String POST = "POST /api/v1/telemetry HTTP/1.1\r\nHost: x\r\n";
    private static final String BODY = "{\"temp\": 21.5}";

    private final Street street =
            new Street(IntakeSettings.DEFAULTS, HttpSettings.DEFAULTS, WsSettings.DEFAULTS, Balancers.NONE, WAIT);
    private final String token = street.keys.device("acme", "boiler");
    private final String bearer = "Authorization: Bearer " + token + "\r\n";

    @AfterEach
    void close() {
        street.close();
    }

    private Socket connect() throws IOException {
        return connect(street);
    }

    private static Socket connect(Street street) throws IOException {
        Socket socket = new Socket("127.0.0.1", street.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /// Sends a byte every fifth of a second until the other side answers or closes.
    ///
    /// @return all that it says until it closes
    private static String trickle(Socket socket) throws IOException {
        socket.setSoTimeout(200);
        InputStream in = socket.getInputStream();
        StringBuilder said = new StringBuilder();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (System.nanoTime() < deadline) {
            try {
                int b = in.read();
                if (b < 0) {
                    return said + "<closed>";
                }
                said.append((char) b);
            } catch (SocketTimeoutException _) {
                try {
                    send(socket, "a");
                } catch (IOException e) {
                    return said + "<closed>";
                }
            } catch (IOException e) {
                return said + "<closed>";
            }
        }
        return said + "<open>";
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n"})
    void bodyThatTricklesInIsAnsweredAndItsConnectionCloses(String length) throws Exception {
        try (Socket socket = connect()) {
            send(socket, POST + bearer + length);

            String said = trickle(socket);

            assertThat(said)
                    .startsWith("HTTP/1.1 408 ")
                    .contains("/problems/body-slow", "http.body-wait")
                    .endsWith("<closed>");
        }
        assertThat(street.log.messages()).isEmpty();
        Attempts.Wanted acme = new Attempts.Wanted(new TenantId("acme"), false, null, Set.of(), 0);
        assertThat(street.attempts.before(acme, Long.MAX_VALUE, 10))
                .extracting(Attempt::cause)
                .containsExactly(Cause.TOO_SLOW);
    }

    /// What nobody reads has to come all the same before the next request does.
    @Test
    void bodyBehindARefusalHasToComeInTimeToo() throws Exception {
        try (Socket socket = connect()) {
            send(socket, POST + "Content-Length: 1000\r\n\r\n");
            assertThat(trickle(socket)).startsWith("HTTP/1.1 401 ").endsWith("<closed>");
        }
    }

    @Test
    void headThatTricklesInIsAnsweredAndItsConnectionCloses() throws Exception {
        try (Socket socket = connect()) {
            send(socket, POST + "X: ");
            assertThat(trickle(socket)).startsWith("HTTP/1.1 408 ").endsWith("<closed>");
        }
    }

    /// A chunk is held in memory whole, so it is judged by its announcement.
    @ParameterizedTest
    @ValueSource(strings = {"7fffffff", "400001"})
    void chunkLargerThanABodyIsRefusedBeforeItComes(String length) throws Exception {
        try (Socket socket = connect()) {
            send(socket, POST + bearer + "Transfer-Encoding: chunked\r\n\r\n" + length + "\r\n");
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("/problems/body-too-large");
        }
        try (Socket socket = connect()) {
            send(socket, POST + "Transfer-Encoding: chunked\r\n\r\n" + length + "\r\n");
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void chunksMayHaveExtensions() throws Exception {
        try (Socket socket = connect()) {
            String length = Integer.toHexString(BODY.length());
            for (int i = 0; i < 2; i++) {
                send(
                        socket,
                        POST + bearer + "Transfer-Encoding: chunked\r\n\r\n" + length + ";a=b\r\n" + BODY
                                + "\r\n0\r\n\r\n");
                assertThat(answer(socket)).contains("{\"accepted\":1}");
            }
        }
    }

    /// By a clock that goes on for each piece, and that the server looks at when it has read one.
    @Test
    void bodyThatComesSlowlyAndSteadilyIsTaken() throws Exception {
        AtomicLong now = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        LongSupplier clock = () -> {
            looks.incrementAndGet();
            return now.get();
        };
        try (Street timed = new Street(
                        IntakeSettings.DEFAULTS,
                        HttpSettings.DEFAULTS,
                        WsSettings.DEFAULTS,
                        Balancers.NONE,
                        WAIT,
                        clock);
                Socket socket = connect(timed)) {
            int pieces = 15;
            String piece = " ".repeat(1024);
            String sender = "Authorization: Bearer " + timed.keys.device("acme", "boiler") + "\r\n";
            send(socket, POST + sender + "Content-Length: " + (BODY.length() + pieces * piece.length()) + "\r\n\r\n");
            Street.await("the body begins", () -> looks.get() >= 2);
            for (int i = 0; i < pieces; i++) {
                int before = looks.get();
                now.addAndGet(WAIT.toNanos() * 9 / 10);
                send(socket, piece);
                Street.await("it is read", () -> looks.get() > before);
            }
            send(socket, BODY);
            assertThat(answer(socket)).contains("{\"accepted\":1}");
        }
    }

    @Test
    void connectionMayRestBetweenRequests() throws Exception {
        try (Socket socket = connect()) {
            for (int i = 0; i < 2; i++) {
                send(socket, POST + bearer + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY);
                assertThat(answer(socket)).contains("{\"accepted\":1}");
                send(socket, POST + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY);
                assertThat(answer(socket)).startsWith("HTTP/1.1 401 ");
                Thread.sleep(WAIT.toMillis() * 3 / 2);
            }
        }
    }

    /// @return the head of an answer with what came with it
    private static String answer(Socket socket) throws IOException {
        StringBuilder said = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (said.indexOf("}") < 0) {
            int b = in.read();
            assertThat(b).as("closed after " + said).isNotNegative();
            said.append((char) b);
        }
        return said.toString();
    }

    @Test
    void webSocketIsHeldToNoPaceOfRequests() throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + token)
                    .buildAsync(URI.create("ws://127.0.0.1:" + street.port() + "/api/v1/ws"), new WebSocket.Listener() {
                        @Override
                        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                            heard.add(data.toString());
                            from.request(1);
                            return CompletableFuture.completedStage(null);
                        }
                    })
                    .get(60, TimeUnit.SECONDS);
            for (int i = 0; i < 4; i++) {
                socket.sendText(BODY, true).get(60, TimeUnit.SECONDS);
                assertThat(heard.poll(60, TimeUnit.SECONDS)).contains("ack");
                Thread.sleep(WAIT.toMillis() / 2);
            }
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(60, TimeUnit.SECONDS);
        }
    }
}
