package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.gateway.Presence;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Message;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Devices: list, add, read, change, remove.
final class DeviceRoutes {
    private static final int PAGE_MAX = 500;
    private static final int METADATA_BYTES_MAX = 16 * 1024;

    private static final Schema LABELS =
            new Schema.Texts("short names to select by, {\"site\":\"brisbane\"}", 64, 256, 64);
    private static final Schema METADATA = new Schema.FreeObject("a JSON object of your own, at most 16 KB");
    private static final Schema.Text TYPE = Schema.text("what kind it is, such as pump", 128);
    private static final Schema.Text PARENT = Schema.text("the device that carries it", 128);

    private static final Schema.Obj CONNECTION = new Schema.Obj(
            "Connection",
            "Whether a device is connected; what was before the server's start is not known.",
            List.of(
                    must("connected", new Schema.Flag("itself, or through a device that carries it")),
                    orNull("since", new Schema.Moment("since when")),
                    orNull("through", Schema.text("the device whose connection it is, where it is another", 128)),
                    orNull("door", Schema.text("mqtt or websocket", 16)),
                    orNull("endedAt", new Schema.Moment("when its last connection ended")),
                    orNull("reason", Schema.text("why that ended", 500))));

    static final Schema.Obj DEVICE = new Schema.Obj(
            "Device",
            "A physical or logical unit that has sensors and may carry other devices.",
            List.of(
                    must("id", Schema.text("its name in the tenant", 128)),
                    orNull("parent", PARENT),
                    must("type", TYPE),
                    must("labels", LABELS),
                    must("metadata", METADATA),
                    must("createdAt", new Schema.Moment("when it was added")),
                    must("connection", CONNECTION)));

    private static final Schema.Obj NEW_DEVICE = new Schema.Obj(
            "NewDevice",
            "A device to add.",
            List.of(
                    must(
                            "id",
                            Schema.name(
                                    "its name: letters, digits and '. _ - :', beginning with a letter or digit", 128)),
                    orNull("parent", PARENT),
                    may("type", TYPE),
                    may("labels", LABELS),
                    may("metadata", METADATA)));

    private static final Schema.Obj REPLACEMENT = new Schema.Obj(
            "DeviceReplacement",
            "Everything of a device that can be changed; what is left out becomes empty.",
            List.of(orNull("parent", PARENT), may("type", TYPE), may("labels", LABELS), may("metadata", METADATA)));

    private static final Schema.Obj PATCH = new Schema.Obj(
            "DevicePatch",
            "Changes to a device (RFC 7396): what is left out stays, null removes; single labels and"
                    + " metadata fields too.",
            List.of(
                    orNull("parent", PARENT),
                    may("type", TYPE),
                    may("labels", new Schema.FreeObject("labels to set; null removes one")),
                    may("metadata", new Schema.FreeObject("metadata fields to set; null removes one"))));

    private static final Schema.Obj PAGE = Schema.page("DevicePage", "devices", DEVICE);

    private final Devices devices;
    private final Presence presence;
    private final InstantSource clock;

    DeviceRoutes(Devices devices, Presence presence, InstantSource clock) {
        this.devices = devices;
        this.presence = presence;
        this.clock = clock;
    }

