package tributary.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.sinks.Harness;
import tributary.sinks.SinkStatus;
import tributary.sinks.Sinks;

/// Sinks over HTTP against a server that really listens.
class WebhookTest {
    private static final String FAST = ",\"retry-first\":\"10ms\",\"retry-most\":\"20ms\"}";

    @TempDir
    Path folder;

    private Catcher catcher;
    private Harness house;

    @BeforeEach
    void open() throws IOException {
        catcher = new Catcher();
        house = new Harness(folder, "127.0.0.1", new WebhookType(), new SlackType(), new NtfyType());
    }

    @AfterEach
    void close() {
        house.close();
        catcher.close();
    }

    private void hook(String path, String more) {
        house.good("hook", "webhook", "{\"url\":\"" + catcher.url(path) + "\"" + more, Map.of());
    }

    private void caught(int count) {
        Harness.until(count + " requests", () -> catcher.caught.size() >= count);
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void payloadArrivesAsTheRuleMadeItWithANameThatTellsDuplicates() {
        hook("/in", "}");
        house.say("hook", "pump-1", "{\"temp\":21.5}");
        caught(1);

        Catcher.Caught got = catcher.caught.getFirst();
        assertThat(got.method()).isEqualTo("POST");
        assertThat(got.path()).isEqualTo("/in");
        assertThat(got.body()).isEqualTo("{\"temp\":21.5}");
        assertThat(got.header("Content-type")).isEqualTo("application/json");
        assertThat(got.header("Idempotency-key")).isEqualTo("main/hook/3");
        assertThat(got.headers()).doesNotContainKey("Authorization");
    }

    @Test
    void requestIsSignedOverTimeAndBody() throws Exception {
        house.good(
                "hook",
                "webhook",
                "{\"url\":\"" + catcher.url("/") + "\"}",
                Map.of("signing-key", "canary-key", "token", "canary-token"));
        house.say("hook", "d", "{\"n\":\"ü\"}");
        caught(1);

        Catcher.Caught got = catcher.caught.getFirst();
        String time = got.header("Tributary-timestamp");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("canary-key".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] sum = mac.doFinal((time + ".{\"n\":\"ü\"}").getBytes(StandardCharsets.UTF_8));
        assertThat(got.header("Tributary-signature"))
                .isEqualTo("v1=" + HexFormat.of().formatHex(sum));
        assertThat(Math.abs(Long.parseLong(time) - System.currentTimeMillis() / 1000))
                .isLessThan(60);
        assertThat(got.header("Authorization")).isEqualTo("Bearer canary-token");
    }

    @Test
    void urlAndHeadersAreFilledAndAValueCannotLeaveItsPlace() {
        hook("/d/${name}/x?q=${q}", ",\"method\":\"put\",\"headers\":{\"X-Rule\":\"${rule()} ${name}\"}}");
        house.say("hook", "d", "{\"name\":\"../../a?b#c\\r\\nX: y\",\"q\":\"1&z=2 \u00fc\"}");
        house.say("hook", "d", "{\"name\":\"..\",\"q\":\"1\"}");
        caught(2);

        Catcher.Caught got = catcher.caught.getFirst();
        assertThat(got.method()).isEqualTo("PUT");
        assertThat(got.path()).isEqualTo("/d/..%2F..%2Fa%3Fb%23c%0D%0AX%3A%20y/x?q=1%26z%3D2%20%C3%BC");
        assertThat(got.header("X-rule")).isEqualTo("hot ../../a?b#c??X: y");
        assertThat(catcher.caught.get(1).path()).isEqualTo("/d/%2E%2E/x?q=1");
    }

    @Test
    void parcelThatLacksWhatTheUrlAsksForIsPutAsideAndTheNextGoesOn() {
        hook("/${name}", "}");
        house.say("hook", "d", "{}");
        house.say("hook", "d", "{\"name\":\"a\"}");
        caught(1);

        assertThat(catcher.caught)
                .singleElement()
                .extracting(Catcher.Caught::path)
                .isEqualTo("/a");
        assertThat(house.dead("hook"))
                .singleElement()
                .satisfies(dead ->
                        assertThat(dead.letter().reason()).contains("lacks").contains("${name}"));
    }

    @Test
    void batchIsAListOrLinesAndItsNameSaysWhichParcelsAreInIt() {
        hook("/", ",\"batch-count\":3,\"linger\":\"20s\",\"body\":\"envelope\"}");
        numbers(0, 3).forEach(n -> house.say("hook", "d" + n, n));
        caught(1);

        assertThat(Harness.json(catcher.caught.getFirst().body()))
                .hasSize(3)
                .first()
                .satisfies(one -> {
                    assertThat(one.path("payload").intValue()).isZero();
                    assertThat(one.path("device").asString("")).isEqualTo("d0");
                    assertThat(one.path("rule").asString("")).isEqualTo("hot");
                });
        assertThat(catcher.caught.getFirst().header("Idempotency-key")).isEqualTo("main/hook/3-9");
        Harness.until("its answer is there, too", () -> house.done("hook"));
        hook("/", ",\"batch-count\":2,\"linger\":\"20s\",\"format\":\"lines\"}");
        numbers(3, 5).forEach(n -> house.say("hook", "d", n));
        caught(2);
        assertThat(catcher.caught.get(1).body()).isEqualTo("3\n4\n");
    }

    @Test
    void receiverThatDiesAndComesBackHasEverythingInOrder() throws IOException {
        hook("/", FAST);
        numbers(0, 20).forEach(n -> house.say("hook", "d", n));
        caught(5);
        int port = catcher.port();
        catcher.close();
        numbers(20, 40).forEach(n -> house.say("hook", "d", n));
        Harness.until("it is seen", () -> house.status("hook").state() == SinkStatus.State.RETRYING);
        List<String> before = catcher.bodies();
        catcher = new Catcher(port);
        Harness.until("all are there", () -> house.done("hook"));

        List<String> all = new ArrayList<>(before);
        all.addAll(catcher.bodies());
        // the request that was cut off by the kill may be there twice
        assertThat(all.stream().distinct().toList()).isEqualTo(numbers(0, 40));
        assertThat(all.size()).isBetween(40, 41);
        assertThat(house.dead("hook")).isEmpty();
    }

    @Test
    void platformThatIsStoppedInTheMiddleGoesOnAfterwards() {
        hook("/", FAST);
        numbers(0, 300).forEach(n -> house.say("hook", "d", n));
        caught(20);
        house.stop();
        int before = catcher.caught.size();
        numbers(300, 400).forEach(n -> house.say("hook", "d", n));
        assertThat(catcher.caught).as("nothing goes while it is stopped").hasSize(before);
        house.open();
        caught(400);

        assertThat(catcher.bodies()).isEqualTo(numbers(0, 400));
    }

    @Test
    void answersMeanWhatTheyMean() {
        hook("/", ",\"attempts\":2" + FAST);
        for (int status : new int[] {503, 429, 401, 404, 302, 500}) {
            catcher.answers.add(new Catcher.Answer(
                    status, "why " + status, status == 302 ? Map.of("Location", "http://127.0.0.1:1/") : Map.of()));
        }
        house.say("hook", "d", "1");
        Harness.until("delivered", () -> house.status("hook").delivered() == 1);
        assertThat(catcher.bodies()).as("tried again").hasSize(7).containsOnly("1");

        catcher.answers.add(new Catcher.Answer(422, "no such field", Map.of()));
        house.say("hook", "d", "2");
        house.say("hook", "d", "3");
        Harness.until("delivered", () -> house.status("hook").delivered() == 2);
        assertThat(house.dead("hook"))
                .singleElement()
                .satisfies(dead ->
                        assertThat(dead.letter().reason()).contains("422").contains("no such field"));
        assertThat(catcher.bodies()).endsWith("2", "3");
    }

    @Test
    void receiverThatNeverAnswersIsLeftAfterTheTimeWhateverItDrips() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> drip(slow));
            house.good(
                    "slow",
                    "webhook",
                    "{\"url\":\"http://127.0.0.1:" + slow.getLocalPort() + "/\",\"timeout\":\"300ms\"}",
                    Map.of());

