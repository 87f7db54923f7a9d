package tributary.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary tail 'devices/+/telemetry'`: messages as they become durable, like `tail -f`; or what is refused.
@Command(name = "tail", description = "Print messages as they become durable, or what is refused, like tail -f.")
final class TailCommand implements Runnable {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "TOPIC-FILTER", description = "default: everything")
    private @Nullable String filter;

    @Option(
            names = "--refused",
            description =
                    "instead of messages, the connections, subscriptions, publishes and payloads that were refused")
    private boolean refused;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "only of this device",
            completionCandidates = Candidates.Devices.class)
    private @Nullable String device;

    @Option(names = "--since", paramLabel = "TIME", description = "read history first, such as 10m or 1h")
    private @Nullable String since;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "stop after N of them")
    private long count = Long.MAX_VALUE;

    @Override
    public void run() {
        if (refused && filter != null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--refused shows attempts, and a topic filter chooses messages",
                    "tributary tail --refused --device ID      chooses attempts");
        }
        if (refused) {
            attempts();
        } else {
            follow(
                    "/api/v1/live?kind=messages&topic=" + ServerClient.piece(filter == null ? "#" : filter),
                    this::message);
        }
    }

    /// Whoever looks after the installation also sees the attempts of nobody.
    private void attempts() {
        try {
            follow("/api/v1/installation/attempts/live", this::attempt);
        } catch (CommandFailure failure) {
            if (failure.code() != ExitCode.NOT_ALLOWED) {
                throw failure;
            }
            follow("/api/v1/attempts/live", this::attempt);
        }
    }

    private void follow(String stream, Consumer<JsonNode> print) {
        StringBuilder path = new StringBuilder(stream);
        if (device != null) {
            path.append(joint(path)).append("device=").append(ServerClient.piece(device));
        }
        if (since != null) {
            path.append(joint(path)).append("since=").append(ServerClient.piece("-" + since));
        }
        long printed = 0;
        String event = "";
        try (InputStream events =
                        server.client().stream("GET", path.toString(), null, Map.of("Accept", "text/event-stream"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && printed < count; line = lines.readLine()) {
                if (line.startsWith("event:")) {
                    event = line.substring("event:".length()).strip();
                } else if (line.startsWith("data:")) {
                    String data = line.substring("data:".length()).strip();
                    if (event.equals("gap") || event.equals("end")) {
                        server.err().println(event + ": " + data);
                        server.err().flush();
                        continue;
                    }
                    if (server.json()) {
                        server.out().println(data);
                    } else {
                        print.accept(ServerClient.JSON.readTree(data));
                    }
                    server.out().flush();
                    if (++printed == count) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.CANNOT_CONNECT, "the stream broke off: " + e.getMessage(), "");
        }
    }

    private static char joint(StringBuilder path) {
        return path.indexOf("?") < 0 ? '?' : '&';
    }

    private void message(JsonNode message) {
        JsonNode payload = message.path("payload");
        server.out()
                .println(message.path("receivedAt").asString("") + "  "
                        + message.path("topic").asString("") + "  "
                        + (payload.isString() ? payload.asString() : payload.toString()));
    }

    private void attempt(JsonNode attempt) {
        StringBuilder line = new StringBuilder(attempt.path("lastAt").asString(""))
                .append("  refused ")
                .append(attempt.path("door").asString(""));
        named(line, "", attempt.path("address"));
        named(line, "tenant ", attempt.path("tenant"));
        named(line, "user ", attempt.path("userName"));
        named(line, "client ", attempt.path("clientId"));
        named(line, "as ", attempt.path("subject"));
        line.append("  ")
                .append(attempt.path("cause").asString(""))
                .append(": ")
                .append(attempt.path("detail").asString(""));
        long times = attempt.path("count").asLong();
        if (times > 1) {
            line.append(" (").append(times).append(" times)");
        }
        server.out().println(line);
    }

    private static void named(StringBuilder line, String name, JsonNode value) {
        if (!value.asString("").isEmpty()) {
            line.append(' ').append(name).append(value.asString());
        }
    }
}
