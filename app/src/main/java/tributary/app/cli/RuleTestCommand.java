package tributary.app.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary rule test`: a statement over messages that were recorded.
@Command(name = "test", description = "Run a statement over messages that were recorded, and act on nothing.")
final class RuleTestCommand implements Runnable {
    private static final int OUTPUTS_MAX = 10_000;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "FILE", description = "a file with the statement")
    private Path file = Path.of("rule.sql");

    @Mixin
    private final PastWindow window = new PastWindow();

    @Option(
            names = "--warm-up",
            description = "how long before the window the rule begins to see messages, such as 1h: windows and alerts"
                    + " are then what they would be")
    private @Nullable String warmUp;

    @Option(names = "--zone", defaultValue = "UTC", description = "where days begin")
    private String zone = "UTC";

    @Option(names = "--sql-version", defaultValue = "tributary", description = "whose SQL it is")
    private String sqlVersion = "tributary";

    @Option(names = "--out", description = "a file for what it would say, a line of JSON each, 10,000 at most")
    private @Nullable Path out;

    @Override
    public void run() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("sql", RuleCommand.statement(file));
        body.put("zone", zone);
        body.put("sqlVersion", sqlVersion);
        window.into(body);
        ServerClient.put(body, "warmUp", warmUp);
        ServerClient.put(body, "shown", out == null ? null : OUTPUTS_MAX);
        JsonNode report = server.client().post("/api/v1/rules/test", body);
        if (out != null) {
            RuleReplayCommand.write(out, report.path("said"));
        }
        if (server.json()) {
            server.out().println(report);
        } else {
            show(report);
        }
    }

    private void show(JsonNode report) {
        if (out == null) {
            Table table = new Table("AT", "DEVICE", "WOULD SAY");
            for (JsonNode saying : report.path("said")) {
                table.row(
                        saying.path("at").asString(),
                        saying.path("device").asString(""),
                        saying.path("payload").asString());
            }
            table.print(server.out());
        }
        for (JsonNode failure : report.path("failed")) {
            server.out()
                    .println("failed: " + failure.path("what").asString() + "  at "
                            + failure.path("topic").asString("") + " "
                            + failure.path("payload").asString(""));
        }
        Table steps = new Table("STEP", "WENT ON", "ENDED", "WAITED", "SAID");
        for (JsonNode step : report.path("steps")) {
            steps.row(
                    step.path("name").asString(),
                    step.path("passed").toString(),
                    step.path("dropped").toString(),
                    step.path("waits").toString(),
                    step.path("said").toString());
        }
        server.out().println();
        steps.print(server.out());
        server.err()
                .printf(
                        "%s messages looked at of %s, %s outputs, %s failures, %s us a message%s%n",
                        report.path("taken"),
                        report.path("read"),
                        report.path("saidCount"),
                        report.path("failedCount"),
                        report.path("microsPerMessage"),
                        report.path("complete").asBoolean()
                                ? ""
                                : "; the time was over at "
                                        + report.path("upTo").asString());
        if (report.path("begins").isString()) {
            server.err()
                    .println("the log has messages from "
                            + report.path("begins").asString() + " on: what came before in the window is gone");
        }
        odd(report, "late", "came too late");
        odd(report, "skewed", "have a time of their own that is too far ahead, and were taken at their arrival");
        odd(report, "unstamped", "have no time of their own, and were taken at their arrival");
        odd(report, "unread", "are neither JSON nor CBOR, and have no keys");
        unmatched(report.path("unmatched"));
        server.err().flush();
    }

    private void odd(JsonNode report, String name, String what) {
        if (report.path(name).asLong(0) > 0) {
            server.err().println(report.path(name) + " messages " + what);
        }
    }

    private void unmatched(JsonNode unmatched) {
        if (!unmatched.isMissingNode()) {
            server.err()
                    .println("no message's topic matched " + joined(unmatched.path("filters"), " or ") + "; "
                            + (unmatched.path("topics").isEmpty()
                                    ? "there was no message at all"
                                    : "there were messages on " + joined(unmatched.path("topics"), ", ")));
        }
    }

    private static String joined(JsonNode names, String by) {
        return names.valueStream().map(JsonNode::asString).collect(Collectors.joining(by));
    }
}
