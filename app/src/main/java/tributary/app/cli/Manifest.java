package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.Settings;

/// Rules and sinks as the YAML files of a folder say they should be.
///
/// @param rules by name, as `PUT /api/v1/rules/{rule}` takes them
/// @param functions by name, as `PUT /api/v1/functions/{function}` takes them
/// @param sinks by name, as `PUT /api/v1/sinks/{sink}` takes them, secrets as they are written
/// @param tables by name, as `PUT /api/v1/tables/{table}` takes them
record Manifest(
        Map<String, ObjectNode> rules,
        Map<String, ObjectNode> functions,
        Map<String, ObjectNode> sinks,
        Map<String, ObjectNode> tables) {
    private static final Set<String> KINDS = Set.of("rules", "functions", "sinks", "tables");
    private static final Set<String> RULE_FIELDS =
            Set.of("sql", "sqlVersion", "zone", "description", "actions", "state");
    private static final Set<String> FUNCTION_FIELDS = Set.of("text");
    private static final Set<String> SINK_FIELDS = Set.of("type", "config", "secrets");
    private static final Set<String> TABLE_FIELDS = Set.of("rows", "file", "as-text");

    /// Reads `*.yaml` and `*.yml` of a folder and those below it, or one file.
    ///
    /// @throws CommandFailure with all mistakes at once
    static Manifest read(Path place) {
        List<String> problems = new ArrayList<>();
        Manifest manifest = new Manifest(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        List<Path> files = files(place);
        if (files.isEmpty()) {
            problems.add(place + ": there is no file *.yaml in it");
        }
        for (Path file : files) {
            manifest.add(file, problems);
        }
        if (!problems.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    String.join("\n", problems),
                    "nothing was changed; see docs/rules.md for the format");
        }
        return manifest;
    }

    private static List<Path> files(Path place) {
        try (Stream<Path> found = Files.walk(place)) {
            return found.filter(Files::isRegularFile)
                    .filter(file -> file.equals(place) || file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "cannot read " + e.getMessage(),
                    "name a folder with YAML files of rules and sinks");
        }
    }

    private void add(Path file, List<String> problems) {
        try {
            String text = Files.readString(file);
            Load load =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build());
            for (Object document : load.loadAllFromString(text)) {
                if (document != null) {
                    add(file, ServerClient.JSON.valueToTree(document), problems);
                }
            }
        } catch (YamlEngineException e) {
            problems.add(file + ": " + e.getMessage());
        } catch (IOException e) {
            problems.add(file + " cannot be read: " + e.getMessage());
        }
    }

    private void add(Path file, Object document, List<String> problems) {
        if (!(document instanceof ObjectNode object)) {
            problems.add(file + ": must have 'rules:', 'functions:', 'tables:' or 'sinks:'");
            return;
        }
        object.properties().forEach(kind -> {
            if (!KINDS.contains(kind.getKey())) {
                problems.add(
                        file + ": there is no '%s', only rules, functions, tables and sinks".formatted(kind.getKey()));
                return;
            }
            Kind of = of(kind.getKey());
            kind.getValue().properties().forEach(entry -> {
                String what = file + ": " + of.word() + " " + entry.getKey();
                if (!(entry.getValue() instanceof ObjectNode fields)) {
                    problems.add(what + " must have fields");
                    return;
                }
                check(what, fields, of.fields(), problems);
                if (of.word().equals("table")) {
                    load(file, what, fields, problems);
                }
                if (!fields.has(of.needed())) {
                    problems.add(what + " has no " + of.needed());
                }
                if (of.all().put(entry.getKey(), fields) != null) {
                    problems.add(what + " is there twice");
                }
            });
        });
    }

    /// Rows may be in a file of their own, beside the one that names it.
    private static void load(Path place, String what, ObjectNode table, List<String> problems) {
        if (table.has("file") && table.has("rows")) {
            problems.add(what + " has rows, and a file for them");
        } else if (table.has("file")) {
            Set<String> texts = new TreeSet<>();
            table.path("as-text").forEach(column -> texts.add(column.asString("")));
            try {
                Path rows = place.resolveSibling(table.path("file").asString(""));
                table.set("rows", TableRows.read(rows, texts, ','));
            } catch (CommandFailure e) {
                problems.add(what + ": " + e.getMessage());
            }
        }
        table.remove(List.of("file", "as-text"));
        if (table.has("rows") && !table.path("rows").isArray()) {
            problems.add(what + ": rows are a list");
        }
    }

    /// What there may be in files.
    private record Kind(String word, Set<String> fields, String needed, Map<String, ObjectNode> all) {}

    private Kind of(String kind) {
        return switch (kind) {
            case "rules" -> new Kind("rule", RULE_FIELDS, "sql", rules);
            case "tables" -> new Kind("table", TABLE_FIELDS, "rows", tables);
            case "functions" -> new Kind("function", FUNCTION_FIELDS, "text", functions);
            default -> new Kind("sink", SINK_FIELDS, "type", sinks);
        };
    }

    private static void check(String what, ObjectNode fields, Set<String> known, List<String> problems) {
        for (String field : fields.propertyNames()) {
            if (!known.contains(field)) {
                String near = near(field, known);
                problems.add(what
                        + ": there is no field '%s'%s"
                                .formatted(field, near == null ? "" : "; did you mean " + near + "?"));
            }
        }
    }

    private static @Nullable String near(String field, Set<String> known) {
        return Settings.nearest(field, known);
    }
}
