package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `tributary sink ...`: where outputs of rules go, from the shell.
@Command(
        name = "sink",
        description = "Where outputs of rules go: add, test and watch sinks, and look after what was not delivered.",
        subcommands = {
            SinkCommand.Ls.class,
            SinkCommand.Show.class,
            SinkCommand.Add.class,
            SinkCommand.Test.class,
            SinkCommand.Rm.class,
            SinkCommand.Dead.class
        })
final class SinkCommand {
    private static final String PATH = "/api/v1/sinks";

    private SinkCommand() {}

    private static String path(String name) {
        return PATH + "/" + ServerClient.piece(name);
    }

    @Command(name = "ls", description = "List sinks and how they do.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list = new Listing(
                1,
                "name",
                "type",
                "config",
                "secrets",
                "changedAt",
                "state",
                "delivered",
                "failures",
                "putAside",
                "behind",
                "waitingBytes",
                "lost",
                "lostAt",
                "lostWhy",
                "deadLetters",
                "deadBytes",
                "retryingSince",
                "nextTry",
                "lastError",
                "lastErrorAt",
                "lastDelivered",
                "incoming");

        @Override
        public void run() {
            list.all(
                    list.client().get(PATH).path("sinks"),
                    new Table(
                            "NAME",
                            "TYPE",
                            "STATE",
                            "DELIVERED",
                            "FAILURES",
                            "BEHIND",
                            "DEAD",
                            "LOST",
                            "INCOMING",
                            "LAST ERROR"),
                    sink -> List.of(
                            sink.path("name").asString(),
                            sink.path("type").asString(),
                            sink.path("state").asString(),
                            sink.path("delivered").toString(),
                            sink.path("failures").toString(),
                            sink.path("behind").toString(),
                            sink.path("deadLetters").toString(),
                            sink.path("lost").toString(),
                            incoming(sink.path("incoming")),
                            sink.path("lastError")
                                    .asString(sink.path("incoming")
                                            .path("lastError")
                                            .asString(""))));
        }

