package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary function ...`: functions in JavaScript that rules call, from the shell.
@Command(
        name = "function",
        description = "Write functions in JavaScript that rules call.",
        subcommands = {
            FunctionCommand.Ls.class,
            FunctionCommand.Show.class,
            FunctionCommand.Add.class,
            FunctionCommand.Rm.class
        })
final class FunctionCommand {
    private static final Pattern NAME = Pattern.compile("(?m)^\\s*function\\s+([A-Za-z0-9_$]+)\\s*\\(");

    private static final String PATH = "/api/v1/functions";

    private FunctionCommand() {}

    private static String path(String name) {
        return PATH + "/" + ServerClient.piece(name);
    }

    private static String parameters(JsonNode function) {
        return StreamSupport.stream(function.path("parameters").spliterator(), false)
                .map(JsonNode::asString)
                .collect(Collectors.joining(", "));
    }

    @Command(name = "ls", description = "List functions.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list = new Listing(1, "name", "version", "parameters", "text", "savedAt", "savedBy");

        @Override
        public void run() {
            list.all(
                    list.client().get(PATH).path("functions"),
                    new Table("NAME", "TAKES", "VERSION", "SAVED", "BY"),
                    function -> List.of(
                            function.path("name").asString(),
                            parameters(function),
                            function.path("version").toString(),
                            When.shown(function.path("savedAt")),
                            function.path("savedBy").asString()));
        }
    }

    @Command(name = "show", description = "Show the text of a function.")
    static final class Show implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "the function's name")
        private String name = "";

        @Override
        public void run() {
            JsonNode function = server.client().get(path(name));
            server.out()
                    .println(
                            server.json()
                                    ? function.toString()
                                    : function.path("text").asString());
        }
    }

    @Command(name = "add", description = "Save a function, or a new version of one.")
    static final class Add implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "FILE", description = "a file with function name(a, b) { ... }")
        private Path file = Path.of("function.js");

        @Override
        public void run() {
            String text;
            try {
                text = Files.readString(file);
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage(), "name a file with one function");
            }
            Matcher named = NAME.matcher(text);
            if (!named.find()) {
                throw new CommandFailure(
                        ExitCode.USAGE, file + " has no function name(a, b) { ... }", "nothing was changed");
            }
            JsonNode function = server.client().put(path(named.group(1)), Map.of("text", text));
            server.err()
                    .println("saved " + function.path("name").asString() + "(" + parameters(function) + "), version "
                            + function.path("version"));
        }
    }

    @Command(name = "rm", description = "Remove a function that no rule calls.")
    static final class Rm implements Runnable {
        @Mixin
        private final Removal removal = new Removal();

        @Override
        public void run() {
            removal.of("remove the function %s?", PATH);
        }
    }
}
