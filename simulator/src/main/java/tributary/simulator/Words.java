package tributary.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import tributary.model.Quote;

/// The words of the scenario language and what each is made of. `docs/simulator.md` names every one of them.
final class Words {
    /// Where values come from.
    static final List<String> GENERATORS = List.of(
            "constant",
            "counter",
            "sine",
            "walk",
            "normal",
            "markov",
            "poisson",
            "diurnal",
            "heart-rate",
            "vehicle",
            "switch");

    /// What happens to a value.
    static final List<String> FILTERS = List.of("noise", "quantise", "outlier", "stuck", "drop-out", "delay");

    /// What happens to a message on its way.
    static final List<String> MESSAGE_FILTERS = List.of("drop-out", "delay", "duplicate", "reorder");

    /// One value out of several.
    static final List<String> VALUE_JOINS = List.of("sum", "mean", "max");

    /// One message out of several sensors.
    static final List<String> MESSAGE_JOINS = List.of("present", "zip", "latest");

    private static final double ANY = Double.MAX_VALUE;
    private static final long YEAR_MILLIS = 365 * 86_400_000L;
    private static final int STATES_MAX = 32;

    private final Mistakes mistakes;
    private final long tickMillis;
    private final Map<String, Route> routes;
    private int memorySize;

    /// A source of values and what they stand for.
    record Made(Signal signal, Sensor.Kind kind) {
        static Made numbers(Signal signal) {
            return new Made(signal, new Sensor.Numbers());
        }
    }

    Words(Mistakes mistakes, long tickMillis, Map<String, Route> routes) {
        this.mistakes = mistakes;
        this.tickMillis = tickMillis;
        this.routes = routes;
    }

    int memorySize() {
        return memorySize;
    }

    @Nullable
    Made generator(String word, YamlMap o, long salt) {
        return switch (word) {
            case "constant" -> constant(o);
            case "counter" ->
                Made.numbers(new Generators.Counter(
                        o.number("start", 0, -ANY, ANY), o.number("step", 1, -ANY, ANY), o.number("wrap", 0, 0, ANY)));
            case "sine" ->
                Made.numbers(new Generators.Sine(
                        salt,
                        new Generators.Wave(
                                o.number("mean", 0, -ANY, ANY),
                                o.required("amplitude", -ANY, ANY),
                                o.requiredMillis("period", 1, YEAR_MILLIS) / 1000.0,
                                o.number("phase", 0, 0, 1)),
                        o.flag("spread", true)));
            case "walk" -> walk(o, salt);
            case "normal" ->
                Made.numbers(
                        new Generators.Normal(salt, o.number("mean", 0, -ANY, ANY), o.required("deviation", 0, ANY)));
            case "markov" -> markov(o, salt);
            case "poisson" -> Made.numbers(new Generators.Poisson(salt, o.required("per-hour", 0, 1e9)));
            case "diurnal" ->
                Made.numbers(new Generators.Diurnal(
                        salt,
                        o.required("mean", -ANY, ANY),
                        o.number("swing", 5, 0, ANY),
                        o.number("peak-hour", 14, 0, 24),
                        o.number("weather", 1, 0, ANY)));
            case "heart-rate" ->
                Made.numbers(new Generators.HeartRate(
                        salt, o.number("resting", 64, 30, 120), o.number("peak", 165, 60, 250)));
            case "vehicle" -> vehicle(o);
            case "switch" ->
                new Made(
                        new Generators.Switch(
                                salt, o.number("on", 0.5, 0, 1), o.millis("dwell", 60_000, 1, YEAR_MILLIS) / 1000.0),
                        new Sensor.Flags());
            default -> throw new IllegalArgumentException(word);
        };
    }

    static Made valueJoin(String word, List<Signal> of) {
        return Made.numbers(
                switch (word) {
                    case "sum" -> new Joins.Sum(of);
                    case "mean" -> new Joins.Mean(of);
                    case "max" -> new Joins.Max(of);
                    default -> throw new IllegalArgumentException(word);
                });
    }

