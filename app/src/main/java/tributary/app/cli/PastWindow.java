package tributary.app.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// A window of the past, of commands that do something again over what was recorded.
final class PastWindow {
    @Option(names = "--last", description = "how far back the window begins, such as 30m, 24h or 7d (default: 24h)")
    private @Nullable String last;

    @Option(names = "--from", description = "the first moment, such as 2026-11-27T00:00:00Z")
    private @Nullable String from;

    @Option(names = "--to", description = "the first moment behind (default: now)")
    private @Nullable String to;

    /// Puts it into the body of a call.
    void into(Map<String, Object> body) {
        if (from != null && last != null) {
            throw new CommandFailure(ExitCode.USAGE, "--from and --last both say where the window begins", "give one");
        }
        body.put("from", from != null ? from : "-" + (last == null ? "24h" : last));
        ServerClient.put(body, "to", to);
    }
}
