package tributary.simulator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import tributary.model.Quote;
import tributary.model.Settings;

/// One mapping of a scenario file. Who reads it asks for the keys it knows; what nobody asked for is a mistake.
final class YamlMap {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h|d)");

    private final Mistakes mistakes;
    private final Node node;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final TreeSet<String> asked = new TreeSet<>();

    /// @param what names the mapping in a mistake: `a sensor`
    YamlMap(Mistakes mistakes, Node node, String what) {
        this.mistakes = mistakes;
        this.node = node;
        if (!(node instanceof MappingNode mapping)) {
            mistakes.at(node, what + " is a mapping of keys to values");
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                mistakes.at(tuple.getKeyNode(), "a key is a plain word");
            } else if (entries.put(key.getValue(), tuple) != null) {
                mistakes.at(key, "'" + Quote.shorten(key.getValue()) + "' is given twice");
            }
        }
    }

    Mistakes mistakes() {
        return mistakes;
    }

    Node node() {
        return node;
    }

    List<String> keys() {
        return List.copyOf(entries.keySet());
    }

    boolean has(String key) {
        asked.add(key);
        return entries.containsKey(key);
    }

    @Nullable
    Node value(String key) {
        asked.add(key);
        NodeTuple tuple = entries.get(key);
        return tuple == null ? null : tuple.getValueNode();
    }

    /// @return the node that a mistake about this key should name
    Node place(String key) {
        NodeTuple tuple = entries.get(key);
        return tuple == null ? node : tuple.getKeyNode();
    }

    /// Reports every key that was not asked for, with the nearest of those that exist.
    void done() {
        for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
            if (!asked.contains(entry.getKey())) {
                mistakes.at(entry.getValue().getKeyNode(), unknown("key", entry.getKey(), asked));
            }
        }
    }

    static String unknown(String what, String typed, TreeSet<String> known) {
        String near = Settings.nearest(typed, known);
        return "unknown %s '%s'; %s"
                .formatted(
                        what,
                        Quote.shorten(typed),
                        near == null ? "there are " + String.join(", ", known) : "did you mean '" + near + "'?");
    }

    String text(String key, String fallback) {
        Node value = value(key);
        if (value == null) {
            return fallback;
        }
        if (value instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        mistakes.at(value, key + " is a text");
        return fallback;
    }

    String required(String key, String stand) {
        if (!has(key)) {
            mistakes.at(node, "'" + key + "' is missing");
        }
        return text(key, stand);
    }

    double required(String key, double min, double max) {
        if (!has(key)) {
            mistakes.at(node, "'" + key + "' is missing: a number" + range(min, max));
        }
        return number(key, Math.clamp(1, min, max), min, max);
    }

    double number(String key, double fallback, double min, double max) {
        Node value = value(key);
        if (value == null) {
            return fallback;
        }
        if (value instanceof ScalarNode scalar) {
            try {
                double number = Double.parseDouble(scalar.getValue());
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // reported below with the same words
            }
            mistakes.at(
                    value,
                    "%s is a number%s, was '%s'".formatted(key, range(min, max), Quote.shorten(scalar.getValue())));
        } else {
            mistakes.at(value, key + " is a number" + range(min, max));
        }
        return fallback;
    }

    int whole(String key, int fallback, int min, int max) {
        double number = number(key, fallback, min, max);
        if (number != Math.rint(number)) {
            mistakes.at(place(key), key + " is a whole number");
        }
        return (int) number;
    }

    boolean flag(String key, boolean fallback) {
        String text = text(key, Boolean.toString(fallback));
        if (!text.equals("true") && !text.equals("false")) {
            mistakes.at(place(key), key + " is true or false, was '" + Quote.shorten(text) + "'");
        }
        return text.equals("true");
    }

    /// A length of time such as `500ms`, `2s`, `20m`, `1h` or `1d`, in milliseconds.
    long millis(String key, long fallback, long min, long max) {
        Node value = value(key);
        if (value == null) {
            return fallback;
        }
        if (value instanceof ScalarNode scalar) {
            Matcher matcher = TIME.matcher(scalar.getValue());
            if (matcher.matches()) {
                long millis = Math.round(Double.parseDouble(matcher.group(1)) * unitMillis(matcher.group(2)));
                if (millis >= min && millis <= max) {
                    return millis;
                }
            }
        }
        mistakes.at(
                value,
                "%s is a time from %s to %s, such as 500ms, 2s, 20m, 1h or 1d".formatted(key, show(min), show(max)));
        return fallback;
    }

    long requiredMillis(String key, long min, long max) {
        if (!has(key)) {
            mistakes.at(node, "'" + key + "' is missing: a time such as 500ms, 2s, 20m, 1h or 1d");
        }
        return millis(key, max, min, max);
    }

    @Nullable
    YamlMap map(String key) {
        Node value = value(key);
        return value == null ? null : new YamlMap(mistakes, value, key);
    }

    List<Node> list(String key) {
        Node value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        mistakes.at(value, key + " is a list");
        return List.of();
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Node item : list(key)) {
            if (item instanceof ScalarNode scalar) {
                texts.add(scalar.getValue());
            } else {
                mistakes.at(item, key + " is a list of names");
            }
        }
        return texts;
    }

    private static long unitMillis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
    }

    private static String show(long millis) {
        return millis % 86_400_000 == 0 && millis > 0
                ? millis / 86_400_000 + "d"
                : millis % 1000 == 0 && millis > 0 ? millis / 1000 + "s" : millis + "ms";
    }

    private static String range(double min, double max) {
        if (min == -Double.MAX_VALUE && max == Double.MAX_VALUE) {
            return "";
        }
        if (max == Double.MAX_VALUE) {
            return " of at least " + plain(min);
        }
        return " from " + plain(min) + " to " + plain(max);
    }

    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }
}