        private static String incoming(JsonNode incoming) {
            return incoming.isMissingNode() ? "" : incoming.path("state").asString("") + " " + incoming.path("taken");
        }
    }

    @Command(name = "show", description = "Show a sink.")
    static final class Show implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "name of the sink")
        private String name = "";

        @Override
        public void run() {
            JsonNode sink = server.client().get(path(name));
            if (server.json()) {
                server.out().println(sink);
                return;
            }
            for (Map.Entry<String, JsonNode> field : sink.properties()) {
                JsonNode value = field.getValue();
                server.out().printf("%-15s %s%n", field.getKey(), value.isString() ? value.asString() : value);
            }
        }
    }

    @Command(
            name = "add",
            description = {
                "Add a sink, or change one.",
                "tributary sink add alarms ntfy topic=my-alarms priority=5",
                "tributary sink add hook webhook url=https://example.com/in --secret token=..."
            })
    static final class Add implements Runnable {
        /// Fields whose value may come from a file; in others an @ is nothing but itself.
        private static final Set<String> FILES = Set.of("ca", "certificate");

        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "NAME", description = "name of the sink")
        private String name = "";

        @Parameters(index = "1", paramLabel = "TYPE", description = "webhook, folder and so on; see docs/sinks.md")
        private String type = "";

        @Parameters(
                index = "2..*",
                paramLabel = "FIELD=VALUE",
                description =
                        "fields of the type; headers.X-Site=north for one in an object, ca=@FILE for a certificate")
        private Map<String, String> fields = new LinkedHashMap<>();

        @Option(names = "--config", paramLabel = "FILE", description = "fields as a JSON object in a file")
        private @Nullable Path config;

        @Option(
                names = "--secret",
                paramLabel = "NAME=VALUE",
                description = "a password or key; VALUE @FILE reads it from a file")
        private Map<String, String> secrets = new LinkedHashMap<>();

        @Override
        public void run() {
            ObjectNode body = ServerClient.JSON.createObjectNode().put("type", type);
            ObjectNode all = body.putObject("config");
            if (config != null) {
                read(config).properties().forEach(field -> all.set(field.getKey(), field.getValue()));
            }
            fields.forEach((field, value) -> {
                int dot = field.indexOf('.');
                ObjectNode into = dot < 0 ? all : all.withObjectProperty(field.substring(0, dot));
                into.put(
                        field.substring(dot + 1),
                        FILES.contains(field) && value.startsWith("@") ? content(value) : value);
            });
            ObjectNode kept = body.putObject("secrets");
            secrets.forEach((secret, value) -> kept.put(secret, value.startsWith("@") ? content(value) : value));
            server.client().put(path(name), body);
            server.err().println("kept sink " + name + "; tributary sink test " + name + "      tries it");
        }

        private static JsonNode read(Path file) {
            try {
                return ServerClient.JSON.readTree(Files.readString(file));
            } catch (IOException | JacksonException e) {
                throw new CommandFailure(ExitCode.USAGE, file + " cannot be read as JSON: " + e.getMessage(), "");
            }
        }

        private static String content(String at) {
            Path file = Path.of(at.substring(1));
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.USAGE, file + " cannot be read: " + e.getMessage(), "");
            }
        }
    }

    @Command(name = "test", description = "Deliver a test message, and say what happened.")
    static final class Test implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "name of the sink")
        private String name = "";

        @Override
        public void run() {
            JsonNode tested = server.client().post(path(name) + "/test", Map.of());
            String what = tested.path("what").asString("");
            if (!tested.path("delivered").asBoolean()) {
                throw new CommandFailure(ExitCode.FAILED, "not delivered: " + what, "");
            }
            server.out().println(what + " in " + tested.path("millis") + " ms");
            server.out().flush();
        }
    }

    @Command(name = "rm", description = "Remove a sink, and what it had not delivered.")
    static final class Rm implements Runnable {
        @Mixin
        private final Removal removal = new Removal();

        @Override
        public void run() {
            removal.of("remove the sink %s and its dead letters?", PATH);
        }
    }

    @Command(
            name = "dead",
            description = "What a sink could not deliver.",
            subcommands = {DeadLs.class, DeadEdit.class, DeadRetry.class, DeadDrop.class})
    static final class Dead {
        private Dead() {}
    }

    /// One letter or all of them.
    static final class Which {
        @Parameters(index = "0", paramLabel = "NAME", description = "name of the sink")
        private String name = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "POSITION", description = "names the letter, see dead ls")
        private @Nullable String position;

        @Option(names = "--all", description = "all of the sink's")
        private boolean all;

        /// @return where it is, or they are
        String path() {
            if (all == (position != null)) {
                throw new CommandFailure(
                        ExitCode.USAGE, "name one letter, or say --all", "tributary sink dead ls NAME      lists them");
            }
            return SinkCommand.path(name) + "/dead" + (position == null ? "" : "/" + ServerClient.piece(position));
        }
    }

    @Command(name = "ls", description = "List dead letters.")
    static final class DeadLs implements Runnable {
        @Mixin
        private final Listing list =
                new Listing(1, "position", "rule", "device", "at", "payload", "reason", "attempts", "triedAt");

        @Parameters(paramLabel = "NAME", description = "name of the sink")
        private String name = "";

        @Override
        public void run() {
            ServerClient client = list.client();
            Table table = new Table("POSITION", "TRIED", "ATTEMPTS", "RULE", "DEVICE", "REASON", "PAYLOAD");
            String after = "";
            do {
                JsonNode page = client.get(path(name) + "/dead?limit=500" + (after.isEmpty() ? "" : "&after=" + after));
                for (JsonNode letter : page.path("letters")) {
                    list.one(
                            letter,
                            table,
                            one -> List.of(
                                    one.path("position").asString(""),
                                    When.shown(one.path("triedAt")),
                                    one.path("attempts").toString(),
                                    one.path("rule").asString(""),
                                    one.path("device").asString(""),
                                    one.path("reason").asString(""),
                                    one.path("payload").toString()));
                }
                after = page.path("next").asString("");
            } while (!after.isEmpty());
            list.end(table);
        }
    }

    @Command(
            name = "edit",
            description = {
                "Give a dead letter another payload; retry delivers it.",
                "tributary sink dead edit hook 1024 '{\"temp\": 21.5}'"
            })
    static final class DeadEdit implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "NAME", description = "name of the sink")
        private String name = "";

        @Parameters(index = "1", paramLabel = "POSITION", description = "names the letter, see dead ls")
        private String position = "";

        @Parameters(index = "2", arity = "0..1", paramLabel = "PAYLOAD", description = "JSON")
        private @Nullable String payload;

        @Option(names = "--file", paramLabel = "FILE", description = "a file with the payload")
        private @Nullable Path file;

        @Override
        public void run() {
            JsonNode letter = server.client()
                    .put(path(name) + "/dead/" + ServerClient.piece(position), Map.of("payload", json()));
            if (server.json()) {
                server.out().println(letter);
            } else {
                server.err()
                        .println("changed; deliver it with: tributary sink dead retry " + name + " "
                                + letter.path("position").asString());
            }
        }

        private JsonNode json() {
            if ((payload == null) == (file == null)) {
                throw new CommandFailure(
                        ExitCode.USAGE, "give the payload or a file with it", "write it as '{\"temp\": 21.5}'");
            }
            try {
                return ServerClient.JSON.readTree(file == null ? payload : Files.readString(file));
            } catch (IOException | JacksonException e) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "the payload is no JSON: " + e.getMessage(),
                        "write it as '{\"temp\": 21.5}', or --file FILE for a file with it");
            }
        }
    }

    @Command(name = "retry", description = "Deliver dead letters again. What fails stays, with the new reason.")
    static final class DeadRetry implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Mixin
        private final Which which = new Which();

        @Override
        public void run() {
            JsonNode answer = server.client().post(which.path() + "/retry", Map.of());
            server.err().println(which.all ? answer.path("count") + " will be tried again" : "it will be tried again");
        }
    }

    @Command(name = "drop", description = "Drop dead letters for good.")
    static final class DeadDrop implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Mixin
        private final Which which = new Which();

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public void run() {
            String path = which.path();
            String what = which.all ? "all dead letters" : "the dead letter " + which.position;
            Confirm.ask("drop " + what + " of the sink " + which.name + "?", yes, server.err());
            server.client().delete(path);
            server.err().println("dropped");
        }
    }
}
