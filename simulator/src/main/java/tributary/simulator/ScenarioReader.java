package tributary.simulator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.model.Topic;

/// Reads a scenario file as far as it goes and collects every mistake.
final class ScenarioReader {
    private static final long HOUR_MILLIS = 3_600_000;
    private static final long DAY_MILLIS = 24 * HOUR_MILLIS;
    private static final String TELEMETRY = "devices/{id}/telemetry";

    private final Mistakes mistakes;

    ScenarioReader(String source) {
        this.mistakes = new Mistakes(source);
    }

    Scenario.Loaded read(String text) {
        Scenario scenario = null;
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setLabel("scenario")
                    .setMaxAliasesForCollections(50)
                    .setCodePointLimit(1 << 20)
                    .build();
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isPresent()) {
                scenario = scenario(root.get());
            } else {
                mistakes.at(0, "the file is empty");
            }
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(-1) + 1;
            mistakes.at(line, "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            mistakes.at(0, "not YAML: " + Quote.shorten(String.valueOf(e.getMessage())));
        }
        return scenario != null && mistakes.none()
                ? new Scenario.Loaded.Good(scenario)
                : new Scenario.Loaded.Mistaken(mistakes.all());
    }

    private @Nullable Scenario scenario(Node root) {
        YamlMap map = new YamlMap(mistakes, root, "a scenario");
        String name = map.required("name", "scenario");
        String about = map.text("about", "");
        long seed = (long) map.number("seed", 1, -9e15, 9e15);
        Map<String, Route> routes = routes(map);
        List<Group> groups = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int devices = 0;
        for (Node node : map.list("devices")) {
            Group group = group(new YamlMap(mistakes, node, "a group of devices"), routes);
            if (group != null) {
                groups.add(group);
                devices += group.count();
                if (!names.add(group.pattern())) {
                    mistakes.at(node, "two groups name their devices '" + Quote.shorten(group.pattern()) + "'");
                }
            }
        }
        if (!map.has("devices") || groups.isEmpty() && mistakes.none()) {
            mistakes.at(root, "'devices' is missing: a list of groups of devices");
        }
        if (devices > Scenario.DEVICES_MAX) {
            mistakes.at(map.place("devices"), "a scenario has at most " + Scenario.DEVICES_MAX + " devices");
        }
        map.done();
        return groups.isEmpty() ? null : new Scenario(name, about, seed, groups);
    }

    private Map<String, Route> routes(YamlMap map) {
        Map<String, Route> routes = new HashMap<>();
        if (!(map.value("routes") instanceof MappingNode named)) {
            if (map.has("routes")) {
                mistakes.at(map.place("routes"), "routes is a mapping of a name to waypoints");
            }
            return routes;
        }
        for (NodeTuple tuple : named.getValue()) {
            List<double[]> waypoints = new ArrayList<>();
            if (tuple.getValueNode() instanceof SequenceNode list) {
                list.getValue().forEach(point -> waypoint(point, waypoints));
            }
            if (tuple.getKeyNode() instanceof ScalarNode name) {
                try {
                    if (waypoints.size() < 2) {
                        throw new IllegalArgumentException("a route has two waypoints at least: [latitude, longitude]");
                    }
                    routes.put(name.getValue(), new Route(waypoints));
                } catch (IllegalArgumentException e) {
                    mistakes.at(name, String.valueOf(e.getMessage()));
                }
            }
        }
        return routes;
    }

    private void waypoint(Node node, List<double[]> to) {
        if (node instanceof SequenceNode pair && pair.getValue().size() == 2) {
            double latitude = degrees(pair.getValue().get(0));
            double longitude = degrees(pair.getValue().get(1));
            if (Math.abs(latitude) <= 89 && Math.abs(longitude) <= 180) {
                to.add(new double[] {latitude, longitude});
                return;
            }
        }
        mistakes.at(node, "a waypoint is [latitude, longitude] in degrees");
    }

    private static double degrees(Node node) {
        try {
            return node instanceof ScalarNode scalar ? Double.parseDouble(scalar.getValue()) : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private @Nullable Group group(YamlMap map, Map<String, Route> routes) {
        String pattern = map.required("name", "device-{n}");
        int count = map.whole("count", 1, 1, Scenario.DEVICES_MAX);
        names(map, pattern, count);
        String type = map.text("type", "");
        long tickMillis = map.millis("tick", 1000, 10, DAY_MILLIS);
        Rhythm rhythm = rhythm(map, tickMillis);
        Group.Gateway gateway = gateway(map);
        SensorReader reader = new SensorReader(mistakes, tickMillis, routes);
        Node sensorNode = map.value("sensors");
        Map<String, Sensor> sensors = sensorNode == null ? Map.of() : reader.read(sensorNode);
        if (sensorNode == null) {
            mistakes.at(map.node(), "'sensors' is missing: a mapping of a sensor's name to what it does");
        }
        List<MessageShape> messages = messages(map, sensors, tickMillis);
        map.done();
        return mistakes.none()
                ? new Group("", pattern, type, count, rhythm, gateway, messages, reader.memorySize())
                : null;
    }

    private void names(YamlMap map, String pattern, int count) {
        if (count > 1 && !Group.numbered(pattern)) {
            mistakes.at(map.place("name"), "the name of several devices holds {n}, such as pump-{n}");
        } else if (!DeviceId.valid(Group.named(pattern, count))) {
            mistakes.at(
                    map.place("name"),
                    "a device's name is letters, digits and . _ - :, was '" + Quote.shorten(pattern) + "'");
        }
    }

    private Rhythm rhythm(YamlMap map, long tickMillis) {
        YamlMap on = map.map("on");
        if (on == null) {
            long hour = Math.max(1, HOUR_MILLIS / tickMillis);
            return new Rhythm(tickMillis, hour, hour);
        }
        double share = on.required("share", 0.0001, 1);
        long period = Math.max(1, on.millis("period", HOUR_MILLIS, tickMillis, 30 * DAY_MILLIS) / tickMillis);
        on.done();
        return new Rhythm(tickMillis, period, Math.clamp(Math.round(period * share), 1, period));
    }

    private Group.@Nullable Gateway gateway(YamlMap map) {
        YamlMap gateway = map.map("gateway");
        if (gateway == null) {
            return null;
        }
        String pattern = gateway.required("name", "gateway-{n}");
        int devices = gateway.whole("devices", 100, 1, Scenario.DEVICES_MAX);
        if (!Group.numbered(pattern) || !DeviceId.valid(Group.named(pattern, 1))) {
            mistakes.at(gateway.place("name"), "a gateway's name is a device's name with {n} in it");
        }
        gateway.done();
        return new Group.Gateway(pattern, devices);
    }

    private List<MessageShape> messages(YamlMap map, Map<String, Sensor> sensors, long tickMillis) {
        if (!map.has("messages")) {
            MessageShape.Route route =
                    new MessageShape.Route(TELEMETRY, 1, MessageShape.Join.PRESENT, new Link(List.of()));
            return List.of(new MessageShape(route, List.copyOf(sensors.values())));
        }
        List<MessageShape> messages = new ArrayList<>();
        for (Node node : map.list("messages")) {
            messages.add(message(new YamlMap(mistakes, node, "a message"), sensors, tickMillis, messages.size()));
        }
        return messages;
    }

    private MessageShape message(YamlMap map, Map<String, Sensor> sensors, long tickMillis, int index) {
        String topic = map.text("topic", TELEMETRY);
        String fault = Topic.fault(topic.replace("{id}", "x"));
        if (fault != null) {
            mistakes.at(map.place("topic"), fault);
        }
        long everyMillis = map.millis("every", tickMillis, tickMillis, DAY_MILLIS);
        if (everyMillis % tickMillis != 0) {
            mistakes.at(map.place("every"), "every is a whole number of ticks of %d ms".formatted(tickMillis));
        }
        MessageShape.Join join = join(map);
        List<Sensor> chosen = new ArrayList<>();
        for (String name : map.texts("sensors")) {
            Sensor sensor = sensors.get(name);
            if (sensor != null) {
                chosen.add(sensor);
            } else if (!sensors.isEmpty()) {
                mistakes.at(map.place("sensors"), YamlMap.unknown("sensor", name, new TreeSet<>(sensors.keySet())));
            }
        }
        List<Node> filters = map.list("filters");
        Link link = new Words(mistakes, tickMillis, Map.of()).link(filters, Chance.key(0x117E, "message/" + index));
        map.done();
        MessageShape.Route route = new MessageShape.Route(topic, Math.max(1, everyMillis / tickMillis), join, link);
        return new MessageShape(route, map.has("sensors") ? chosen : List.copyOf(sensors.values()));
    }

    private MessageShape.Join join(YamlMap map) {
        String word = map.text("join", "present");
        for (MessageShape.Join join : MessageShape.Join.values()) {
            if (join.name().toLowerCase(Locale.ROOT).equals(word)) {
                return join;
            }
        }
        mistakes.at(map.place("join"), YamlMap.unknown("join of messages", word, new TreeSet<>(Words.MESSAGE_JOINS)));
        return MessageShape.Join.PRESENT;
    }
}
