package tributary.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Devices;

/// One of the things that a shared live stream is about, written as a path: `values?device=pump-1`, `alerts`.
sealed interface Wish {
    /// The paths that there are, with the parameters of each.
    Map<String, Set<String>> KINDS = Map.of(
            "messages", Set.of("device", "topic"),
            "values", Set.of("device"),
            "latest", Set.of("device", "type", "label", "sensor", "limit"),
            "alerts", Set.of(),
            "attempts", Set.of());

    /// Each message as it was sent.
    record Messages(Selection of) implements Wish {}

    /// The readings of each message.
    record Values(Selection of) implements Wish {}

    /// The last values of devices, whenever they change, some times a second at most.
    ///
    /// @param device only this one, or null for those of the filter
    record Latest(@Nullable DeviceId device, Devices.Filter filter, Set<String> sensors, int limit) implements Wish {}

    /// What becomes of alerts.
    record Alerts() implements Wish {}

    /// What is refused.
    record Attempts() implements Wish {}

    /// @throws ProblemException where the text is no wish
    static Wish read(String text, TenantId tenant) {
        int mark = text.indexOf('?');
        String kind = mark < 0 ? text : text.substring(0, mark);
        Set<String> known = KINDS.get(kind);
        if (known == null) {
            throw Flaws.parameter(
                    "want", "must begin with one of " + String.join(", ", new TreeSet<>(KINDS.keySet())), text);
        }
        Map<String, List<String>> parameters = parameters(mark < 0 ? "" : text.substring(mark + 1), known);
        DeviceId device = device(one(parameters, "device"));
        String topic = one(parameters, "topic");
        Selection selection = new Selection(tenant, device, topic.isEmpty() ? null : topic(topic));
        return switch (kind) {
            case "messages" -> new Messages(selection);
            case "values" -> new Values(selection);
            case "latest" -> latest(device, parameters);
            case "alerts" -> new Alerts();
            default -> new Attempts();
        };
    }

    private static Latest latest(@Nullable DeviceId device, Map<String, List<String>> parameters) {
        Map<String, String> labels = DeviceRoutes.labels(parameters.getOrDefault("label", List.of()));
        Devices.Filter filter = new Devices.Filter("", one(parameters, "type"), null, labels);
        List<String> sensors = parameters.getOrDefault("sensor", List.of());
        if (sensors.size() > LatestRoutes.SENSORS_MAX) {
            throw Flaws.parameter(
                    "want", "may name " + LatestRoutes.SENSORS_MAX + " sensors", sensors.size() + " of them");
        }
        String limit = one(parameters, "limit");
        if (!limit.matches("|[1-9]\\d{0,2}") || !limit.isEmpty() && Integer.parseInt(limit) > LatestRoutes.PAGE_MAX) {
            throw Flaws.parameter("want", "has a limit from 1 to " + LatestRoutes.PAGE_MAX, limit);
        }
        return new Latest(device, filter, Set.copyOf(sensors), limit.isEmpty() ? 100 : Integer.parseInt(limit));
    }

    private static @Nullable DeviceId device(String id) {
        if (id.isEmpty()) {
            return null;
        }
        if (!DeviceId.valid(id)) {
            throw new ProblemException(Problem.notFound());
        }
        return new DeviceId(id);
    }

    private static TopicFilter topic(String text) {
        String fault = TopicFilter.fault(text);
        if (fault != null) {
            throw Flaws.parameter("want", fault, text);
        }
        return new TopicFilter(text);
    }

    private static String one(Map<String, List<String>> parameters, String name) {
        return parameters.getOrDefault(name, List.of("")).getFirst();
    }

    private static Map<String, List<String>> parameters(String query, Set<String> known) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (!known.contains(name)) {
                String near = Settings.nearest(name, List.copyOf(known));
                throw Flaws.parameter(
                        "want", "has no parameter of that name" + (near == null ? "" : "; did you mean " + near), name);
            }
            parameters
                    .computeIfAbsent(name, _ -> new ArrayList<>())
                    .add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Flaws.parameter("want", "is not escaped as in an address", text);
        }
    }
}
