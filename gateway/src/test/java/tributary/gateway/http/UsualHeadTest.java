package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsualHeadTest {
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
}
