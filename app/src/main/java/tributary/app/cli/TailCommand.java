package tributary.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary tail 'devices/+/telemetry'`: messages as they become durable, like `tail -f`.
@Command(name = "tail", description = "Print messages as they become durable, like tail -f.")
final class TailCommand implements Runnable {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "TOPIC-FILTER", description = "default: everything")
    private String filter = "#";

    @Option(names = "--device", paramLabel = "DEVICE", description = "only messages of this device")
    private @Nullable String device;

    @Option(names = "--since", paramLabel = "TIME", description = "read history first, such as 10m or 1h")
    private @Nullable String since;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "stop after N messages")
    private long count = Long.MAX_VALUE;

    @Override
    public void run() {
        ServerClient client = server.client();
        StringBuilder path = new StringBuilder("/api/v1/live?kind=messages&topic=").append(encode(filter));
        if (device != null) {
            path.append("&device=").append(encode(device));
        }
        if (since != null) {
            path.append("&since=").append(encode("-" + since));
        }
        long printed = 0;
        String event = "";
        try (InputStream stream = client.stream("GET", path.toString(), null, Map.of("Accept", "text/event-stream"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && printed < count; line = lines.readLine()) {
                if (line.startsWith("event:")) {
                    event = line.substring("event:".length()).strip();
                } else if (line.startsWith("data:")) {
                    String data = line.substring("data:".length()).strip();
                    if (event.equals("gap") || event.equals("end")) {
                        server.err().println(event + ": " + data);
                        server.err().flush();
                    } else {
                        print(data);
                        printed++;
                    }
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.CANNOT_CONNECT, "the stream broke off: " + e.getMessage(), "");
        }
    }

    private void print(String data) {
        if (server.json()) {
            server.out().println(data);
        } else {
            JsonNode message = ServerClient.JSON.readTree(data);
            JsonNode payload = message.path("payload");
            server.out()
                    .println(message.path("receivedAt").asString("") + "  "
                            + message.path("topic").asString("") + "  "
                            + (payload.isString() ? payload.asString() : payload.toString()));
        }
        server.out().flush();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