    /// @param made what the filter is put behind
    Signal filter(Node node, Made made, long salt) {
        Named named = named(node, FILTERS, "filter");
        if (named == null) {
            return made.signal();
        }
        Signal from = made.signal();
        YamlMap o = named.options();
        Signal filtered = switch (named.word()) {
            case "noise" -> new Filters.Noise(from, salt, o.required("deviation", 0, ANY));
            case "quantise" -> new Filters.Quantise(from, o.required("step", 1e-9, ANY));
            case "outlier" ->
                new Filters.Outlier(from, salt, o.required("chance", 0, 1), o.required("size", -ANY, ANY));
            case "stuck" -> new Filters.Stuck(from, salt, o.required("chance", 0, 1), ticks(o, "lasting"));
            case "drop-out" -> new Filters.DropOut(from, salt, o.required("chance", 0, 1), ticks(o, "lasting"));
            case "delay" -> new Filters.Delay(from, ticks(o, "by"));
            default -> throw new IllegalArgumentException(named.word());
        };
        o.done();
        boolean numeric = List.of("noise", "quantise", "outlier").contains(named.word());
        if (numeric && !(made.kind() instanceof Sensor.Numbers)) {
            mistakes.at(node, named.word() + " is for numbers, this sensor has states");
            return from;
        }
        return filtered;
    }

    Link link(List<Node> nodes, long salt) {
        List<Link.Step> steps = new ArrayList<>();
        for (Node node : nodes) {
            Named named = named(node, MESSAGE_FILTERS, "message filter");
            if (named == null) {
                continue;
            }
            YamlMap o = named.options();
            long own = salt + steps.size();
            steps.add(
                    switch (named.word()) {
                        case "drop-out" -> new Link.DropOut(own, o.required("chance", 0, 1), ticks(o, "lasting"));
                        case "delay" -> new Link.Late(own, 1, ticks(o, "by"));
                        case "duplicate" -> new Link.Duplicate(own, o.required("chance", 0, 1));
                        case "reorder" -> new Link.Late(own, o.required("chance", 0, 1), ticks(o, "by"));
                        default -> throw new IllegalArgumentException(named.word());
                    });
            o.done();
        }
        Link link = new Link(List.copyOf(steps));
        if (link.ticksMax() > Link.TICKS_MAX) {
            mistakes.at(nodes.getFirst(), "delay and reorder together reach at most " + Link.TICKS_MAX + " ticks");
        }
        return link;
    }

    /// A filter is a mapping of one word to its options.
    private record Named(String word, YamlMap options) {}

    private @Nullable Named named(Node node, List<String> known, String what) {
        if (!(node instanceof MappingNode mapping)
                || mapping.getValue().size() != 1
                || !(mapping.getValue().getFirst().getKeyNode() instanceof ScalarNode word)) {
            mistakes.at(
                    node, "a " + what + " is one word with its options, such as  - " + known.getFirst() + ": {...}");
            return null;
        }
        if (!known.contains(word.getValue())) {
            mistakes.at(node, YamlMap.unknown(what, word.getValue(), new TreeSet<>(known)));
            return null;
        }
        Node options = mapping.getValue().getFirst().getValueNode();
        return new Named(word.getValue(), new YamlMap(mistakes, options, word.getValue()));
    }

    private long ticks(YamlMap o, String key) {
        long millis = o.millis(key, tickMillis, 1, YEAR_MILLIS);
        return Math.max(1, Math.round((double) millis / tickMillis));
    }

    private Made constant(YamlMap o) {
        String value = o.required("value", "0");
        if (value.equals("true") || value.equals("false")) {
            return new Made(new Generators.Constant(value.equals("true") ? 1 : 0), new Sensor.Flags());
        }
        try {
            return Made.numbers(new Generators.Constant(Double.parseDouble(value)));
        } catch (NumberFormatException e) {
            return new Made(new Generators.Constant(0), new Sensor.Texts(List.of(JsonText.quoted(value))));
        }
    }

    private @Nullable Made walk(YamlMap o, long salt) {
        double min = o.required("min", -ANY, ANY);
        double max = o.required("max", -ANY, ANY);
        double step = o.required("step", 0, ANY);
        if (max <= min) {
            mistakes.at(o.node(), "max is above min");
            return null;
        }
        memorySize += 3;
        return Made.numbers(new Generators.Walk(salt, memorySize - 3, step, min, max));
    }

