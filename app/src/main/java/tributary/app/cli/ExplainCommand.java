package tributary.app.cli;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary explain pump-1 --at -10m`: where a message is, from the door to the last sink.
@Command(
        name = "explain",
        description =
                "Say where a message is: received, stored, matched by which rules and why not by others, delivered.")
final class ExplainCommand implements Runnable {
    private static final Pattern ID = Pattern.compile("\\d+-\\d+");

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(
            paramLabel = "DEVICE|MESSAGE",
            description = "a device, or a message by its partition and position: 0-1234",
            completionCandidates = Candidates.Devices.class)
    private String what = "";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "of a device the message nearest to that: -10m, 2026-11-21T12:00:00Z (default: now)")
    private @Nullable String at;

    @Option(names = "--within", paramLabel = "TIME", description = "how far from it to look, such as 10m (default: 1m)")
    private @Nullable String within;

    @Option(
            names = "--lead",
            paramLabel = "TIME",
            description = "how much of what came before rules that remember are given (default: 1h)")
    private @Nullable String lead;

    @Option(names = "--all", description = "every step, and the rules that do not listen")
    private boolean all;

    @Override
    public void run() {
        boolean message = ID.matcher(what).matches() && at == null;
        StringBuilder path = new StringBuilder(message ? "/api/v1/messages/" : "/api/v1/devices/")
                .append(ServerClient.piece(what))
                .append("/explain");
        add(path, "at", at);
        add(path, "within", within);
        add(path, "lead", lead);
        JsonNode told = server.client().get(path.toString());
        if (server.json()) {
            server.out().println(told);
            return;
        }
        if (told.path("id").isString()) {
            server.out().println("message " + told.path("id").asString());
        }
        for (JsonNode line : told.path("story")) {
            server.out()
                    .printf(
                            "%-9s %-6s %s%n",
                            line.path("station").asString(),
                            line.path("state").asString(),
                            line.path("text").asString());
        }
        told.path("rules").forEach(this::rule);
        for (JsonNode refused : told.path("refused")) {
            server.out()
                    .println("refused   " + refused.path("lastAt").asString() + " "
                            + refused.path("cause").asString() + ": "
                            + refused.path("detail").asString());
        }
        for (JsonNode other : told.path("nearby")) {
            server.out()
                    .println("nearby    " + other.path("id").asString() + " "
                            + other.path("receivedAt").asString() + " "
                            + other.path("topic").asString());
        }
    }

    private static void add(StringBuilder path, String name, @Nullable String value) {
        if (value != null) {
            path.append(path.indexOf("?") < 0 ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(ServerClient.piece(value));
        }
    }

    private void rule(JsonNode rule) {
        String verdict = rule.path("verdict").asString();
        if (verdict.equals("deaf") && !all) {
            return;
        }
        server.out()
                .printf(
                        "  %s (%s, version %s) %s: %s%n",
                        rule.path("rule").asString(),
                        rule.path("state").asString(),
                        rule.path("version"),
                        verdict,
                        rule.path("text").asString());
        if (rule.path("since").isString()) {
            server.out()
                    .println("    it was given what came from "
                            + rule.path("since").asString() + " to "
                            + rule.path("until").asString());
        }
        if (all) {
            rule.path("steps").forEach(this::step);
        }
        for (JsonNode said : rule.path("said")) {
            for (JsonNode outcome : said.path("outcomes")) {
                server.out()
                        .printf(
                                "    %s %s %s: %s%n",
                                outcome.path("to").asString(),
                                outcome.path("name").asString(),
                                outcome.path("state").asString(),
                                outcome.path("text").asString());
            }
        }
    }

    private void step(JsonNode step) {
        StringBuilder line = new StringBuilder("    ")
                .append(step.path("name").asString())
                .append(' ')
                .append(step.path("outcome").asString())
                .append(": ")
                .append(step.path("detail").asString());
        for (JsonNode value : step.path("values")) {
            line.append("  ")
                    .append(value.path("expression").asString())
                    .append(" = ")
                    .append(value.path("value").asString());
        }
        server.out().println(line);
    }
}
