package tributary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a run found, collected once and shown as a table for people or as JSON for scripts, and what of it
/// breaks a promise.
final class Figures {
    private static final JsonMapper JSON = new JsonMapper();

    private final String title;
    private final StringBuilder lines = new StringBuilder();
    private final ObjectNode json = JSON.createObjectNode();
    private final List<String> broken = new ArrayList<>();

    Figures(String title) {
        this.title = title;
    }

    Figures count(String name, String key, long value) {
        json.put(key, value);
        return line(name, "%,d", value);
    }

    /// @param format of the line, with one number in it
    Figures number(String name, String key, String format, double value) {
        json.put(key, value);
        return line(name, format, value);
    }

    Figures latency(String name, String key, Histogram nanos) {
        ObjectNode percentiles = json.putObject(key);
        for (double percent : new double[] {50, 90, 99, 99.9}) {
            String label = percent == 99.9 ? "p99.9" : "p" + (int) percent;
            percentiles.put(label, nanos.getValueAtPercentile(percent) / 1e6);
        }
        percentiles.put("max", nanos.getMaxValue() / 1e6);
        return line(name, "%s", Report.percentiles(nanos));
    }

    /// CPU time of the server, where its process is known.
    ///
    /// @param per   what it is divided by: "published message", "delivery"
    /// @param count how many of these there were
    Figures serverCpu(String key, OptionalLong nanos, String per, long count) {
        if (nanos.isPresent()) {
            number("server", key, "%.2f us CPU a " + per, nanos.getAsLong() / 1e3 / Math.max(1, count));
        }
        return this;
    }

    Figures memory(String name, String key, OptionalLong bytes) {
        if (bytes.isPresent()) {
            json.put(key, bytes.getAsLong());
            line(name, "%,.1f MB", bytes.getAsLong() / 1048576.0);
        }
        return this;
    }

    /// A line for people only.
    Figures line(String name, String format, Object... values) {
        lines.append("  %-16s ".formatted(name))
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
        return this;
    }

    /// Something that was promised did not hold.
    Figures promise(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
        return this;
    }

    boolean good() {
        return broken.isEmpty();
    }

    String table() {
        StringBuilder out = new StringBuilder("  ").append(title).append("\n\n").append(lines);
        broken.forEach(why -> out.append("  BROKEN           ").append(why).append('\n'));
        return out.toString();
    }

    String json() {
        ObjectNode whole = JSON.createObjectNode();
        whole.put("title", title);
        whole.put("good", good());
        whole.setAll(json);
        ArrayNode why = whole.putArray("broken");
        broken.forEach(why::add);
        return whole.toString();
    }
}
