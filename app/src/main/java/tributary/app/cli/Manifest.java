package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
record Manifest(Map<String, ObjectNode> rules, Map<String, ObjectNode> functions, Map<String, ObjectNode> sinks) {
    private static final Set<String> KINDS = Set.of("rules", "functions", "sinks");
    private static final Set<String> RULE_FIELDS =
            Set.of("sql", "sqlVersion", "zone", "description", "actions", "state");
    private static final Set<String> FUNCTION_FIELDS = Set.of("text");
    private static final Set<String> SINK_FIELDS = Set.of("type", "config", "secrets");

    /// Reads `*.yaml` and `*.yml` of a folder and those below it, or one file.
    ///
    /// @throws CommandFailure with all mistakes at once
    static Manifest read(Path place) {
        List<String> problems = new ArrayList<>();
        Manifest manifest = new Manifest(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
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
            problems.add(file + ": must have 'rules:', 'functions:' or 'sinks:'");
            return;
        }
        object.properties().forEach(kind -> {
            if (!KINDS.contains(kind.getKey())) {
                problems.add(file + ": there is no '%s', only rules, functions and sinks".formatted(kind.getKey()));
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
                if (!fields.has(of.needed())) {
                    problems.add(what + " has no " + of.needed());
                }
                if (of.all().put(entry.getKey(), fields) != null) {
                    problems.add(what + " is there twice");
                }
            });
        });
    }

    /// What there may be in files.
    private record Kind(String word, Set<String> fields, String needed, Map<String, ObjectNode> all) {}

    private Kind of(String kind) {
        return switch (kind) {
            case "rules" -> new Kind("rule", RULE_FIELDS, "sql", rules);
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