            Sinks.Tested tested = house.test("slow");

            assertThat(tested.delivered()).isFalse();
            assertThat(tested.what()).contains("did not answer within 300 ms");
        }
    }

    /// A header a byte at a time: each read is in time, the whole never comes.
    private static void drip(ServerSocket server) {
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            in.read(new byte[4096]);
            for (byte b : ("HTTP/1.1 200 OK\r\nX: " + "y".repeat(1000)).getBytes(StandardCharsets.US_ASCII)) {
                out.write(b);
                out.flush();
                Thread.sleep(50);
            }
        } catch (IOException | InterruptedException e) {
            // the sink hung up, as it should
        }
    }

    @Test
    void closedAddressIsNotReachedByWhateverSpelling() {
        try (Harness strict = new Harness(folder.resolve("strict"), "", new WebhookType())) {
            for (String host : new String[] {"127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]"}) {
                strict.good("hook", "webhook", "{\"url\":\"http://" + host + ":" + catcher.port() + "/\"}", Map.of());

                Sinks.Tested tested = strict.test("hook");

                assertThat(tested.delivered()).isFalse();
                assertThat(tested.what()).as(host).contains("sinks.private-addresses");
            }
        }
        assertThat(catcher.caught).isEmpty();
    }

    @Test
    void redirectToAClosedAddressIsNotFollowed() throws IOException {
        try (Catcher inner = new Catcher()) {
            catcher.usual = new Catcher.Answer(307, "", Map.of("Location", inner.url("/secret")));
            hook("/", "}");

            assertThat(house.test("hook").what()).contains("redirects are not followed");
            assertThat(inner.caught).isEmpty();
        }
    }

    @Test
    void everyMistakeIsReportedAtOnceWithWhatWasMeant() {
        assertThat(house.mistakes(
                        "webhook",
                        "{\"url\":\"file:///etc/passwd\",\"methd\":\"POST\",\"body\":\"text\",\"attempts\":0,"
                                + "\"headers\":{\"Authorization\":\"x\",\"Host\":\"y\",\"a b\":\"z\"},\"token\":\"canary\"}",
                        Map.of("signing-kee", "canary")))
                .anyMatch(flaw -> flaw.startsWith("/config/url") && flaw.contains("https://"))
                .anyMatch(flaw -> flaw.contains("did you mean method?"))
                .anyMatch(flaw -> flaw.contains("body must be one of payload, envelope, template"))
                .anyMatch(flaw -> flaw.contains("attempts must be a whole number"))
                .anyMatch(flaw -> flaw.contains("Authorization is a secret"))
                .anyMatch(flaw -> flaw.contains("Host is written by Tributary"))
                .anyMatch(flaw -> flaw.contains("'a b' is no name"))
                .anyMatch(flaw -> flaw.contains("token is a secret"))
                .anyMatch(flaw -> flaw.contains("did you mean signing-key?"))
                .noneMatch(flaw -> flaw.contains("canary"));
        for (String url : new String[] {
            "gopher://x/", "https://user:pass@x/", "https://${host}/", "//x/", "https://x/#a", "nonsense", "http://"
        }) {
            assertThat(house.mistakes("webhook", "{\"url\":\"" + url + "\"}", Map.of()))
                    .as(url)
                    .isNotEmpty();
        }
        assertThat(house.mistakes("webhok", "{}", Map.of()).getFirst()).contains("did you mean webhook?");
    }

    @Test
    void slackGetsTextWithItsThreeCharactersEscaped() {
        house.good(
                "chat",
                "slack",
                "{\"text\":\"*${rule()}* <${v}>\"}",
                Map.of("url", catcher.url("/services/T/B/canary")));
        house.say("chat", "d", "{\"v\":\"a<b>&c \\\"q\\\"\"}");
        caught(1);

        assertThat(catcher.caught.getFirst().path()).isEqualTo("/services/T/B/canary");
        assertThat(Harness.json(catcher.caught.getFirst().body()).path("text").asString(""))
                .isEqualTo("*hot* &lt;a&lt;b&gt;&amp;c \"q\"&gt;");
        catcher.usual = new Catcher.Answer(403, "invalid_token", Map.of());
        assertThat(house.test("chat").what()).contains("403").doesNotContain("canary");
    }

    @Test
    void ntfyGetsItsJsonAtTheRoot() {
        house.good(
                "push",
                "ntfy",
                "{\"url\":\"" + catcher.url("/") + "\",\"topic\":\"alarms\",\"title\":\"${door} warm\","
                        + "\"message\":\"${temp} C\",\"priority\":5,\"tags\":\"warning, door\"}",
                Map.of("token", "tk_canary"));
        house.say("push", "d", "{\"door\":\"d1\",\"temp\":8.5}");
        caught(1);

        assertThat(Harness.json(catcher.caught.getFirst().body()))
                .isEqualTo(
                        Harness.json("{\"topic\":\"alarms\",\"title\":\"d1 warm\",\"message\":\"8.5 C\",\"priority\":5,"
                                + "\"tags\":[\"warning\",\"door\"]}"));
        assertThat(catcher.caught.getFirst().header("Authorization")).isEqualTo("Bearer tk_canary");
    }
}
