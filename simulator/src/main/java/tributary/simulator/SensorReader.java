package tributary.simulator;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import tributary.model.Quote;

/// Reads the sensors of one group: a generator or a join each, then filters, in the order in which they are
/// written.
final class SensorReader {
    private static final long DAY_MILLIS = 86_400_000;
    private static final int DEPTH_MAX = 8;

    private static final Set<String> OPTIONS = Set.of("decimals", "every", "filters");

    private final Mistakes mistakes;
    private final Words words;
    private final long tickMillis;
    private final Map<String, Node> written = new LinkedHashMap<>();
    private final Map<String, Sensor> read = new LinkedHashMap<>();
    private final Set<String> open = new HashSet<>();

    SensorReader(Mistakes mistakes, long tickMillis, Map<String, Route> routes) {
        this.mistakes = mistakes;
        this.tickMillis = tickMillis;
        this.words = new Words(mistakes, tickMillis, routes);
    }

    /// @return by name, in the order of the file
    Map<String, Sensor> read(Node node) {
        if (!(node instanceof MappingNode mapping)) {
            mistakes.at(node, "sensors is a mapping of a sensor's name to what it does");
            return Map.of();
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                mistakes.at(tuple.getKeyNode(), "a sensor's name is a plain word");
            } else if (written.put(key.getValue(), tuple.getValueNode()) != null) {
                mistakes.at(key, "there are two sensors '" + Quote.shorten(key.getValue()) + "'");
            } else if (!key.getValue().matches("[\\w-]+(\\.[\\w-]+){0,7}")) {
                mistakes.at(
                        key,
                        "a sensor's name is letters, digits, '_' and '-', nested by '.', was '"
                                + Quote.shorten(key.getValue()) + "'");
            }
        }
        if (written.isEmpty()) {
            mistakes.at(node, "a group has at least one sensor");
        }
        for (String name : written.keySet()) {
            sensor(name, node);
            for (String other : written.keySet()) {
                if (other.startsWith(name + ".")) {
                    mistakes.at(node, "'%s' is a sensor, so it cannot hold '%s'".formatted(name, other));
                }
            }
        }
        Map<String, Sensor> ordered = new LinkedHashMap<>();
        written.keySet().stream().filter(read::containsKey).forEach(name -> ordered.put(name, read.get(name)));
        return ordered;
    }

    /// Longs that a track keeps for these sensors.
    int memorySize() {
        return words.memorySize();
    }

    private @Nullable Sensor sensor(String name, Node asker) {
        Sensor known = read.get(name);
        if (known != null) {
            return known;
        }
        Node node = written.get(name);
        if (node == null) {
            mistakes.at(asker, YamlMap.unknown("sensor", name, new TreeSet<>(written.keySet())));
            return null;
        }
        if (open.size() >= DEPTH_MAX || !open.add(name)) {
            mistakes.at(asker, "sensor '" + Quote.shorten(name) + "' is made of itself");
            return null;
        }
        Sensor sensor = one(name, node);
        open.remove(name);
        if (sensor != null) {
            read.put(name, sensor);
        }
        return sensor;
    }

    private @Nullable Sensor one(String name, Node node) {
        YamlMap map = new YamlMap(mistakes, node, "sensor '" + Quote.shorten(name) + "'");
        int decimals = map.whole("decimals", 3, 0, 9);
        long step = ticks(map, "every", tickMillis, DAY_MILLIS);
        Words.Made made = source(map, name);
        List<Node> filters = map.list("filters");
        map.done();
        if (made == null) {
            return null;
        }
        Signal signal = made.signal();
        for (int i = 0; i < filters.size(); i++) {
            signal = words.filter(filters.get(i), new Words.Made(signal, made.kind()), salt(name + "/" + i));
        }
        Signal sampled = step == 1 ? signal : new Filters.Every(signal, step);
        return new Sensor(List.of(name.split("\\.")), sampled, made.kind(), decimals, step);
    }

    private Words.@Nullable Made source(YamlMap map, String name) {
        List<String> named = new ArrayList<>();
        for (String key : map.keys()) {
            if (Words.GENERATORS.contains(key) || Words.VALUE_JOINS.contains(key)) {
                map.has(key);
                named.add(key);
            }
        }
        if (named.size() != 1) {
            Set<String> all = new TreeSet<>(Words.GENERATORS);
            all.addAll(Words.VALUE_JOINS);
            all.forEach(map::has);
            if (named.isEmpty() && map.keys().stream().anyMatch(key -> !all.contains(key) && !OPTIONS.contains(key))) {
                return null; // a misspelt word, which done() tells with the nearest
            }
            mistakes.at(
                    map.node(),
                    named.isEmpty()
                            ? "sensor '%s' has no source; there are %s"
                                    .formatted(Quote.shorten(name), String.join(", ", all))
                            : "sensor '%s' has two sources: %s"
                                    .formatted(Quote.shorten(name), String.join(", ", named)));
            return null;
        }
        String word = named.getFirst();
        YamlMap options = map.map(word);
        if (options == null) {
            return null;
        }
        Words.Made made =
                Words.GENERATORS.contains(word) ? words.generator(word, options, salt(name)) : join(word, options);
        options.done();
        return made;
    }

    private Words.@Nullable Made join(String word, YamlMap options) {
        List<Signal> of = new ArrayList<>();
        boolean whole = true;
        for (String other : options.texts("of")) {
            Sensor sensor = sensor(other, options.node());
            if (sensor == null) {
                whole = false;
                continue;
            }
            if (!(sensor.kind() instanceof Sensor.Numbers)) {
                mistakes.at(options.node(), word + " is of numbers, '" + Quote.shorten(other) + "' has none");
            }
            of.add(sensor.signal());
        }
        if (of.isEmpty() && whole) {
            mistakes.at(options.node(), word + " needs a list of sensors: of: [a, b]");
        }
        return whole ? Words.valueJoin(word, of) : null;
    }

    private long ticks(YamlMap map, String key, long fallbackMillis, long maxMillis) {
        long millis = map.millis(key, fallbackMillis, tickMillis, maxMillis);
        if (millis % tickMillis != 0) {
            mistakes.at(map.place(key), "%s is a whole number of ticks of %d ms".formatted(key, tickMillis));
        }
        return Math.max(1, millis / tickMillis);
    }

    private static long salt(String name) {
        return Chance.key(0x5A17, name);
    }
}
