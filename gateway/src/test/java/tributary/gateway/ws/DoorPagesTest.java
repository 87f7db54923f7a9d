package tributary.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tributary.gateway.http.HttpSettings;
import tributary.gateway.http.Street;

/// What `docs/http.md` and `docs/websocket.md` show is what happens.
class DoorPagesTest {
    private static final Path DOCS = Path.of("..", "docs");

    @Test
    void everyCommandOfTheHttpPageGivesTheAnswerShown() throws Exception {
        Matcher example = Pattern.compile("```sh\n(.*?)\n```\n```answer\n(.*?)\n```", Pattern.DOTALL)
                .matcher(Files.readString(DOCS.resolve("http.md")));
        int count = 0;
        try (Street street = new Street()) {
            while (example.find()) {
                ProcessBuilder command = new ProcessBuilder("bash", "-c", example.group(1)).redirectErrorStream(true);
                command.environment().put("URL", "http://127.0.0.1:" + street.port());
                command.environment().put("TOKEN", street.keys.device("acme", "gw"));
                command.environment().put("no_proxy", "127.0.0.1");
                Process process = command.start();
                String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).as(answer).isZero();
                assertThat(answer).as(example.group(1)).isEqualTo(example.group(2));
                count++;
            }
        }
        assertThat(count).as("commands found").isEqualTo(6);
    }

    @Test
    void conversationOfTheWebSocketPageHappens() throws Exception {
        Matcher example = Pattern.compile("```conversation\n(.*?)\n```", Pattern.DOTALL)
                .matcher(Files.readString(DOCS.resolve("websocket.md")));
        assertThat(example.find()).isTrue();
        List<String> expected = new ArrayList<>();
        try (Street street = new Street();
                Wire wire = new Wire(
                        street.port(), "/api/v1/ws", "Authorization: Bearer " + street.keys.device("acme", "gw"))) {
            street.log.hold();
            int sent = 0;
            for (String line : example.group(1).split("\n")) {
                if (line.startsWith("> ")) {
                    wire.text(line.substring(2));
                    sent++;
                } else {
                    expected.add(line.substring(2));
                }
            }
            assertThat(wire.next()).isEqualTo(expected.getFirst());
            street.log.release();
            assertThat(wire.untilAck(sent)).last().isEqualTo(expected.getLast());
        }
    }

    @Test
    void settingsOfThePagesAreTheDefaults() throws IOException {
        String http = Files.readString(DOCS.resolve("http.md"));
        assertThat(HttpSettings.DEFAULTS.bodyBytesMax()).isEqualTo(4 * 1024 * 1024);
        assertThat(HttpSettings.DEFAULTS.durableWait()).hasSeconds(30);
        assertThat(http).contains("4 MB decompressed (`http.body-bytes-max`)", "30 s (`http.durable-wait`)");
        String sockets = Files.readString(DOCS.resolve("websocket.md"));
        WsSettings defaults = WsSettings.DEFAULTS;
        assertThat(defaults.inFlightBytes()).isEqualTo(1024 * 1024);
        assertThat(sockets)
                .contains("With %,d frames (`ws.in-flight-frames`)".formatted(defaults.inFlightFrames()))
                .contains("at most " + defaults.messageBytesMax() / 1024 + " KB (`ws.message-bytes-max`)")
                .contains("after " + defaults.idle().toSeconds() + " s closed (`ws.idle`)");
    }
}
