package tributary.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Problem.Flaw;
import tributary.model.Quote;
import tributary.registry.Dashboards;

/// A dashboard as the YAML that people keep beside their code, and as the JSON that pages read.
///
/// Strangers write these files: aliases, which can make a small text a huge value, are refused, and so is deep nesting,
/// before anything is built.
final class DashboardFile {
    private static final int DEPTH_MAX = 16;
    private static final LoadSettings READING = LoadSettings.builder()
            .setLabel("dashboard")
            .setCodePointLimit(Dashboards.TEXT_BYTES_MAX)
            .build();
    private static final DumpSettings WRITING = DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setWidth(110)
            .build();

    private DashboardFile() {}

    /// @return the dashboard in the text, checked
    /// @throws ProblemException which names each mistake
    static ObjectNode read(String yaml) {
        JsonNode read;
        try {
            demandPlain(yaml);
            read = node(new Load(READING).loadFromString(yaml));
        } catch (YamlEngineException e) {
            throw Flaws.field("yaml", "is not YAML: " + Quote.shorten(String.valueOf(e.getMessage())));
        }
        return checked(read, "/yaml");
    }

    /// @return the same with nothing wrong in it
    /// @param where what stands before the places of mistakes
    /// @throws ProblemException which names each mistake
    static ObjectNode checked(JsonNode read, String where) {
        List<Flaw> flaws = new ArrayList<>(SchemaCheck.flaws(read, DashboardSchemas.DASHBOARD));
        if (flaws.isEmpty()) {
            strangeNames(read, flaws);
        }
        if (!flaws.isEmpty() || !(read instanceof ObjectNode dashboard)) {
            throw new ProblemException(Problem.flawed(
                    ProblemCode.INVALID_BODY,
                    flaws.stream()
                            .map(flaw -> new Flaw(where + flaw.where(), flaw.what()))
                            .toList()));
        }
        return dashboard;
    }

    /// @return the dashboard as YAML
    static String yaml(JsonNode dashboard) {
        return new Dump(WRITING).dumpToString(plain(dashboard));
    }

    /// Widgets say `$name` for what a variable holds: each name has to be one.
    private static void strangeNames(JsonNode dashboard, List<Flaw> flaws) {
        Set<String> names = StreamSupport.stream(dashboard.path("variables").spliterator(), false)
                .map(variable -> "$" + variable.path("name").stringValue())
                .collect(Collectors.toSet());
        int index = 0;
        for (JsonNode widget : dashboard.path("widgets")) {
            for (String field : List.of("device", "label")) {
                String said = widget.path(field).asString("");
                if (said.startsWith("$") && !names.contains(said)) {
                    flaws.add(new Flaw(
                            "/widgets/" + index + "/" + field,
                            "there is no variable '" + said.substring(1) + "'; name it under variables"));
                }
            }
            index++;
        }
    }

    private static void demandPlain(String yaml) {
        int depth = 0;
        for (Event event : new Parse(READING).parseString(yaml)) {
            if (event instanceof AliasEvent) {
                throw Flaws.field("yaml", "must not have aliases (*name): write the value again");
            }
            boolean tagged = switch (event) {
                case ScalarEvent scalar -> scalar.getTag().isPresent();
                case CollectionStartEvent begin -> begin.getTag().isPresent();
                default -> false;
            };
            if (tagged) {
                throw Flaws.field("yaml", "must not have tags (!name): put texts in quotes");
            }
            if (event instanceof CollectionStartEvent && ++depth > DEPTH_MAX) {
                throw Flaws.field("yaml", "must not nest deeper than " + DEPTH_MAX);
            }
            if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> Json.object().nullNode();
            case Map<?, ?> map -> {
                ObjectNode object = Json.object();
                map.forEach((key, inner) -> object.set(String.valueOf(key), node(inner)));
                yield object;
            }
            case List<?> list -> {
                ArrayNode array = Json.array();
                list.forEach(inner -> array.add(node(inner)));
                yield array;
            }
            case Boolean flag -> Json.object().booleanNode(flag);
            case Integer number -> Json.object().numberNode(number);
            case Long number -> Json.object().numberNode(number);
            case Double number -> Json.object().numberNode(number);
            default -> Json.object().stringNode(value.toString());
        };
    }

    private static @Nullable Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(field -> map.put(field.getKey(), plain(field.getValue())));
            return map;
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(inner -> list.add(plain(inner)));
            return list;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber()) {
            return node.longValue();
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        return node.isNull() ? null : node.stringValue();
    }
}
