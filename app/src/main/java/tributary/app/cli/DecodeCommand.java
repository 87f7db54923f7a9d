package tributary.app.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `tributary decode ...`: what payloads are read as.
@Command(
        name = "decode",
        description = "Decode again what came.",
        subcommands = {DecodeCommand.Replay.class})
final class DecodeCommand {
    private DecodeCommand() {}

    @Command(
            name = "replay",
            description = "Decode the messages of a past window again, and compare what the decoder gives now with the"
                    + " tables readings and rejected. Changes nothing without --apply.")
    static final class Replay implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Mixin
        private final PastWindow window = new PastWindow();

        @Option(
                names = "--apply",
                paramLabel = "DIGEST",
                description = "put what the decoder gives in the place of what is there; DIGEST is that of the report"
                        + " that you looked at")
        private @Nullable String apply;

        @Override
        public void run() {
            Map<String, Object> body = new LinkedHashMap<>();
            window.into(body);
            ServerClient.put(body, "apply", apply);
            JsonNode report = server.client().post("/api/v1/decode/replay", body);
            if (server.json()) {
                server.out().println(report);
                return;
            }
            Table table = new Table("", "MESSAGE", "DEVICE", "SENSOR", "TS", "IS THERE", "DECODED NOW");
            for (JsonNode difference : report.path("differences")) {
                table.row(
                        difference.path("kind").asString(),
                        difference.path("message").asString(),
                        difference.path("device").asString(""),
                        difference.path("sensor").asString(""),
                        difference.path("ts").asString(""),
                        difference.path("was").asString(),
                        difference.path("is").asString());
            }
            table.print(server.out());
            say(report);
        }

        private void say(JsonNode report) {
            PrintWriter err = server.err();
            if (report.path("complete").asBoolean()) {
                err.printf(
                        "%s messages decoded: %s readings are there, %s replaced by later ones, %s missing, %s with"
                                + " another value, %s more than are decoded now%n",
                        report.path("messages"),
                        report.path("same"),
                        report.path("replaced"),
                        report.path("missing"),
                        report.path("changed"),
                        report.path("extra"));
                err.printf(
                        "messages rejected: %s as they were, %s not any more, %s that were not, %s for other reasons%n",
                        report.path("rejectedSame"),
                        report.path("recovered"),
                        report.path("rejected"),
                        report.path("otherwise"));
                next(err, report);
            } else {
                err.println("not complete: " + report.path("why").asString());
            }
            err.flush();
        }

        private static void next(PrintWriter err, JsonNode report) {
            if (report.path("applied").asBoolean()) {
                err.println("the tables have it as it is decoded now");
            } else if (!report.path("differences").isEmpty()) {
                err.printf(
                        "put that in its place: tributary decode replay --from %s --to %s --apply %s%n",
                        report.path("from").asString(),
                        report.path("to").asString(),
                        report.path("digest").asString());
            }
        }
    }
}
