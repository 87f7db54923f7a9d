package tributary.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary rule replay`: a rule again over what was.
@Command(
        name = "replay",
        description =
                "Run a rule again over a past window, and compare what it says with the messages that it made then."
                        + " Acts on nothing without --apply.")
final class RuleReplayCommand implements Runnable {
    private static final int OUTPUTS_MAX = 10_000;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "NAME", description = "the rule's name")
    private String name = "";

    @Mixin
    private final PastWindow window = new PastWindow();

    @Option(
            names = "--warm-up",
            description = "how long before the window the rule begins to see messages, such as 1h: windows and alerts"
                    + " are then as they were")
    private @Nullable String warmUp;

    @Option(names = "--out", description = "a file for what the rule says now, a line of JSON each, 10,000 at most")
    private @Nullable Path out;

    @Option(
            names = "--apply",
            paramLabel = "DIGEST",
            description = "make the messages that are missing; DIGEST is that of the report that you looked at")
    private @Nullable String apply;

    @Override
    public void run() {
        Map<String, Object> body = new LinkedHashMap<>();
        window.into(body);
        ServerClient.put(body, "warmUp", warmUp);
        ServerClient.put(body, "apply", apply);
        ServerClient.put(body, "shown", out == null ? null : OUTPUTS_MAX);
        JsonNode report = server.client().post("/api/v1/rules/" + ServerClient.piece(name) + "/replay", body);
        if (out != null) {
            write(out, report.path("said"));
        }
        if (server.json()) {
            server.out().println(report);
            return;
        }
        Table table = new Table("", "AT", "TOPIC", "PAYLOAD");
        for (JsonNode difference : report.path("differences")) {
            table.row(
                    difference.path("kind").asString(),
                    difference.path("at").asString(),
                    difference.path("topic").asString(),
                    difference.path("payload").asString(""));
        }
        table.print(server.out());
        report.path("refused").forEach(why -> server.err().println("not made: " + why.asString()));
        say(report);
    }

    private void say(JsonNode report) {
        PrintWriter err = server.err();
        err.printf(
                "%s messages looked at, %s outputs, %s failures: %s messages are there, %s missing, %s more than it"
                        + " says; %s outputs for sinks were not compared%n",
                report.path("taken"),
                report.path("saidCount"),
                report.path("failedCount"),
                report.path("same"),
                report.path("missing"),
                report.path("extra"),
                report.path("toSinks"));
        if (report.path("begins").isString()) {
            err.println(
                    "the log has messages from " + report.path("begins").asString() + " on: what came before is gone");
        }
        if (!report.path("complete").asBoolean()) {
            err.println("not complete: " + report.path("why").asString());
        } else if (apply != null) {
            err.println(report.path("applied") + " messages were made");
        } else if (report.path("missing").asLong() > 0) {
            err.printf(
                    "make what is missing: tributary rule replay %s --from %s --to %s%s --apply %s%n",
                    name,
                    report.path("from").asString(),
                    report.path("to").asString(),
                    warmUp == null ? "" : " --warm-up " + warmUp,
                    report.path("digest").asString());
        }
        err.flush();
    }

    static void write(Path file, JsonNode said) {
        StringBuilder lines = new StringBuilder();
        said.forEach(one -> lines.append(one).append('\n'));
        try {
            Files.writeString(file, lines, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.FAILED, file + " cannot be written: " + e.getMessage(), "name another file with --out");
        }
    }
}
