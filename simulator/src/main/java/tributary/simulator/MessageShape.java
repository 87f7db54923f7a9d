package tributary.simulator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How the sensors of a group become a message: topic, rhythm, which sensors, and how they are joined.
final class MessageShape {
    private final String topic;
    private final long everyTicks;
    private final Join join;
    private final Link link;
    private final List<Part> parts;

    /// What a message does about sensors that have no value at its tick.
    enum Join {
        /// Those that have a value are in it.
        PRESENT,
        /// It is sent only where all have one.
        ZIP,
        /// The last value of each is in it.
        LATEST
    }

    /// One sensor in the payload.
    ///
    /// @param parents names of the objects around it, each as `"name":{`
    /// @param name    its own, as `"name":`
    private record Part(List<byte[]> parents, byte[] name, Sensor sensor, Signal signal) {}

    /// When and where a message goes.
    ///
    /// @param topic `{id}` stands for the device
    record Route(String topic, long everyTicks, Join join, Link link) {}

    MessageShape(Route route, List<Sensor> sensors) {
        this.topic = route.topic();
        this.everyTicks = route.everyTicks();
        this.join = route.join();
        this.link = route.link();
        Map<String, byte[]> shared = new LinkedHashMap<>();
        List<Part> all = new ArrayList<>();
        for (Sensor sensor : grouped(sensors)) {
            List<byte[]> parents = new ArrayList<>();
            for (int depth = 1; depth < sensor.path().size(); depth++) {
                String prefix = String.join(".", sensor.path().subList(0, depth));
                String name = sensor.path().get(depth - 1);
                parents.add(shared.computeIfAbsent(prefix, _ -> utf8(JsonText.quoted(name) + ":{")));
            }
            Signal signal = join == Join.LATEST
                    ? new Joins.Latest(sensor.signal(), sensor.stepTicks(), Joins.LATEST_SAMPLES)
                    : sensor.signal();
            all.add(new Part(parents, utf8(JsonText.quoted(sensor.path().getLast()) + ":"), sensor, signal));
        }
        this.parts = List.copyOf(all);
    }

    String topic(String device) {
        return topic.replace("{id}", device);
    }

    Link link() {
        return link;
    }

    boolean due(long tick) {
        return Math.floorMod(tick, everyTicks) == 0;
    }

    long everyTicks() {
        return everyTicks;
    }

    /// Writes the payload of the message made at `tick`.
    ///
    /// @return whether there is a message at all
    boolean write(JsonText out, Track track, long tick, long timestampMillis) {
        out.clear();
        out.add(TS);
        out.whole(timestampMillis);
        List<byte[]> open = List.of();
        boolean any = false;
        for (Part part : parts) {
            double value = part.signal.at(track, tick);
            if (Double.isNaN(value)) {
                if (join == Join.ZIP) {
                    return false;
                }
                continue;
            }
            any = true;
            int common = common(open, part.parents);
            for (int i = open.size(); i > common; i--) {
                out.add('}');
            }
            // Something stands before it in this object: at least ts, or an earlier sensor.
            out.add(',');
            for (int i = common; i < part.parents.size(); i++) {
                out.add(part.parents.get(i));
            }
            open = part.parents;
            out.add(part.name);
            value(out, part.sensor, value);
        }
        for (int i = open.size(); i >= 0; i--) {
            out.add('}');
        }
        return any;
    }

    private static final byte[] TS = utf8("{\"ts\":");

    private static void value(JsonText out, Sensor sensor, double value) {
        switch (sensor.kind()) {
            case Sensor.Numbers _ -> out.number(value, sensor.decimals());
            case Sensor.Flags _ -> out.add(utf8(value == 0 ? "false" : "true"));
            case Sensor.Texts texts -> out.add(utf8(texts.words().get((int) value)));
        }
    }

    private static int common(List<byte[]> open, List<byte[]> wanted) {
        int common = 0;
        while (common < open.size() && common < wanted.size() && open.get(common) == wanted.get(common)) {
            common++;
        }
        return common;
    }

    /// Sensors with a common parent stand together, so that an object is opened once.
    private static List<Sensor> grouped(List<Sensor> sensors) {
        List<Sensor> left = new ArrayList<>(sensors);
        List<Sensor> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            take(left, ordered, left.getFirst().path(), 1);
        }
        return ordered;
    }

    /// Moves all that share the first `depth` parts of `path`, the deeper relatives together.
    private static void take(List<Sensor> left, List<Sensor> ordered, List<String> path, int depth) {
        List<Sensor> family = new ArrayList<>();
        for (Sensor sensor : List.copyOf(left)) {
            if (sensor.path().size() >= depth && sensor.path().subList(0, depth).equals(path.subList(0, depth))) {
                family.add(sensor);
            }
        }
        left.removeAll(family);
        while (!family.isEmpty()) {
            Sensor next = family.getFirst();
            if (next.path().size() == depth) {
                ordered.add(next);
                family.removeFirst();
            } else {
                take(family, ordered, next.path(), depth + 1);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
