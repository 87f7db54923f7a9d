package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tributary.gateway.Presence;
import tributary.lake.Lake;
import tributary.lake.Lake.Rhythm;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.registry.Device;

/// A device as the API shows it: what the registry knows, whether it is connected, and whether it is heard as usual.
final class DeviceView {
    static final Schema LABELS = new Schema.Texts("short names to select by, {\"site\":\"brisbane\"}", 64, 256, 64);
    static final Schema METADATA = new Schema.FreeObject("a JSON object of your own, at most 16 KB");
    static final Schema.Text TYPE = Schema.text("what kind it is, such as pump", 128);
    static final Schema.Text PARENT = Schema.text("the device that carries it", 128);

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

    private static final Schema.Obj HEALTH = new Schema.Obj(
            "DeviceHealth",
            "Whether a device is heard as often as it usually is. Its rhythm is learnt anew after each start.",
            List.of(
                    must(
                            "state",
                            Schema.oneOf(
                                    "good: as usual, or the rhythm is not known yet; late: three or more messages are"
                                            + " missing; new: never heard",
                                    "good",
                                    "late",
                                    "new")),
                    orNull("lastAt", new Schema.Moment("when its newest reading came")),
                    orNull("everySeconds", new Schema.Decimal("what usually lies between two messages")),
                    must("missed", new Schema.Whole("messages that should have come since", 0, Long.MAX_VALUE))));

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
                    must("connection", CONNECTION),
                    must("health", HEALTH)));

    private static final int LATE = 3;

    private final Presence presence;
    private final Lake lake;
    private final InstantSource clock;

    DeviceView(Presence presence, Lake lake, InstantSource clock) {
        this.presence = presence;
        this.lake = lake;
        this.clock = clock;
    }

    /// @return how many messages should have come since the device was heard last, where that is enough to call it late
    long late(Rhythm rhythm) {
        long missed = rhythm.missed(Micros.of(clock.instant()));
        return missed < LATE ? 0 : missed;
    }

    /// @return its health in one word
    String state(Device device) {
        return lake.rhythm(device.tenant(), device.id()).map(this::state).orElse("new");
    }

    private String state(Rhythm rhythm) {
        return late(rhythm) > 0 ? "late" : "good";
    }

    ObjectNode json(Device device) {
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
        connection(node.putObject("connection"), presence.of(device.tenant(), device.id()));
        health(node.putObject("health"), lake.rhythm(device.tenant(), device.id()));
        return node;
    }

    private static void connection(ObjectNode node, Presence.Standing standing) {
        node.put("connected", standing.connected());
        node.put("since", moment(standing.sinceMicros()));
        DeviceId through = standing.through();
        node.put("through", through == null ? null : through.value());
        Message.Origin door = standing.door();
        node.put("door", door == null ? null : Event.doorName(door));
        node.put("endedAt", moment(standing.endedMicros()));
        node.put("reason", standing.reason().isEmpty() ? null : standing.reason());
    }

    private void health(ObjectNode node, Optional<Rhythm> known) {
        if (known.isEmpty()) {
            node.put("state", "new").putNull("lastAt").putNull("everySeconds").put("missed", 0);
            return;
        }
        Rhythm rhythm = known.get();
        node.put("state", state(rhythm));
        node.put("lastAt", moment(rhythm.lastMicros()));
        node.put("everySeconds", rhythm.intervalMicros() == 0 ? null : rhythm.intervalMicros() / 1e6);
        node.put("missed", rhythm.missed(Micros.of(clock.instant())));
    }

    private static @Nullable String moment(long micros) {
        return micros == 0 ? null : Json.time(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }
}
