package tributary.app.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `tributary apply` and `tributary diff`: rules, functions, tables and sinks from YAML files, so that they can be kept
/// where code is.
final class ApplyCommand {
    private ApplyCommand() {}

    /// What both share.
    static final class Wanted {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Option(
                names = {"-f", "--files"},
                required = true,
                paramLabel = "DIR",
                description = "a folder with *.yaml, or one such file")
        private Path files = Path.of(".");

        @Option(names = "--prune", description = "remove rules, functions, tables and sinks that are not in the files")
        private boolean prune;

        @Option(names = "--secrets", description = "give secrets that are set again")
        private boolean secrets;

        Plan plan(ServerClient client) {
            Manifest manifest = Manifest.read(files);
            JsonNode functions = client.get("/api/v1/functions").path("functions");
            manifest.functions().forEach((name, function) -> checkFunction(client, name, function));
            manifest.rules().forEach((name, rule) -> check(client, name, rule, manifest));
            return Plan.of(
                    manifest,
                    new Plan.Known(
                            client.get("/api/v1/rules").path("rules"),
                            functions,
                            client.get("/api/v1/sinks").path("sinks"),
                            tables(client, manifest)),
                    new Plan.Choice(prune, secrets));
        }

        /// @return what tables the server has, with the rows of those that the files have
        private static JsonNode tables(ServerClient client, Manifest manifest) {
            JsonNode tables = client.get("/api/v1/tables").path("tables");
            for (JsonNode table : tables) {
                String name = table.path("name").asString();
                if (table instanceof ObjectNode known && manifest.tables().containsKey(name)) {
                    known.set(
                            "rows",
                            client.get("/api/v1/tables/" + ServerClient.piece(name))
                                    .path("rows"));
                }
            }
            return tables;
        }

        /// @return those of the files' functions that a rule seems to call: they are saved before it
        private static List<Map<String, String>> called(JsonNode rule, Manifest manifest) {
            String sql = rule.path("sql").asString("").toLowerCase(Locale.ROOT);
            List<Map<String, String>> called = new ArrayList<>();
            manifest.functions().forEach((name, function) -> {
                if (sql.contains(name)) {
                    called.add(
                            Map.of("name", name, "text", function.path("text").asString("")));
                }
            });
            return called;
        }

        /// Before anything is changed.
        private static void check(ServerClient client, String name, JsonNode rule, Manifest manifest) {
            List<Map<String, String>> functions = called(rule, manifest);
            Map<String, Object> body = new LinkedHashMap<>();
            if (!manifest.tables().isEmpty()) {
                body.put("tables", manifest.tables().keySet());
            }
            if (!functions.isEmpty()) {
                body.put("functions", functions);
            }
            rule.properties().forEach(field -> {
                if (!field.getKey().equals("state")) {
                    body.put(field.getKey(), field.getValue());
                }
            });
            JsonNode checked = client.post("/api/v1/rules/check", body);
            if (!checked.path("good").asBoolean()) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "rule %s, %s, line %s, column %s: %s"
                                .formatted(
                                        name,
                                        checked.path("field").asString(""),
                                        checked.path("line"),
                                        checked.path("column"),
                                        checked.path("message").asString("")),
                        checked.path("suggestion").asString("").isEmpty()
                                ? "nothing was changed"
                                : "did you mean " + checked.path("suggestion").asString("") + "? nothing was changed");
            }
        }

        private static void checkFunction(ServerClient client, String name, JsonNode function) {
            JsonNode checked = client.post(
                    "/api/v1/functions/check",
                    Map.of("name", name, "text", function.path("text").asString("")));
            if (!checked.path("good").asBoolean()) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "function " + name + ": " + checked.path("message").asString(""),
                        "nothing was changed");
            }
        }

        /// @return the exit code
        int difference() {
            Plan plan = plan(server.client());
            show(plan);
            return (plan.steps().isEmpty() ? ExitCode.OK : ExitCode.CHECK_FOUND_PROBLEMS).number();
        }

        private void show(Plan plan) {
            plan.steps().forEach(this::show);
            strange(plan);
        }

        void show(Plan.Step step) {
            server.out().println(server.json() ? step.json() : step.line());
            server.out().flush();
        }

        void strange(Plan plan) {
            plan.strange().forEach(name -> server.err().println("  " + name + " is not in the files, and stays"));
        }
    }

    @Command(name = "diff", description = "Say what apply would change; exit code 7 where there is anything.")
    static final class Diff implements Callable<Integer> {
        @Mixin
        private final Wanted wanted = new Wanted();

        @Override
        public Integer call() {
            return wanted.difference();
        }
    }

    @Command(name = "plan", description = "The same as diff.")
    static final class Planned implements Callable<Integer> {
        @Mixin
        private final Wanted wanted = new Wanted();

        @Override
        public Integer call() {
            return wanted.difference();
        }
    }

    @Command(
            name = "apply",
            description = "Make rules, functions, tables and sinks what YAML files say; done again it changes nothing.")
    static final class Apply implements Runnable {
        @Mixin
        private final Wanted wanted = new Wanted();

        @Option(names = "--dry-run", description = "say what would be done, as diff does, and do nothing")
        private boolean dryRun;

        @Override
        public void run() {
            ServerClient client = wanted.server.client();
            Plan plan = wanted.plan(client);
            if (dryRun) {
                wanted.show(plan);
                wanted.server.err().println(plan.steps().size() + " would be changed; nothing was");
                return;
            }
            // each is said when it is done, so that after a failure it is plain what was
            for (Plan.Step step : plan.steps()) {
                switch (step.kind()) {
                    case ADD, CHANGE -> client.put(step.path(), step.body());
                    case REMOVE -> client.delete(step.path());
                }
                wanted.show(step);
            }
            wanted.strange(plan);
            wanted.server
                    .err()
                    .println(
                            plan.steps().isEmpty()
                                    ? "nothing to change"
                                    : plan.steps().size() + " changed");
        }
    }
}
