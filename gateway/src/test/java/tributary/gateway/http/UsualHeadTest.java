package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is read by hand is what a plain reading by patterns finds, too.
class UsualHeadTest {
    private static final int RUNS = Integer.getInteger("tributary.fuzz", 200_000);
    private static final Pattern HEADER = Pattern.compile("([A-Za-z-]+): *([!-~](?:[ -~]*[!-~])?) *");
    private static final Set<String> ONCE = Set.of("host", "authorization", "content-type", "content-length");
    private static final Set<String> NO_MATTER = Set.of("accept", "accept-encoding", "accept-language", "user-agent");

    private static final String LINE = "POST /api/v1/telemetry HTTP/1.1~";

    private final UsualHead head = new UsualHead();

    /// `~` is the end of a line.
    private boolean read(String text) {
        return head.read(text.replace("~", "\r\n").getBytes(ISO_8859_1));
    }

    @Test
    void theHeadOfARequestIsRead() {
        String lines = LINE
                + "Host: pumps.example:8080~Authorization: Bearer abc~Content-Type: application/json~Content-Length: 12~~";

        assertThat(read(lines + "{\"temp\":21.5}")).isTrue();

        assertThat(head.length()).isEqualTo(lines.replace("~", "\r\n").length());
        assertThat(head.bodyLength()).isEqualTo(12);
        assertThat(head.authorization()).isEqualTo("Bearer abc");
        assertThat(head.contentType()).isEqualTo("application/json");
    }

    @Test
    void theNextHeadHasNothingOfTheOneBefore() {
        assertThat(read(LINE + "Host: x~Authorization: Bearer abc~Content-Type: text/plain~Content-Length: 12~~"))
                .isTrue();
        assertThat(read(LINE + "Host: x~Content-Length: 0~~")).isTrue();

        assertThat(head.authorization()).isNull();
        assertThat(head.contentType()).isNull();
        assertThat(head.bodyLength()).isZero();
        assertThat(read(LINE + "Host: x~Authorization: Bearer abd~Content-Length: 1~~"))
                .isTrue();
        assertThat(head.authorization()).isEqualTo("Bearer abd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: x~Content-Length: 1~~",
                "host:x~CONTENT-LENGTH:   1  ~~",
                "Host: 127.0.0.1:8080~Content-Length: 99999~~",
                "Host: x~User-Agent: curl/7.88.1~Accept: */*~Accept-Encoding: gzip, deflate~Content-Length: 1~~",
                "Host: x~Connection: Keep-Alive~Accept-Language: de~Content-Length: 00001~~"
            })
    void clientsWriteItInManyWays(String headers) {
        assertThat(read(LINE + headers)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "~",
                "Host: x~Content-Length: 1~",
                "Content-Length: 1~~",
                "Host: x~~",
                "Host: x~Host: x~Content-Length: 1~~",
                "Host: ~Content-Length: 1~~",
                "Host: x y~Content-Length: 1~~",
                "Host: x/y~Content-Length: 1~~",
                "Host: x@y~Content-Length: 1~~",
                "Host: :80~Content-Length: 1~~",
                "Host: x:~Content-Length: 1~~",
                "Host: x:80:90~Content-Length: 1~~",
                "Host: x:123456~Content-Length: 1~~",
                "Host: [::1]~Content-Length: 1~~",
                "Host: x~Content-Length: 1~Content-Length: 1~~",
                "Host: x~Content-Length: 1, 1~~",
                "Host: x~Content-Length: -1~~",
                "Host: x~Content-Length: +1~~",
                "Host: x~Content-Length: 0x1~~",
                "Host: x~Content-Length: 100000~~",
                "Host: x~Content-Length:~~",
                "Host: x~Content-Length : 1~~",
                "Host: x~ Content-Length: 1~~",
                "Host: x~Content-Length: 1~Transfer-Encoding: chunked~~",
                "Host: x~Content-Length: 1~Content-Encoding: gzip~~",
                "Host: x~Content-Length: 1~Expect: 100-continue~~",
                "Host: x~Content-Length: 1~Connection: close~~",
                "Host: x~Content-Length: 1~Connection: Upgrade~~",
                "Host: x~Content-Length: 1~Upgrade: websocket~~",
                "Host: x~Content-Length: 1~Origin: http://elsewhere~~",
                "Host: x~Content-Length: 1~Cookie: a=b~~",
                "Host: x~Content-Length: 1~Authorization: Bearer a~Authorization: Bearer b~~",
                "Host: x~Content-Length: 1~Content-Type: a/b~Content-Type: a/c~~",
                "Host: x~Content-Length: 1~User-Agent: a\n b~~",
                "Host: x~Content-Length: 1~User-Agent: a\rb~~",
                "Host: x~Content-Length: 1~User-Agent: a\tb~~",
                "Host: x~Content-Length: 1~User-Agent: \u00e4~~",
                "Host: x~Content-Length: 1~User-Agent: a\u0000~~",
                "Host: x~Content-Length: 1~: empty~~",
                "Host: x~Content-Length: 1~no colon~~",
                "Host: x\nContent-Length: 1\n\n"
            })
    void whatIsUnusualIsLeftToTheServer(String headers) {
        assertThat(read(LINE + headers)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/telemetry HTTP/1.1~",
                "post /api/v1/telemetry HTTP/1.1~",
                "POST  /api/v1/telemetry HTTP/1.1~",
                "POST /api/v1/telemetry HTTP/1.0~",
                "POST /api/v1/telemetry/batch HTTP/1.1~",
                "POST /api/v1/telemetry?retain=true HTTP/1.1~",
                "POST /api/v1/telemetr%79 HTTP/1.1~",
                "POST http://x/api/v1/telemetry HTTP/1.1~",
                "~POST /api/v1/telemetry HTTP/1.1~"
            })
    void otherRequestsAreLeftToTheServer(String line) {
        assertThat(read(line + "Host: x~Content-Length: 1~~")).isFalse();
    }

