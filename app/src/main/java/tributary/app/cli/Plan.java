package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What has to be done so that the server has what a [Manifest] has: nothing, where it has them.
///
/// @param steps   in their order: sinks, functions and tables before the rules that need them
/// @param strange names that the server has and the files have not, and that stay
record Plan(List<Step> steps, List<String> strange) {
    /// What a rule has where its file leaves it out.
    private static final Map<String, String> RULE_DEFAULTS =
            Map.of("sqlVersion", "tributary", "zone", "UTC", "description", "");

    /// Rows of a table that are shown.
    private static final int LINES_MAX = 50;

    /// How to plan.
    ///
    /// @param prune   whether what is not in the files is removed
    /// @param secrets whether secrets that are set are given again, which nobody can compare
    record Choice(boolean prune, boolean secrets) {}

    /// One thing to do.
    ///
    /// @param path    of the rule or sink over REST
    /// @param what    `rule hot` or `sink hook`
    /// @param changes fields that differ, with what they are to become; empty where it is new or goes
    /// @param lines   of a text that go and come, to be shown below
    /// @param body    what to put there, empty where it goes
    record Step(Kind kind, String path, String what, List<String> changes, List<String> lines, ObjectNode body) {
        /// What becomes of it.
        enum Kind {
            ADD("+"),
            CHANGE("~"),
            REMOVE("-");

            private final String sign;

            Kind(String sign) {
                this.sign = sign;
            }
        }

        /// @return the same for a script: what is done, to what, and the fields that differ
        ObjectNode json() {
            ObjectNode json = ServerClient.JSON
                    .createObjectNode()
                    .put("do", kind.name().toLowerCase(Locale.ROOT))
                    .put("what", what)
                    .put("path", path);
            changes.forEach(json.putArray("changes")::add);
            return json;
        }

        /// @return the line for people
        String line() {
            String first = kind.sign + " " + what + (changes.isEmpty() ? "" : ": " + String.join(", ", changes));
            return Stream.concat(Stream.of(first), lines.stream().map(line -> "      " + line))
                    .collect(Collectors.joining("\n"));
        }
    }

    /// What the server has, as it shows them; tables with their rows, those of the files at least.
    record Known(JsonNode rules, JsonNode functions, JsonNode sinks, JsonNode tables) {}

    static Plan of(Manifest manifest, Known known, Choice choice) {
        Map<String, JsonNode> knownRules = byName(known.rules());
        Map<String, JsonNode> knownFunctions = byName(known.functions());
        Map<String, JsonNode> knownSinks = byName(known.sinks());
        List<Step> steps = new ArrayList<>();
        List<String> strange = new ArrayList<>();
        manifest.sinks().forEach((name, wanted) -> sink(name, wanted, knownSinks.get(name), choice, steps));
        manifest.functions().forEach((name, wanted) -> function(name, wanted, knownFunctions.get(name), steps));
        Map<String, JsonNode> knownTables = byName(known.tables());
        manifest.tables().forEach((name, wanted) -> table(name, wanted, knownTables.get(name), steps));
        manifest.rules().forEach((name, wanted) -> rule(name, wanted, knownRules.get(name), steps));
        gone("rule ", "rules/", knownRules.keySet(), manifest.rules().keySet(), choice, steps, strange);
        gone(
                "function ",
                "functions/",
                knownFunctions.keySet(),
                manifest.functions().keySet(),
                choice,
                steps,
                strange);
        gone("table ", "tables/", knownTables.keySet(), manifest.tables().keySet(), choice, steps, strange);
        gone("sink ", "sinks/", knownSinks.keySet(), manifest.sinks().keySet(), choice, steps, strange);
        return new Plan(steps, strange);
    }

    private static Map<String, JsonNode> byName(JsonNode all) {
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        all.forEach(one -> byName.put(one.path("name").asString(), one));
        return byName;
    }

    private static void rule(String name, ObjectNode file, @Nullable JsonNode known, List<Step> steps) {
        ObjectNode wanted = file.deepCopy();
        RULE_DEFAULTS.forEach((field, value) -> {
            if (!wanted.has(field)) {
                wanted.put(field, value);
            }
        });
        if (!wanted.has("actions")) {
            wanted.putArray("actions");
        }
        // what is not so needs no word
        wanted.path("actions").forEach(action -> {
            if (action instanceof ObjectNode fields
                    && fields.path("raw").isBoolean()
                    && !fields.path("raw").asBoolean()) {
                fields.remove("raw");
            }
        });
        List<String> changes = new ArrayList<>();
        List<String> lines = List.of();
        if (known != null) {
            for (String field : new TreeSet<>(wanted.propertyNames())) {
                if (!same(wanted.path(field), known.path(field))) {
                    boolean text = field.equals("sql");
                    lines = text ? lines(known.path(field), wanted.path(field)) : lines;
                    changes.add(text ? field : field + " " + known.path(field) + " -> " + wanted.path(field));
                }
            }
        }
        add("rule " + name, "rules/" + ServerClient.piece(name), wanted, known != null, changes, lines, steps);
    }

    private static void function(String name, ObjectNode wanted, @Nullable JsonNode known, List<Step> steps) {
        boolean same = known != null && same(wanted.path("text"), known.path("text"));
        List<String> changes = known == null || same ? List.of() : List.of("text");
        List<String> lines = known == null || same ? List.of() : lines(known.path("text"), wanted.path("text"));
        add("function " + name, "functions/" + ServerClient.piece(name), wanted, known != null, changes, lines, steps);
    }

