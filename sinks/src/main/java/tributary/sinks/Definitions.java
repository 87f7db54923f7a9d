package tributary.sinks;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.Settings;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// Reads definitions by the kinds of sinks that there are.
final class Definitions {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, SinkType> types;
    private final AddressGuard guard;
    private final Path folder;
    private final InstantSource clock;

    /// A definition that was read.
    record Prepared(List<SinkFlaw> flaws, Pace pace, SinkType.Plan plan) {}

    Definitions(List<SinkType> types, AddressGuard guard, Path folder, InstantSource clock) {
        this.types =
                types.stream().collect(Collectors.toMap(SinkType::name, type -> type, (a, _) -> a, LinkedHashMap::new));
        this.guard = guard;
        this.folder = folder;
        this.clock = clock;
    }

    List<String> types() {
        return List.copyOf(types.keySet());
    }

    /// @param testing whether it is for a test message
    Prepared read(SinkDefinition definition, JsonNode config, Map<String, String> secrets, boolean testing) {
        SinkType type = types.get(definition.type());
        if (type == null) {
            String near = Settings.nearest(definition.type(), types.keySet());
            SinkFlaw flaw = new SinkFlaw(
                    "/type",
                    "there is no type '%s', only %s%s"
                            .formatted(
                                    definition.type(),
                                    String.join(", ", types.keySet()),
                                    near == null ? "" : "; did you mean " + near + "?"));
            return new Prepared(List.of(flaw), Pace.SINGLE, () -> {
                throw new IllegalStateException(flaw.what());
            });
        }
        SinkFields fields = new SinkFields(config, secrets);
        Pace pace = Pace.read(fields, type.pace());
        SinkType.Place place = new SinkType.Place(
                definition.tenant(),
                definition.name(),
                definition.id(),
                state(definition),
                folder.resolve("out").resolve(definition.tenant().value()).resolve(definition.name()),
                guard,
                clock,
                testing);
        SinkType.Plan plan = type.plan(fields, place);
        return new Prepared(fields.flaws(), pace, plan);
    }

    /// @return the sink's own folder for what it has to remember
    Path state(SinkDefinition definition) {
        return folder.resolve("state").resolve(definition.id());
    }

    /// @return how many bytes may wait for it in files
    long waitingMax(SinkDefinition definition) {
        SinkType type = types.get(definition.type());
        try {
            SinkFields fields = new SinkFields(JSON.readTree(definition.config()), Map.of());
            return Pace.read(fields, type == null ? Pace.SINGLE : type.pace()).waitingMax();
        } catch (JacksonException e) {
            return Pace.WAITING_MAX;
        }
    }
}