    List<Route> routes() {
        List<Param> filter = List.of(
                Param.of("q", "part of the id"),
                Param.of("type", "exactly this type"),
                new Param("label", Schema.text("a label as name=value; all that are given", 400), true, false),
                Param.of("parent", "directly below this device"),
                Paging.AFTER,
                Paging.limit(PAGE_MAX));
        String one = "/api/v1/devices/{device}";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/devices",
                        Access.VIEWER,
                        new Doc("devices", "listDevices", "List devices", "In order of id, page by page."),
                        new Shape(filter, null, Success.json(200, PAGE)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/devices",
                        Access.OPERATOR,
                        new Doc("devices", "addDevice", "Add a device", ""),
                        new Shape(List.of(), NEW_DEVICE, Success.json(201, DEVICE)),
                        this::add),
                new Route(
                        Method.GET,
                        one,
                        Access.DEVICE,
                        new Doc("devices", "getDevice", "Show a device", ""),
                        new Shape(List.of(), null, Success.json(200, DEVICE)),
                        call -> answer(devices.find(call.tenant(), call.device()))),
                new Route(
                        Method.PUT,
                        one,
                        Access.OPERATOR,
                        new Doc("devices", "replaceDevice", "Replace what is known of a device", ""),
                        new Shape(List.of(), REPLACEMENT, Success.json(200, DEVICE)),
                        this::replace),
                new Route(
                        Method.PATCH,
                        one,
                        Access.OPERATOR,
                        new Doc("devices", "changeDevice", "Change a device", ""),
                        new Shape(List.of(), PATCH, Success.json(200, DEVICE)),
                        this::patch),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc(
                                "devices",
                                "removeDevice",
                                "Remove a device",
                                "Its credentials die with it, its children live on without a parent, and what it sent"
                                        + " stays in the tables."),
                        new Shape(List.of(), null, Success.none(204, "It is gone.")),
                        call -> devices.remove(call.tenant(), call.device()) ? Answer.done() : Answer.notFound()),
                new Route(
                        Method.GET,
                        one + "/children",
                        Access.VIEWER,
                        new Doc("devices", "listChildren", "List the devices that a device carries", ""),
                        new Shape(List.of(Paging.AFTER, Paging.limit(PAGE_MAX)), null, Success.json(200, PAGE)),
                        call -> page(call, new Devices.Filter("", "", call.device(), Map.of()))));
    }

    private Answer list(Call call) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : call.queries("label")) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw Flaws.parameter("label", "must be name=value", label);
            }
            labels.put(label.substring(0, equals), label.substring(equals + 1));
        }
        String parent = call.query("parent").orElse("");
        if (!parent.isEmpty() && !call.sees(parent)) {
            return Answer.notFound();
        }
        return page(
                call,
                new Devices.Filter(
                        call.query("q").orElse(""),
                        call.query("type").orElse(""),
                        parent.isEmpty() ? null : new DeviceId(parent),
                        labels));
    }

    private Answer page(Call call, Devices.Filter filter) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        String after = call.query("after").orElse("");
        if (!after.isEmpty() && !DeviceId.valid(after)) {
            throw Flaws.parameter("after", "must be the value of 'next' in the page before", after);
        }
        List<Device> found =
                devices.list(call.tenant(), filter, after.isEmpty() ? null : new DeviceId(after), limit + 1);
        List<Device> shown = found.subList(0, Math.min(limit, found.size()));
        ObjectNode page = Json.object();
        ArrayNode items = page.putArray("devices");
        shown.forEach(device -> items.add(json(device)));
        if (found.size() > limit) {
            page.put("next", shown.getLast().id().value());
        }
        return Answer.ok(page);
    }

    private Answer add(Call call) {
        String id = call.text("id", "");
        if (!DeviceId.valid(id)) {
            throw Flaws.field("id", fault(id));
        }
        Device device = new Device(
                call.tenant(),
                new DeviceId(id),
                parent(call, null),
                call.text("type", ""),
                labels(call.body().path("labels")),
                metadata(call.body().path("metadata")),
                clock.instant());
        return Answer.created(json(Flaws.kept(() -> devices.add(device))));
    }

    private Answer replace(Call call) {
        Optional<Device> before = devices.find(call.tenant(), call.device());
        if (before.isEmpty()) {
            return Answer.notFound();
        }
        Device device = new Device(
                call.tenant(),
                call.device(),
                parent(call, null),
                call.text("type", ""),
                labels(call.body().path("labels")),
                metadata(call.body().path("metadata")),
                before.get().createdAt());
        return answer(Flaws.kept(() -> devices.replace(device)));
    }

    private Answer patch(Call call) {
        Optional<Device> found = devices.find(call.tenant(), call.device());
        if (found.isEmpty()) {
            return Answer.notFound();
        }
        Device before = found.get();
        ObjectNode labels = Json.object();
        before.labels().forEach(labels::put);
        merge(labels, call.body().path("labels"));
        List<Problem.Flaw> flaws = SchemaCheck.flaws(labels, LABELS);
        if (!flaws.isEmpty()) {
            throw Flaws.field(
                    "labels", flaws.getFirst().where() + " " + flaws.getFirst().what());
        }
        JsonNode metadata = Json.read(before.metadata());
        if (metadata instanceof ObjectNode object) {
            merge(object, call.body().path("metadata"));
        }
        Device device = new Device(
                call.tenant(),
                call.device(),
                parent(call, before.parent()),
                call.text("type", before.type()),
                labels(labels),
                metadata(metadata),
                before.createdAt());
        return answer(Flaws.kept(() -> devices.replace(device)));
    }

    /// RFC 7396.
    private static void merge(ObjectNode into, JsonNode changes) {
        for (Map.Entry<String, JsonNode> change : new ArrayList<>(changes.properties())) {
            JsonNode value = change.getValue();
            if (value.isNull()) {
                into.remove(change.getKey());
            } else if (value.isObject()) {
                ObjectNode inner = into.path(change.getKey()) instanceof ObjectNode object ? object : Json.object();
                merge(inner, value);
                into.set(change.getKey(), inner);
            } else {
                into.set(change.getKey(), value);
            }
        }
    }

    private static @Nullable DeviceId parent(Call call, @Nullable DeviceId before) {
        JsonNode node = call.body().path("parent");
        if (node.isMissingNode()) {
            return before;
        }
        if (node.isNull()) {
            return null;
        }
        String id = node.stringValue();
        if (!call.sees(id)) {
            throw Flaws.field("parent", "must be a device of yours; add it first, or leave it out");
        }
        return new DeviceId(id);
    }

    private static Map<String, String> labels(JsonNode node) {
        Map<String, String> labels = new LinkedHashMap<>();
        node.properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().stringValue()));
        return labels;
    }

    private static String metadata(JsonNode node) {
        String text = node.isMissingNode() ? "{}" : Json.text(node);
        if (text.length() > METADATA_BYTES_MAX) {
            throw Flaws.field("metadata", "must have at most 16 KB as JSON, has " + text.length() + " characters");
        }
        return text;
    }

    private static String fault(String id) {
        try {
            new DeviceId(id);
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private Answer answer(Optional<Device> device) {
        return device.map(found -> Answer.ok(json(found))).orElseGet(Answer::notFound);
    }

    private ObjectNode json(Device device) {
        ObjectNode node = Json.object();
        node.put("id", device.id().value());
        DeviceId parent = device.parent();
        node.put("parent", parent == null ? null : parent.value());
        node.put("type", device.type());
        ObjectNode labels = node.putObject("labels");
        device.labels().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(label -> labels.put(label.getKey(), label.getValue()));
        node.set("metadata", Json.read(device.metadata()));
        node.put("createdAt", Json.time(device.createdAt()));
        Presence.Standing standing = presence.of(device.tenant(), device.id());
        ObjectNode connection = node.putObject("connection");
        connection.put("connected", standing.connected());
        connection.put("since", moment(standing.sinceMicros()));
        DeviceId through = standing.through();
        connection.put("through", through == null ? null : through.value());
        Message.Origin door = standing.door();
        connection.put("door", door == null ? null : Event.doorName(door));
        connection.put("endedAt", moment(standing.endedMicros()));
        connection.put("reason", standing.reason().isEmpty() ? null : standing.reason());
        return node;
    }

    private static @Nullable String moment(long micros) {
        return micros == 0 ? null : Json.time(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }
}