    private static void table(String name, ObjectNode wanted, @Nullable JsonNode known, List<Step> steps) {
        JsonNode rows = wanted.path("rows");
        List<String> changes = List.of();
        List<String> lines = List.of();
        if (known != null && !same(rows, known.path("rows"))) {
            changes = List.of("rows %d -> %d".formatted(known.path("rows").size(), rows.size()));
            List<String> all = LineDiff.of(inLines(known.path("rows")), inLines(rows));
            lines = new ArrayList<>(all.subList(0, Math.min(all.size(), LINES_MAX)));
            if (all.size() > LINES_MAX) {
                lines.add("and %d more".formatted(all.size() - LINES_MAX));
            }
        }
        add("table " + name, "tables/" + ServerClient.piece(name), wanted, known != null, changes, lines, steps);
    }

    private static String inLines(JsonNode rows) {
        return rows.valueStream().map(JsonNode::toString).collect(Collectors.joining("\n"));
    }

    private static List<String> lines(JsonNode before, JsonNode after) {
        return LineDiff.of(before.asString(""), after.asString(""));
    }

    private static void sink(String name, ObjectNode file, @Nullable JsonNode known, Choice choice, List<Step> steps) {
        ObjectNode wanted = file.deepCopy();
        if (!wanted.has("config")) {
            wanted.putObject("config");
        }
        Set<String> set = new TreeSet<>();
        if (known != null) {
            known.path("secrets").forEach(secret -> set.add(secret.asString()));
        }
        List<String> changes = new ArrayList<>();
        ObjectNode secrets = ServerClient.JSON.createObjectNode();
        wanted.path("secrets").properties().forEach(secret -> {
            if (choice.secrets() || !set.contains(secret.getKey())) {
                changes.add("secret " + secret.getKey());
                secrets.put(
                        secret.getKey(),
                        value(secret.getKey(), secret.getValue().asString()));
            }
            set.remove(secret.getKey());
        });
        set.forEach(secret -> {
            changes.add("secret " + secret + " goes");
            secrets.put(secret, "");
        });
        wanted.set("secrets", secrets);
        if (known != null) {
            for (String field : List.of("type", "config")) {
                if (!same(wanted.path(field), known.path(field))) {
                    changes.add(field + " " + known.path(field) + " -> " + wanted.path(field));
                }
            }
        } else {
            changes.clear();
        }
        add("sink " + name, "sinks/" + ServerClient.piece(name), wanted, known != null, changes, List.of(), steps);
    }

    private static void add(
            String what,
            String path,
            ObjectNode body,
            boolean known,
            List<String> changes,
            List<String> lines,
            List<Step> steps) {
        if (!known || !changes.isEmpty()) {
            steps.add(new Step(
                    known ? Step.Kind.CHANGE : Step.Kind.ADD,
                    "/api/v1/" + path,
                    what,
                    List.copyOf(changes),
                    List.copyOf(lines),
                    body));
        }
    }

    private static void gone(
            String kind,
            String path,
            Set<String> known,
            Set<String> wanted,
            Choice choice,
            List<Step> steps,
            List<String> strange) {
        for (String name : known) {
            if (wanted.contains(name)) {
                continue;
            }
            if (choice.prune()) {
                steps.add(new Step(
                        Step.Kind.REMOVE,
                        "/api/v1/" + path + ServerClient.piece(name),
                        kind + name,
                        List.of(),
                        List.of(),
                        ServerClient.JSON.createObjectNode()));
            } else {
                strange.add(kind + name);
            }
        }
    }

    /// Values are the same where they are written the same: `5` and `"5"` lead to one setting.
    private static boolean same(JsonNode wanted, JsonNode known) {
        if (wanted instanceof ObjectNode object && known instanceof ObjectNode other) {
            return object.size() == other.size()
                    && object.properties().stream()
                            .allMatch(field ->
                                    other.has(field.getKey()) && same(field.getValue(), other.path(field.getKey())));
        }
        if (wanted instanceof ArrayNode list && known instanceof ArrayNode other) {
            for (int i = 0; i < list.size(); i++) {
                if (i >= other.size() || !same(list.path(i), other.path(i))) {
                    return false;
                }
            }
            return list.size() == other.size();
        }
        return wanted.isContainer() == known.isContainer()
                && wanted.asString("").strip().equals(known.asString("").strip());
    }

    /// @return the secret itself: `$NAME` is an environment variable, `@FILE` a file
    private static String value(String name, String written) {
        if (written.startsWith("$")) {
            String value = System.getenv(written.substring(1));
            if (value == null) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "the secret %s is to be %s, which is not set".formatted(name, written),
                        "set it in the environment; nothing was changed");
            }
            return value;
        }
        if (written.startsWith("@")) {
            try {
                return Files.readString(Path.of(written.substring(1))).strip();
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "the secret %s cannot be read: %s".formatted(name, e.getMessage()),
                        "nothing was changed");
            }
        }
        throw new CommandFailure(
                ExitCode.USAGE,
                "the secret %s stands in the file itself".formatted(name),
                "write $NAME for an environment variable or @FILE for a file; nothing was changed");
    }
}
