package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.model.Message;
import tributary.model.TenantId;

/// Every request says the same by itself as through the server that is asked for everything.
class StraightConnectionTest {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final int PATIENCE_MILLIS = 30_000;
    private static final String LINE = "POST /api/v1/telemetry HTTP/1.1\r\n";
    private static final String HOST = "Host: 127.0.0.1\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

    private final Street street = new Street();
    private final WebServer plain = street.plain(WAIT);
    private final String bearer = "Authorization: Bearer " + street.keys.device("acme", "boiler") + "\r\n";

    @AfterEach
    void close() {
        plain.stop();
        street.close();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static String request(String headers, String body) {
        return LINE + HOST + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /// One answer: its status line, its headers in the order of their names and without the date, its body.
    private static String answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                return head + "<closed>";
            }
            head.append((char) b);
        }
        List<String> lines =
                new ArrayList<>(Arrays.asList(head.toString().strip().split("\r\n")));
        String status = lines.removeFirst();
        List<String> headers = lines.stream()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> !line.startsWith("date: "))
                .sorted()
                .toList();
        Matcher length = LENGTH.matcher(String.join("\n", headers));
        byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
        return status + " " + headers + " " + new String(body, ISO_8859_1);
    }

    /// Sends it, and says what comes until the server closes.
    private static String conversation(int port, String text) throws IOException {
        try (Socket socket = connect(port)) {
            send(socket, text);
            socket.shutdownOutput();
            List<String> answers = new ArrayList<>();
            try {
                do {
                    answers.add(answer(socket.getInputStream()));
                } while (!answers.getLast().endsWith("<closed>"));
            } catch (SocketException e) {
                answers.add("<closed>");
            }
            return String.join("\n", answers);
        }
    }

    private String straight(String text) throws IOException {
        return conversation(street.port(), text);
    }

    private String served(String text) throws IOException {
        return conversation(plain.port(), text);
    }

    /// How many refusals the attempts log of the tenant has.
    private long noted() {
        Attempts.Wanted acme = new Attempts.Wanted(new TenantId("acme"), false, null, Set.of(), 0);
        return street.attempts.before(acme, Long.MAX_VALUE, 100).stream()
                .mapToLong(Attempt::count)
                .sum();
    }

    private static boolean isUsual(String text) {
        return new UsualHead().read(text.getBytes(ISO_8859_1));
    }

    @Test
    void aReadingIsStoredOnceAndAnsweredAsByTheServer() throws IOException {
        String request = request(bearer + JSON, "{\"temp\":21.5}");
        assertThat(isUsual(request)).isTrue();

        String straight = straight(request);
        List<Message> stored = street.log.messages();
        String served = served(request);

        assertThat(straight)
                .startsWith("HTTP/1.1 200 OK")
                .contains("{\"accepted\":1}")
                .isEqualTo(served);
        assertThat(stored).hasSize(1);
        Message other = street.log.messages().getLast();
        assertThat(stored.getFirst())
                .usingRecursiveComparison()
                .ignoringFields("receivedMicros")
                .isEqualTo(other);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"temp\":\"warm\",\"open\":true,\"n\":1}",
                "{\"temp\":21.5,\"broken\":[[[]]]}",
                "not json",
                "{\"temp\":",
                "21.5"
            })
    void eachBodyIsAnsweredAsByTheServer(String body) throws IOException {
        for (String type : List.of("", JSON, "Content-Type: text/plain\r\n", "Content-Type: image/png\r\n")) {
            String request = request(bearer + type, body);
            assertThat(isUsual(request)).isTrue();

            assertThat(straight(request)).as("%s", type).isEqualTo(served(request));
        }
    }

    @Test
    void eachRefusalIsAnsweredAndNotedAsByTheServer() throws IOException {
        List<String> requests = List.of(
                request(JSON, "{\"temp\":21.5}"),
                request("Authorization: Bearer wrong\r\n" + JSON, "{\"temp\":21.5}"),
                request("Authorization: Basic YTpi\r\n" + JSON, "{\"temp\":21.5}"),
                request(bearer + "Content-Type: " + "x".repeat(200) + "\r\n", "{\"temp\":21.5}"),
                request(bearer + JSON, "x".repeat(16_000)));
        for (String request : requests) {
            assertThat(isUsual(request)).isTrue();
            long before = noted();
            String straight = straight(request);
            long once = noted();

            assertThat(straight).startsWith("HTTP/1.1 4").isEqualTo(served(request));
            assertThat(noted() - once).isEqualTo(once - before);
        }
        assertThat(noted()).isEqualTo(4);
        assertThat(street.log.messages()).isEmpty();
    }

    @Test
    void aFullDiskIsAnsweredAsByTheServer() throws IOException {
        street.log.full(true);
        String request = request(bearer + JSON, "{\"temp\":21.5}");

        assertThat(straight(request)).startsWith("HTTP/1.1 503").isEqualTo(served(request));
    }

    @Test
    void nobodyIsAnsweredBeforeTheDisk() throws Exception {
        street.log.hold();
        try (Socket socket = connect(street.port())) {
            CompletableFuture<String> answer = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    answer.complete(answer(socket.getInputStream()));
                } catch (IOException e) {
                    answer.completeExceptionally(e);
                }
            });
            send(socket, request(bearer + JSON, "{\"temp\":21.5}"));
            Street.await("the message waits for the disk", () -> street.log.waiting() == 1);

            assertThat(answer).isNotDone();
            street.log.release();

            assertThat(answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void requestsThatComeTogetherAreAnsweredInTheirOrder() throws IOException {
        String one = request(bearer + JSON, "{\"temp\":1}");
        String two = request(bearer + JSON, "{\"temp\":2,\"hum\":3}");
        String none = request(JSON, "{\"temp\":4}");

        assertThat(straight(one + two + none + one)).isEqualTo(served(one + two + none + one));
        assertThat(street.readings().subList(0, 4))
                .containsExactly("boiler temp=1.0", "boiler temp=2.0", "boiler hum=3.0", "boiler temp=1.0");
    }

    /// The rest of a connection belongs to the server, from the first byte of the first other request on.
    @Test
    void theServerTakesOverWithTheFirstOtherRequestAndGoesOn() throws IOException {
        String usual = request(bearer + JSON, "{\"temp\":1}");
        String other = "POST /api/v1/devices/boiler/telemetry/pump HTTP/1.1\r\n" + HOST + bearer + JSON
                + "Content-Length: 10\r\n\r\n{\"temp\":2}";
        String unknown = "GET /api/v1/telemetry HTTP/1.1\r\n" + HOST + "\r\n";

        String straight = straight(usual + other + unknown + usual);

        assertThat(straight).isEqualTo(served(usual + other + unknown + usual)).contains("HTTP/1.1 405");
        assertThat(street.readings().subList(0, 3))
                .containsExactly("boiler temp=1.0", "boiler pump.temp=2.0", "boiler temp=1.0");
    }

    @Test
    void aRequestInTwoPartsIsReadWhereverItIsCut() throws IOException {
        String request = request(bearer + JSON, "{\"temp\":21.5}");
        String expected = "";
        for (int cut = 1; cut < request.length(); cut += 3) {
            try (Socket socket = connect(street.port())) {
                send(socket, request.substring(0, cut));
                // so that both parts come by themselves, as far as anybody can say
                Thread.yield();
                send(socket, request.substring(cut));
                String answer = answer(socket.getInputStream());
                expected = expected.isEmpty() ? answer : expected;
                assertThat(answer)
                        .as("cut at %d", cut)
                        .startsWith("HTTP/1.1 200")
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void aBodyThatDoesNotComeWholeIsNotStored() throws IOException {
        String request = request(bearer + JSON, "{\"temp\":21.5}");
        String cut = request.substring(0, request.length() - 3);

        assertThat(straight(cut)).isEqualTo(served(cut));
        assertThat(street.log.messages()).isEmpty();
    }

    @Test
    void aServerThatStopsLeavesNobodyWaiting() throws IOException {
        try (Socket socket = connect(street.port())) {
            send(socket, request(bearer + JSON, "{\"temp\":21.5}"));
            assertThat(answer(socket.getInputStream())).startsWith("HTTP/1.1 200");

            street.close();

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    /// Bytes are changed, taken out and put in anywhere: whoever reads them, the same is said, and the same is stored.
    @Test
    void requestsThatAreNearlyUsualAreAnsweredAsByTheServer() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        String base = request(bearer + JSON + "User-Agent: probe\r\nAccept: */*\r\n", "{\"temp\":21.5}");
        String bytes = "\r\n :;,0129azAZ-/?%{}\"\t\u0000\u00e4";
        int usual = 0;
        for (int i = 0; i < 600; i++) {
            StringBuilder text = new StringBuilder(base);
            for (int changes = random.nextInt(1, 3); changes > 0; changes--) {
                int at = random.nextInt(text.length());
                char c = bytes.charAt(random.nextInt(bytes.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.deleteCharAt(at);
                    default -> text.insert(at, c);
                }
            }
            String request = text.toString();
            usual += isUsual(request) ? 1 : 0;
            int before = street.log.messages().size();

            String straight = straight(request);
            int stored = street.log.messages().size() - before;
            String served = served(request);

            assertThat(straight).as("%d: %s", i, request).isEqualTo(served);
            assertThat(street.log.messages().size() - before - stored).isEqualTo(stored);
        }
        assertThat(usual).isBetween(50, 550);
    }
}