    /// Heads, changed at random from a seed. `-Dtributary.fuzz=100000000` makes it run longer.
    @Test
    void anyBytesAreReadAsPatternsReadThem() {
        SplittableRandom random = new SplittableRandom(20_261_128);
        String base = (LINE + "Host: pumps:80~User-Agent: a b~Authorization: Bearer abc~Connection: keep-alive~"
                        + "Accept: */*~Content-Type: a/b~Content-Length: 12~~{}")
                .replace("~", "\r\n");
        String put = "\r\n :;,.019azAZ-/\t\u0000\u00e4";
        int usual = 0;
        for (int run = 0; run < RUNS; run++) {
            StringBuilder text = new StringBuilder(base);
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                int at = random.nextInt(text.length());
                int to = Math.min(text.length(), at + random.nextInt(20));
                switch (random.nextInt(4)) {
                    case 0 -> text.setCharAt(at, put.charAt(random.nextInt(put.length())));
                    case 1 -> text.insert(at, put.charAt(random.nextInt(put.length())));
                    case 2 -> text.delete(at, random.nextBoolean() ? at + 1 : to);
                    default -> text.insert(random.nextInt(text.length()), text.substring(at, to));
                }
            }
            usual += judge(head, text.toString().getBytes(ISO_8859_1)) ? 1 : 0;
        }
        assertThat(usual).isBetween(RUNS / 10, RUNS * 9 / 10);
    }

    /// @return whether they begin with a usual head; fails where the two ways to read them differ
    static boolean judge(UsualHead head, byte[] bytes) {
        String text = new String(bytes, ISO_8859_1);
        Map<String, String> expected = byPatterns(text);
        assertThat(head.read(bytes)).as(text).isEqualTo(expected != null);
        if (expected != null) {
            assertThat(head.length()).as(text).isEqualTo(text.indexOf("\r\n\r\n") + 4);
            assertThat(head.bodyLength()).as(text).isEqualTo(Integer.parseInt(expected.get("content-length")));
            assertThat(head.authorization()).as(text).isEqualTo(expected.get("authorization"));
            assertThat(head.contentType()).as(text).isEqualTo(expected.get("content-type"));
        }
        return expected != null;
    }

    /// @return the headers, or null where the head is not a usual one
    private static Map<String, String> byPatterns(String text) {
        String line = LINE.replace("~", "\r\n");
        int end = text.indexOf("\r\n\r\n");
        if (!text.startsWith(line) || end < line.length()) {
            return null;
        }
        Map<String, String> headers = new HashMap<>();
        for (String one : text.substring(line.length(), end).split("\r\n", -1)) {
            Matcher matcher = HEADER.matcher(one);
            if (!matcher.matches()) {
                return null;
            }
            String name = matcher.group(1).toLowerCase(Locale.ROOT);
            String value = matcher.group(2);
            boolean known = name.equals("connection") ? value.equalsIgnoreCase("keep-alive") : NO_MATTER.contains(name);
            if (!known && (!ONCE.contains(name) || headers.put(name, value) != null)) {
                return null;
            }
        }
        boolean usual = headers.getOrDefault("host", "").matches("[A-Za-z0-9.-]+(:[0-9]{1,5})?")
                && headers.getOrDefault("content-length", "").matches("[0-9]{1,5}");
        return usual ? headers : null;
    }
}