    private @Nullable Made vehicle(YamlMap o) {
        List<Route> taken = new ArrayList<>();
        for (String name : o.texts("routes")) {
            Route route = routes.get(name);
            if (route == null) {
                mistakes.at(o.place("routes"), YamlMap.unknown("route", name, new TreeSet<>(routes.keySet())));
            } else {
                taken.add(route);
            }
        }
        if (taken.isEmpty()) {
            mistakes.at(o.node(), "a vehicle needs routes: [name], of those under 'routes' at the top of the file");
        }
        double speed = o.number("speed-kmh", 45, 1, 500) / 3.6;
        TreeSet<String> known = new TreeSet<>();
        Vehicle.Gives gives = null;
        String wanted = o.required("gives", "speed");
        for (Vehicle.Gives each : Vehicle.Gives.values()) {
            known.add(each.word());
            gives = each.word().equals(wanted) ? each : gives;
        }
        if (gives == null) {
            mistakes.at(o.place("gives"), YamlMap.unknown("number of a vehicle", wanted, known));
            return null;
        }
        return taken.isEmpty()
                ? null
                : Made.numbers(new Vehicle(Chance.key(0x5A17, "vehicle"), List.copyOf(taken), speed, gives));
    }

    private @Nullable Made markov(YamlMap o, long salt) {
        Map<String, YamlMap> states = new LinkedHashMap<>();
        Node node = o.value("states");
        if (!(node instanceof MappingNode mapping)
                || mapping.getValue().size() < 2
                || mapping.getValue().size() > STATES_MAX) {
            mistakes.at(o.node(), "markov needs states: {idle: {busy: 0.1}, busy: {idle: 0.2}}, two to " + STATES_MAX);
            return null;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode name) {
                states.put(name.getValue(), new YamlMap(mistakes, tuple.getValueNode(), "a state's chances"));
            }
        }
        List<String> names = List.copyOf(states.keySet());
        List<double[]> chances = new ArrayList<>();
        for (int from = 0; from < names.size(); from++) {
            YamlMap map = states.get(names.get(from));
            double[] row = new double[names.size()];
            double out = 0;
            for (int to = 0; map != null && to < names.size(); to++) {
                if (to != from) {
                    row[to] = map.number(names.get(to), 0, 0, 1);
                    out += row[to];
                }
            }
            if (map != null) {
                map.done();
            }
            if (out > 1 + 1e-9) {
                mistakes.at(
                        node,
                        "the chances to leave '%s' sum up to %s, more than 1"
                                .formatted(Quote.shorten(names.get(from)), String.format(Locale.ROOT, "%.3f", out)));
            }
            row[from] = Math.max(0, 1 - out);
            chances.add(row);
        }
        memorySize += 2;
        return new Made(
                new Generators.Markov(
                        salt, memorySize - 2, chances.stream().map(Words::sums).toList(), sums(longRun(chances))),
                new Sensor.Texts(names.stream().map(JsonText::quoted).toList()));
    }

    /// The shares of the states after very many ticks: the mean over a long way, which also settles where the
    /// states take turns.
    private static double[] longRun(List<double[]> chances) {
        int count = chances.size();
        double[] now = new double[count];
        Arrays.fill(now, 1.0 / count);
        double[] sum = new double[count];
        for (int round = 0; round < 20_000; round++) {
            double[] next = new double[count];
            for (int from = 0; from < count; from++) {
                for (int to = 0; to < count; to++) {
                    next[to] += now[from] * chances.get(from)[to];
                }
            }
            now = next;
            for (int i = 0; i < count; i++) {
                sum[i] += round >= 10_000 ? next[i] / 10_000 : 0;
            }
        }
        return sum;
    }

    private static double[] sums(double[] row) {
        double[] sums = row.clone();
        for (int i = 1; i < sums.length; i++) {
            sums[i] += sums[i - 1];
        }
        return sums;
    }
}
