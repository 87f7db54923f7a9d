package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.AttemptSettings;
import tributary.gateway.RecentAttempts;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;

/// Requests that no client sends by itself, over a socket, against the server that all routes are on.
class HostileRequestsTest {
    /// An answer may take so long to come, and so may the end of a connection that is refused.
    private static final int ANSWER_MILLIS = 30_000;

    /// Whoever answered and says nothing for so long says no more.
    private static final int SILENCE_MILLIS = 1000;
    private static final String CLOSED = "<closed>";
    private static final String GOOD = "HTTP/1.1 2";
    private static final int CHUNK_BYTES_MAX = 1024;

    /// What an attacker would have somebody else ask. `~` is the end of a line.
    private static final String NEXT = "GET /next HTTP/1.1~Host: x~~";

    private static final AtomicInteger SMUGGLED = new AtomicInteger();
    private static SqlRegistry registry;
    private static Web web;

    @BeforeAll
    static void start(@TempDir Path data) {
        InstantSource clock = InstantSource.system();
        registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
        Web.Content content = new Web.Content(
                null,
                routing -> routing.post(
                                "/echo",
                                (request, response) -> response.send(
                                        request.content().hasEntity()
                                                ? request.content().as(byte[].class)
                                                : new byte[0]))
                        .get("/echo", (_, response) -> response.send("fine"))
                        .get("/next", (_, response) -> {
                            SMUGGLED.incrementAndGet();
                            response.send("seen");
                        }),
                _ -> {},
                CHUNK_BYTES_MAX);
        web = Web.start(
                WebSettings.DEFAULTS,
                new Web.Listening(0, 0),
                content,
                new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), clock),
                null);
    }

    @AfterAll
    static void stop() {
        web.close();
        registry.close();
    }

    /// Sends it and reads until the server closes, or says nothing for a while.
    private static String answer(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", web.port())) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write(request.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder text = new StringBuilder();
            InputStream in = socket.getInputStream();
            try {
                for (int b = in.read(); b >= 0; b = in.read()) {
                    text.append((char) b);
                    if (text.length() == GOOD.length() && GOOD.contentEquals(text)) {
                        socket.setSoTimeout(SILENCE_MILLIS);
                    }
                }
                return text + CLOSED;
            } catch (SocketTimeoutException _) {
                return text.toString();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // a length and chunks
                "Content-Length: 6~Transfer-Encoding: chunked~~0~~",
                "Transfer-Encoding: chunked~Content-Length: 3~~0~~",
                "Transfer-Encoding:\tchunked~Content-Length: 5~~0~~",
                "X: a~ Transfer-Encoding: chunked~Content-Length: 0~~",
                // two lengths
                "Content-Length: 3~Content-Length: 40~~abc",
                "Content-Length: 40~Content-Length: 3~~abc",
                "Content-Length: 3, 40~~abc",
                // lengths that are none
                "Content-Length: +3~~abc",
                "Content-Length: -1~~",
                "Content-Length: 0x3~~abc",
                "Content-Length: 9223372036854775808~~",
                // codings that are not chunked
                "Transfer-Encoding: identity~~",
                "Transfer-Encoding: xchunked~~0~~",
                "Transfer-Encoding: gzip, chunked~~0~~",
                "Transfer-Encoding: chunked~Transfer-Encoding: identity~~0~~",
                "Transfer-Encoding : chunked~~0~~",
                "Transfer-Encoding: \u000bchunked~Content-Length: 5~~0~~",
                // chunks whose length or end is none
                "Transfer-Encoding: chunked~~-1~",
                "Transfer-Encoding: chunked~~0x3~abc~0~~",
                "Transfer-Encoding: chunked~~~",
                "Transfer-Encoding: chunked~~0~x~",
                // headers that are none
                ": a~Content-Length: 0~~",
                "abc~Content-Length: 0~~",
                "X: a\u0000b~Content-Length: 0~~",
            })
    void requestThatCanBeReadInTwoWaysIsRefusedAndWhatFollowsIsNotRead(String rest) throws IOException {
        int before = SMUGGLED.get();

        String answer = answer("POST /echo HTTP/1.1~Host: x~" + rest + NEXT);

        assertThat(answer).startsWith("HTTP/1.1 400 ").endsWith(CLOSED);
        assertThat(SMUGGLED).hasValue(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /echo HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
                "POST /echo HTTP/1.1~Host: x~X: a\rTransfer-Encoding: chunked~Content-Length: 0~~",
            })
    void linesThatEndWithoutBothCharactersAreNoLines(String request) throws IOException {
        assertThat(answer(request)).doesNotContain("HTTP/1.1 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /echo HTTP/1.1~~", "GET /echo HTTP/1.1~Host: a~Host: b~~", "GET /echo~~"})
    void requestNamesOneHost(String request) throws IOException {
        assertThat(answer(request)).startsWith("HTTP/1.1 400 ").endsWith(CLOSED);
    }

    @Test
    void bodyOfAGetIsItsBodyAndNoRequest() throws IOException {
        int before = SMUGGLED.get();

        assertThat(answer("GET /echo HTTP/1.1~Host: x~Content-Length: "
                        + NEXT.replace("~", "..").length() + "~~" + NEXT))
                .startsWith("HTTP/1.1 200 ");

        assertThat(SMUGGLED).hasValue(before);
    }

    @Test
    void goodRequestsFollowEachOtherOnOneConnection() throws IOException {
        int before = SMUGGLED.get();

        String answer = answer("POST /echo HTTP/1.1~Host: x~Transfer-Encoding: chunked~~3~abc~0~~" + NEXT);

        assertThat(answer).contains("abcHTTP/1.1 200 ").endsWith("seen");
        assertThat(SMUGGLED).hasValue(before + 1);
    }

    @Test
    void headersAreLimitedInNumberAndSize() throws IOException {
        assertThat(answer("GET /echo HTTP/1.1~Host: x~" + headers(Framing.HEADERS_MAX - 1) + "~"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(answer("GET /echo HTTP/1.1~Host: x~" + headers(1000) + "~"))
                .startsWith("HTTP/1.1 431 ")
                .endsWith(CLOSED);
        assertThat(answer("GET /echo HTTP/1.1~Host: x~A: " + "x".repeat(17_000) + "~~"))
                .startsWith("HTTP/1.1 400 ")
                .endsWith(CLOSED);
        assertThat(answer("GET /" + "x".repeat(17_000) + " HTTP/1.1~Host: x~~")).startsWith("HTTP/1.1 414 ");
    }

    /// Whoever reads it has no word of his own for that; who does is in SlowRequestsTest.
    @Test
    void chunkThatIsTooLargeIsRefusedByItsAnnouncement() throws IOException {
        assertThat(answer("POST /echo HTTP/1.1~Host: x~Transfer-Encoding: chunked~~7fffffff~"))
                .startsWith("HTTP/1.1 413 ")
                .contains("/problems/body-too-large")
                .endsWith(CLOSED);
    }

    private static String headers(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("a").append(i).append(": b~");
        }
        return text.toString();
    }
}
