package tributary.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary silence ...`: times of maintenance, in which alerts are kept and go nowhere.
@Command(
        name = "silence",
        description = "Say that there is maintenance: alerts are kept, and go nowhere.",
        subcommands = {SilenceCommand.Ls.class, SilenceCommand.Add.class, SilenceCommand.Rm.class})
final class SilenceCommand {
    private SilenceCommand() {}

    @Command(name = "ls", description = "List silences, those that end last first.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list =
                new Listing(1, "id", "kind", "what", "from", "to", "now", "reason", "createdAt", "createdBy");

        @Override
        public void run() {
            list.all(
                    list.client().get("/api/v1/silences").path("silences"),
                    new Table("ID", "NOW", "KIND", "WHAT", "FROM", "TO", "REASON", "BY"),
                    silence -> List.of(
                            silence.path("id").asString(),
                            silence.path("now").asBoolean() ? "yes" : "",
                            silence.path("kind").asString(),
                            silence.path("what").asString(),
                            When.shown(silence.path("from")),
                            When.shown(silence.path("to")),
                            silence.path("reason").asString(""),
                            silence.path("createdBy").asString()));
        }
    }

    @Command(name = "add", description = "Silence the alerts of a device, of a type, or of devices with a label.")
    static final class Add implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "KIND", description = "device, type or label")
        private String kind = "";

        @Parameters(index = "1", paramLabel = "WHAT", description = "pump-1, pump, site=roof")
        private String what = "";

        @Option(names = "--from", paramLabel = "TIME", description = "when it begins (default: now)")
        private @Nullable String from;

        @Option(names = "--to", paramLabel = "TIME", description = "when it ends, such as 2026-11-28T18:00:00Z")
        private @Nullable String to;

        @Option(names = "--for", paramLabel = "TIME", description = "how long, such as 2h")
        private @Nullable String length;

        @Option(names = "--reason", description = "for people")
        private @Nullable String reason;

        @Override
        public void run() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("kind", kind);
            body.put("what", what);
            ServerClient.put(body, "from", from);
            ServerClient.put(body, "to", to);
            ServerClient.put(body, "length", length);
            ServerClient.put(body, "reason", reason);
            JsonNode silence = server.client().post("/api/v1/silences", body);
            if (server.json()) {
                server.out().println(silence);
            } else {
                server.out().println(silence.path("id").asString());
                server.err()
                        .println("alerts of " + kind + " " + what + " go nowhere from "
                                + silence.path("from").asString() + " to "
                                + silence.path("to").asString());
            }
        }
    }

    @Command(name = "rm", description = "End a silence.")
    static final class Rm implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "as the list shows it")
        private String id = "";

        @Override
        public void run() {
            server.client().delete("/api/v1/silences/" + ServerClient.piece(id));
            server.err().println("removed " + id);
        }
    }
}
