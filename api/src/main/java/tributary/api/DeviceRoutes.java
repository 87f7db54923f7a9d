package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.DeviceId;
import tributary.registry.Device;
import tributary.registry.Devices;

/// Devices: list, add, read, change, remove.
final class DeviceRoutes {
    private static final int PAGE_MAX = 500;
    private static final int METADATA_BYTES_MAX = 16 * 1024;

    private static final Schema.Obj NEW_DEVICE = new Schema.Obj(
            "NewDevice",
            "A device to add.",
            List.of(
                    must(
                            "id",
                            Schema.name(
                                    "its name: letters, digits and '. _ - :', beginning with a letter or digit", 128)),
                    orNull("parent", DeviceView.PARENT),
                    may("type", DeviceView.TYPE),
                    may("labels", DeviceView.LABELS),
                    may("metadata", DeviceView.METADATA)));

    private static final Schema.Obj REPLACEMENT = new Schema.Obj(
            "DeviceReplacement",
            "Everything of a device that can be changed; what is left out becomes empty.",
            List.of(
                    orNull("parent", DeviceView.PARENT),
                    may("type", DeviceView.TYPE),
                    may("labels", DeviceView.LABELS),
                    may("metadata", DeviceView.METADATA)));

    private static final Schema.Obj PATCH = new Schema.Obj(
            "DevicePatch",
            "Changes to a device (RFC 7396): what is left out stays, null removes; single labels and"
                    + " metadata fields too.",
            List.of(
                    orNull("parent", DeviceView.PARENT),
                    may("type", DeviceView.TYPE),
                    may("labels", new Schema.FreeObject("labels to set; null removes one")),
                    may("metadata", new Schema.FreeObject("metadata fields to set; null removes one"))));

    static final Param LABEL =
            new Param("label", Schema.text("a label as name=value; all that are given", 400), true, false);

    private static final Schema.Obj PAGE = Schema.page("DevicePage", "devices", DeviceView.DEVICE);

    private static final Param SKIP = Param.of(
            "skip",
            new Schema.Text(
                    "in place of after: leave out so many from the beginning; the answer has the total then",
                    0,
                    9,
                    "0|[1-9]\\d{0,8}",
                    List.of()));

    private static final Schema.Obj PART = new Schema.Obj(
            "DeviceList",
            "One page. Where `next` is present, ask again with `after=` that value.",
            List.of(
                    must("devices", new Schema.ListOf("the items of this page", DeviceView.DEVICE, PAGE_MAX)),
                    may("next", Schema.text("where the next page begins", 4096)),
                    may(
                            "total",
                            new Schema.Whole("how many there are in all; where skip is given", 0, Integer.MAX_VALUE))));

    private final Devices devices;
    private final DeviceView view;
    private final InstantSource clock;

    DeviceRoutes(Devices devices, DeviceView view, InstantSource clock) {
        this.devices = devices;
        this.view = view;
        this.clock = clock;
    }

    List<Route> routes() {
        List<Param> filter = List.of(
                Param.of("q", "part of the id"),
                Param.of("type", "exactly this type"),
                LABEL,
                Param.of("parent", "directly below this device"),
                Paging.AFTER,
                SKIP,
                Paging.limit(PAGE_MAX));
        String one = "/api/v1/devices/{device}";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/devices",
                        Access.VIEWER,
                        new Doc("devices", "listDevices", "List devices", "In order of id, page by page."),
                        new Shape(filter, null, Success.json(200, PART)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/devices",
                        Access.OPERATOR,
                        new Doc("devices", "addDevice", "Add a device", ""),
                        new Shape(List.of(), NEW_DEVICE, Success.json(201, DeviceView.DEVICE)),
                        this::add),
                new Route(
                        Method.GET,
                        one,
                        Access.DEVICE,
                        new Doc("devices", "getDevice", "Show a device", ""),
                        new Shape(List.of(), null, Success.json(200, DeviceView.DEVICE)),
                        call -> answer(devices.find(call.tenant(), call.device()))),
                new Route(
                        Method.PUT,
                        one,
                        Access.OPERATOR,
                        new Doc("devices", "replaceDevice", "Replace what is known of a device", ""),
                        new Shape(List.of(), REPLACEMENT, Success.json(200, DeviceView.DEVICE)),
                        this::replace),
                new Route(
                        Method.PATCH,
                        one,
                        Access.OPERATOR,
                        new Doc("devices", "changeDevice", "Change a device", ""),
                        new Shape(List.of(), PATCH, Success.json(200, DeviceView.DEVICE)),
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
        String parent = call.query("parent").orElse("");
        if (!parent.isEmpty() && !call.sees(parent)) {
            return Answer.notFound();
        }
        Devices.Filter filter = new Devices.Filter(
                call.query("q").orElse(""),
                call.query("type").orElse(""),
                parent.isEmpty() ? null : new DeviceId(parent),
                labelsAsked(call));
        Optional<String> skip = call.query("skip");
        return skip.isEmpty() ? page(call, filter) : part(call, filter, skip.get());
    }

    private Answer part(Call call, Devices.Filter filter, String skip) {
        if (call.query("after").isPresent()) {
            throw Flaws.parameter("skip", "stands in place of after, not beside it", skip);
        }
        int limit = Paging.limit(call, 100, PAGE_MAX);
        Devices.Part part = devices.part(call.tenant(), filter, Integer.parseInt(skip), limit);
        ObjectNode node = Paging.page(
                "devices",
                part.devices(),
                limit,
                view::json,
                device -> device.id().value());
        return Answer.ok(node.put("total", part.total()));
    }

    /// @return the labels that the parameter `label` asks for
    static Map<String, String> labelsAsked(Call call) {
        return labels(call.queries("label"));
    }

    /// @param given each as `name=value`
    static Map<String, String> labels(List<String> given) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : given) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw Flaws.parameter("label", "must be name=value", label);
            }
            labels.put(label.substring(0, equals), label.substring(equals + 1));
        }
        return labels;
    }

    private Answer page(Call call, Devices.Filter filter) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        String after = call.query("after").orElse("");
        if (!after.isEmpty() && !DeviceId.valid(after)) {
            throw Flaws.parameter("after", "must be the value of 'next' in the page before", after);
        }
        List<Device> found =
                devices.list(call.tenant(), filter, after.isEmpty() ? null : new DeviceId(after), limit + 1);
        return Answer.ok(Paging.page(
                "devices", found, limit, view::json, device -> device.id().value()));
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
        return Answer.created(view.json(Flaws.kept(() -> devices.add(device))));
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
        List<Problem.Flaw> flaws = SchemaCheck.flaws(labels, DeviceView.LABELS);
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
        return device.map(found -> Answer.ok(view.json(found))).orElseGet(Answer::notFound);
    }
}
