package tributary.gateway.ws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.gateway.IntakeSettings;
import tributary.gateway.http.HttpSettings;
import tributary.gateway.http.Street;
import tributary.model.TenantId;

/// What a person reads in the attempts log after a request or a frame was refused.
class WebRefusalsTest {
    private static final String OWN = "/api/v1/telemetry";
    private static final String SOCKET = "/api/v1/ws";

    private final Street street =
            new Street(new IntakeSettings(2_000, 1, 0, 0), HttpSettings.DEFAULTS, WsSettings.DEFAULTS);
    private final String boiler = street.keys.device("acme", "boiler");

    @AfterEach
    void close() {
        street.close();
    }

    @Test
    void requestWithoutAndWithAWrongTokenAreTheOperatorsToRead() throws Exception {
        street.send(street.to(OWN).POST(BodyPublishers.ofString("{}")));
        assertThat(only())
                .isEqualTo("HTTP no-credential of nobody: no token came: send the header Authorization: Bearer <token>;"
                        + " tributary device token ID makes one");
        street.post(OWN, "wrong", "", "{}".getBytes(UTF_8));
        assertThat(only())
                .isEqualTo("HTTP bad-credential of nobody: the token is not known here (no such secret): make one:"
                        + " tributary device token ID");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /api/v1/devices/gw/telemetry | {"a":1} | HTTP publish-not-allowed of acme: device 'boiler' may publish as itself and as the devices it carries
            /api/v1/messages/weather     | {"a":1} | HTTP publish-not-allowed of acme: device 'boiler' may publish below devices/boiler/
            /api/v1/messages/a%23        | {"a":1} | HTTP topic-invalid of acme: a topic to publish to has no wildcard
            /api/v1/telemetry            | {"a":   | HTTP payload-unreadable of acme: Nothing was stored:
            /api/v2/write                | a b     | HTTP payload-unreadable of acme:
            """)
    void refusedRequestIsOneLineOfItsTenant(String path, String body, String line) throws Exception {
        street.post(path, boiler, "", body.getBytes(UTF_8));
        assertThat(only()).startsWith(line);
    }

    @Test
    void bodyThatIsTooLargeOrBrokenNamesTheFix() throws Exception {
        street.post(OWN, boiler, "", new byte[3_000]);
        assertThat(only()).contains("payload-too-large of acme", "intake.payload-bytes-max");
        street.send(street.to(OWN)
                .header("Authorization", "Bearer " + boiler)
                .header("Content-Encoding", "br")
                .POST(BodyPublishers.ofString("{}")));
        assertThat(only()).contains("payload-unreadable of acme", "Use gzip, zstd or deflate");
    }

    @Test
    void requestOverTheRateIsOneLine() throws Exception {
        for (int i = 0; i < 5; i++) {
            street.post(OWN, boiler, "application/json", "{\"a\":1}".getBytes(UTF_8));
        }
        assertThat(only()).startsWith("HTTP over-rate of acme: over the limit intake.device-rate, 1 messages a second");
    }

    @Test
    void refusedUpgradesSayWhy() throws Exception {
        try (Wire _ = new Wire(street.port(), SOCKET)) {
            assertThat(only()).startsWith("WEBSOCKET no-credential of nobody: no token came: send the header");
        }
        try (Wire _ = new Wire(street.port(), SOCKET, "Authorization: Bearer nonsense")) {
            assertThat(only()).startsWith("WEBSOCKET bad-credential of nobody: the token is not known here");
        }
        try (Wire _ = new Wire(street.port(), SOCKET + "?device=gw", "Authorization: Bearer " + boiler)) {
            assertThat(only())
                    .startsWith("WEBSOCKET publish-not-allowed of acme: device 'boiler' may publish as itself");
        }
    }

    @Test
    void refusedFramesSayWhy() throws Exception {
        try (Wire wire = new Wire(street.port(), SOCKET, "Authorization: Bearer " + boiler)) {
            wire.text("{\"a\":");
            Street.await("a line", () -> !lines().isEmpty());
            assertThat(only())
                    .startsWith("WEBSOCKET payload-unreadable of acme: ")
                    .endsWith("docs/payloads.md shows each format");
            wire.frame(0x83, new byte[0]);
            Street.await("a line", () -> !lines().isEmpty());
            assertThat(only())
                    .startsWith("WEBSOCKET protocol-error of acme: unknown opcode 3 (a mistake of the client");
        }
    }

    private long seen;

    private List<Attempt> lines() {
        return street.attempts.after(new Attempts.Wanted(new TenantId("acme"), true, null, Set.of(), 0), seen, 99);
    }

    /// The one line that came since the last look.
    private String only() {
        List<Attempt> lines = lines();
        assertThat(lines).hasSize(1);
        seen = street.attempts.newest();
        Attempt line = lines.getFirst();
        assertThat(line.address()).isEqualTo("127.0.0.1");
        return line.door() + " " + line.cause().slug() + " of " + (line.tenant() == null ? "nobody" : line.tenant())
                + ": " + line.sentence();
    }
}
