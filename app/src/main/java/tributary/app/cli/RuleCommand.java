package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary rule ...`: rules from the shell.
@Command(
        name = "rule",
        description = "Write, try, switch and watch rules.",
        subcommands = {
            RuleCommand.Ls.class,
            RuleCommand.Show.class,
            RuleCommand.Add.class,
            RuleCommand.Rm.class,
            RuleCommand.On.class,
            RuleCommand.Shadow.class,
            RuleCommand.Pause.class,
            RuleCommand.Draft.class,
            RuleCommand.Versions.class,
            RuleTestCommand.class,
            RuleReplayCommand.class,
            RuleCommand.Log.class
        })
final class RuleCommand {
    private static final String PATH = "/api/v1/rules";

    private RuleCommand() {}

    private static String path(String name) {
        return PATH + "/" + ServerClient.piece(name);
    }

    static String statement(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage(), "name a file with one statement");
        }
    }

    private static String figure(JsonNode rule, String name) {
        JsonNode figures = rule.path("figures");
        return figures.isObject() ? figures.path(name).toString() : "-";
    }

    @Command(name = "ls", description = "List rules, and what they did since the server started.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list = new Listing(
                1,
                "name",
                "version",
                "state",
                "sql",
                "sqlVersion",
                "zone",
                "description",
                "actions",
                "createdAt",
                "changedAt",
                "changedBy",
                "figures");

        @Override
        public void run() {
            list.all(
                    list.client().get(PATH).path("rules"),
                    new Table("NAME", "STATE", "VERSION", "MESSAGES", "SAID", "FAILED", "CHANGED", "BY"),
                    rule -> List.of(
                            rule.path("name").asString(),
                            rule.path("state").asString(),
                            rule.path("version").toString(),
                            figure(rule, "taken"),
                            figure(rule, "said"),
                            figure(rule, "failed"),
                            When.shown(rule.path("changedAt")),
                            rule.path("changedBy").asString()));
        }
    }

    @Command(name = "show", description = "Show a rule.")
    static final class Show implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "the rule's name")
        private String name = "";

        @Override
        public void run() {
            JsonNode rule = server.client().get(path(name));
            if (server.json()) {
                server.out().println(rule);
                return;
            }
            for (Map.Entry<String, JsonNode> field : rule.properties()) {
                if (!field.getKey().equals("sql")) {
                    JsonNode value = field.getValue();
                    server.out().printf("%-12s %s%n", field.getKey(), value.isString() ? value.asString() : value);
                }
            }
            server.out().println();
            server.out().println(rule.path("sql").asString());
        }
    }

    @Command(name = "add", description = "Save a rule, or a new version of one.")
    static final class Add implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "NAME", description = "the rule's name")
        private String name = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "a file with the statement")
        private Path file = Path.of("rule.sql");

        @Option(
                names = "--topic",
                description = "a topic that what it says goes to, such as alerts/$${device_id()}; may be repeated")
        private List<String> topics = new ArrayList<>();

        @Option(names = "--sink", description = "a sink that what it says goes to; may be repeated")
        private List<String> sinks = new ArrayList<>();

        @Option(
                names = "--raw-sink",
                description = "a sink that gets the message beside what is said of it; may be repeated")
        private List<String> rawSinks = new ArrayList<>();

        @Option(
                names = "--command",
                description = "a device that what it says goes to as a command, and its name, such as"
                        + " $${pump}/stop; may be repeated")
        private List<String> commands = new ArrayList<>();

        @Option(names = "--zone", description = "where days begin, such as Europe/Budapest")
        private @Nullable String zone;

        @Option(names = "--sql-version", description = "whose SQL it is: tributary, or a version of AWS IoT SQL")
        private @Nullable String sqlVersion;

        @Option(names = "--description", description = "what it is for")
        private @Nullable String description;

        @Option(names = "--state", description = "what it does from now on: draft, shadow, on or paused")
        private @Nullable String state;

        @Override
        public void run() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("sql", statement(file));
            ServerClient.put(body, "zone", zone);
            ServerClient.put(body, "sqlVersion", sqlVersion);
            ServerClient.put(body, "description", description);
            ServerClient.put(body, "state", state);
            List<Map<String, Object>> actions = new ArrayList<>();
            topics.forEach(topic -> actions.add(Map.of("topic", topic)));
            sinks.forEach(sink -> actions.add(Map.of("sink", sink)));
            rawSinks.forEach(sink -> actions.add(Map.of("sink", sink, "raw", true)));
            commands.forEach(command -> actions.add(Map.of("command", command)));
            if (!actions.isEmpty()) {
                body.put("actions", actions);
            }
            JsonNode rule = server.client().put(path(name), body);
            server.client()
                    .post("/api/v1/rules/check", toCheck(rule))
                    .path("warnings")
                    .forEach(warning -> server.err().println("warning: " + warning.asString()));
            server.err()
                    .println("saved " + name + ", version " + rule.path("version") + ", "
                            + rule.path("state").asString());
        }

        /// The rule as it is now, with what the call left as it was.
        private static Map<String, Object> toCheck(JsonNode rule) {
            Map<String, Object> body = new LinkedHashMap<>();
            for (String field : List.of("sql", "sqlVersion", "zone", "actions")) {
                body.put(field, rule.path(field));
            }
            return body;
        }
    }

    @Command(name = "rm", description = "Remove a rule with all that it remembers.")
    static final class Rm implements Runnable {
        @Mixin
        private final Removal removal = new Removal();

        @Override
        public void run() {
            removal.of("remove the rule %s with all that it remembers?", PATH);
        }
    }

    /// One rule to switch.
    static final class Which {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "the rule's name")
        private String name = "";

        void become(String state) {
            server.client().post(path(name) + "/state", Map.of("state", state));
            server.err().println(name + " is " + state);
        }
    }

    @Command(name = "on", description = "Let a rule run.")
    static final class On implements Runnable {
        @Mixin
        private final Which which = new Which();

        @Override
        public void run() {
            which.become("on");
        }
    }

    @Command(name = "shadow", description = "Let a rule run and show what it would say.")
    static final class Shadow implements Runnable {
        @Mixin
        private final Which which = new Which();

        @Override
        public void run() {
            which.become("shadow");
        }
    }

    @Command(name = "pause", description = "Let a rule do nothing; it keeps what it remembers.")
    static final class Pause implements Runnable {
        @Mixin
        private final Which which = new Which();

        @Override
        public void run() {
            which.become("paused");
        }
    }

    @Command(name = "draft", description = "Let a rule do nothing and forget what it remembers.")
    static final class Draft implements Runnable {
        @Mixin
        private final Which which = new Which();

        @Override
        public void run() {
            which.become("draft");
        }
    }

    @Command(name = "versions", description = "List the texts that a rule had, or show one of them.")
    static final class Versions implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "NAME", description = "the rule's name")
        private String name = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                defaultValue = "0",
                paramLabel = "VERSION",
                description = "one to show; without it all are listed")
        private int version;

        @Override
        public void run() {
            Table table = new Table("VERSION", "SAVED", "BY", "STATEMENT");
            boolean shown = false;
            for (JsonNode one : server.client().get(path(name) + "/versions").path("versions")) {
                if (version != 0 && one.path("version").asInt() != version) {
                    continue;
                }
                shown = true;
                if (server.json()) {
                    server.out().println(one);
                } else if (version != 0) {
                    server.out().println(one.path("sql").asString());
                } else {
                    table.row(
                            one.path("version").toString(),
                            When.shown(one.path("savedAt")),
                            one.path("savedBy").asString(),
                            one.path("sql").asString().strip().replaceAll("\\s+", " "));
                }
            }
            if (!shown) {
                throw new CommandFailure(
                        ExitCode.NOT_FOUND,
                        "the rule " + name + " has no version " + version,
                        "list them: tributary rule versions " + name);
            }
            if (version == 0 && !server.json()) {
                table.print(server.out());
            }
        }
    }

    @Command(name = "log", description = "Show what a rule said and failed at last.")
    static final class Log implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "the rule's name")
        private String name = "";

        @Override
        public void run() {
            JsonNode log = server.client().get(path(name) + "/log");
            if (server.json()) {
                server.out().println(log);
                return;
            }
            Table said = new Table("AT", "DEVICE", "SAID", "SENT");
            for (JsonNode saying : log.path("said")) {
                said.row(
                        saying.path("at").asString(),
                        saying.path("device").asString(""),
                        saying.path("payload").asString(),
                        saying.path("sent").toString());
            }
            said.print(server.out());
            if (!log.path("failed").isEmpty()) {
                server.out().println();
                Table failed = new Table("AT", "TOPIC", "FAILED AT", "WHY");
                for (JsonNode failure : log.path("failed")) {
                    failed.row(
                            failure.path("at").asString(),
                            failure.path("topic").asString(""),
                            failure.path("payload").asString(""),
                            failure.path("what").asString());
                }
                failed.print(server.out());
            }
        }
    }
}
