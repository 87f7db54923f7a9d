package tributary.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;

/// Devices that look real, described in YAML and endless: the same seed gives the same bytes on any machine, on
/// any number of threads, from any tick on.
///
/// Immutable. [#device] makes the devices that are asked for messages, [ScenarioRun] plays them by the clock.
public final class Scenario {
    /// Tick 0 of every scenario: 2026-01-01T00:00:00Z. Values follow from the tick; only a run knows what time
    /// it is.
    public static final long EPOCH_MILLIS = 1_767_225_600_000L;

    /// More devices than this in one process are refused.
    public static final int DEVICES_MAX = 1_000_000;

    private static final List<String> SHIPPED = List.of("car-fleet", "heart-rate", "pump", "waterworks");
    private static final long FILE_BYTES_MAX = 1 << 20;

    private final String name;
    private final String about;
    private final long seed;
    private final List<Group> groups;

    /// How reading a scenario ended.
    public sealed interface Loaded {
        record Good(Scenario scenario) implements Loaded {}

        /// @param problems every mistake with file and line, in the order of the file
        record Mistaken(List<String> problems) implements Loaded {}
    }

    /// Who opens a connection, and for whom it speaks.
    ///
    /// @param id      of the device or gateway
    /// @param type    of device; `gateway` where it carries others
    /// @param carries other devices that speak through it; empty where it speaks for itself
    /// @param topics  that it publishes to beyond its own and its carried devices' telemetry
    public record Connection(String id, String type, List<Carried> carries, List<String> topics) {
        public Connection {
            carries = List.copyOf(carries);
            topics = List.copyOf(topics);
        }
    }

    /// A device behind a gateway.
    public record Carried(String id, String type) {}

    Scenario(String name, String about, long seed, List<Group> groups) {
        this.name = name;
        this.about = about;
        this.seed = seed;
        this.groups = List.copyOf(groups);
    }

    /// @return the names of the scenarios that come with Tributary
    public static List<String> shipped() {
        return SHIPPED;
    }

    /// @param nameOrPath one of [#shipped], or a YAML file
    public static Loaded load(String nameOrPath) {
        String source = nameOrPath;
        String text;
        try {
            if (SHIPPED.contains(nameOrPath)) {
                source = nameOrPath + ".yaml";
                text = shippedText(source);
            } else {
                Path file = Path.of(nameOrPath);
                if (!Files.isRegularFile(file)) {
                    return new Loaded.Mistaken(List.of("there is no file "
                            + YamlMap.unknown("scenario", nameOrPath, new TreeSet<>(SHIPPED))
                                    .replace("unknown scenario ", "")));
                }
                if (Files.size(file) > FILE_BYTES_MAX) {
                    return new Loaded.Mistaken(List.of(nameOrPath + ": a scenario has at most 1 MB"));
                }
                text = Files.readString(file);
            }
        } catch (IOException e) {
            return new Loaded.Mistaken(List.of(Quote.shorten(nameOrPath) + " cannot be read: " + e.getMessage()));
        }
        return parse(source, text);
    }

    /// @param source names the text in mistakes
    public static Loaded parse(String source, String text) {
        return new ScenarioReader(source).read(text);
    }

    public String name() {
        return name;
    }

    /// @return one line on what it shows
    public String about() {
        return about;
    }

    public long seed() {
        return seed;
    }

    public Scenario withSeed(long other) {
        return new Scenario(name, about, other, groups);
    }

    /// @param count of the first group's devices; other groups stay as they are
    public Scenario withCount(int count) {
        if (count < 1 || count > DEVICES_MAX) {
            throw new IllegalArgumentException("a scenario has 1 to %d devices, was %d".formatted(DEVICES_MAX, count));
        }
        List<Group> changed = new ArrayList<>(groups);
        changed.set(0, groups.getFirst().withCount(count));
        return new Scenario(name, about, seed, changed);
    }

    /// Puts the devices of every group behind gateways, where fewer connections than devices are wanted.
    ///
    /// @param pattern           of the gateways' names, with `{n}`
    /// @param devicesPerGateway at least 1
    public Scenario behindGateways(String pattern, int devicesPerGateway) {
        if (!Group.numbered(pattern) || devicesPerGateway < 1) {
            throw new IllegalArgumentException("a gateway's name has {n}, and it carries at least one device");
        }
        return new Scenario(
                name,
                about,
                seed,
                groups.stream()
                        .map(group -> group.withGateway(new Group.Gateway(pattern, devicesPerGateway)))
                        .toList());
    }

    /// Puts a text before the name of every device and gateway, so that two runs do not meet; values stay the
    /// same.
    public Scenario withPrefix(String prefix) {
        return new Scenario(
                name,
                about,
                seed,
                groups.stream().map(group -> group.withPrefix(prefix)).toList());
    }

    public int deviceCount() {
        return groups.stream().mapToInt(Group::count).sum();
    }

    /// @return how many devices each group has; their indices follow each other
    List<Integer> groupSizes() {
        return groups.stream().map(Group::count).toList();
    }

    /// @return the connections in the order of their devices, each with what it carries
    public List<Connection> connections() {
        Map<String, List<Carried>> carried = new LinkedHashMap<>();
        Map<String, Connection> own = new LinkedHashMap<>();
        for (Group group : groups) {
            for (int i = 0; i < group.count(); i++) {
                String device = group.name(i);
                String connection = group.connection(i);
                List<String> topics = otherTopics(group, device);
                String type = group.gateway() == null ? group.type() : "gateway";
                List<Carried> list = carried.computeIfAbsent(connection, _ -> new ArrayList<>());
                if (group.gateway() != null) {
                    list.add(new Carried(device, group.type()));
                }
                own.merge(connection, new Connection(connection, type, List.of(), topics), (a, b) -> {
                    List<String> both = new ArrayList<>(a.topics());
                    both.addAll(b.topics());
                    return new Connection(a.id(), a.type(), List.of(), both);
                });
            }
        }
        return own.values().stream()
                .map(c -> new Connection(c.id(), c.type(), carried.getOrDefault(c.id(), List.of()), c.topics()))
                .toList();
    }

    /// @param index from 0 to [#deviceCount] - 1
    /// @return a device of its own for the caller's thread
    public VirtualDevice device(int index) {
        int left = index;
        for (Group group : groups) {
            if (left < group.count() && left >= 0) {
                return new VirtualDevice(group, left, Chance.key(seed, name));
            }
            left -= group.count();
        }
        throw new IndexOutOfBoundsException(index);
    }

    private static List<String> otherTopics(Group group, String device) {
        return group.messages().stream()
                .map(shape -> shape.topic(device))
                .filter(topic -> !topic.startsWith("devices/" + device + "/"))
                .toList();
    }

    private static String shippedText(String file) throws IOException {
        @Nullable InputStream in = Scenario.class.getResourceAsStream(file);
        if (in == null) {
            throw new IllegalStateException("the build lacks " + file);
        }
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
