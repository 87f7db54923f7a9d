package tributary.api;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.decode.ReadingSink;
import tributary.engine.RuleTracer;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.gateway.Cause;
import tributary.lake.Lake;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.TenantId;

/// Puts together what is known of one message, station by station, from what is on the disk: the log, the tables, the
/// registry, what waits for sinks. Only the attempts log is in memory.
final class Explanation {
    /// Readings, rejected parts and neighbours that are shown of each.
    static final int SHOWN_MAX = 100;

    private static final Duration AROUND = Duration.ofMinutes(1);
    private static final Duration PASS_MAX = Duration.ofSeconds(3);
    private static final int NEARBY_EACH = 10;

    private final Stations stations;
    private final RuleTracer tracer;
    private final RuleOutcomes outcomes;
    private final InstantSource clock;

    Explanation(Stations stations, InstantSource clock) {
        this.stations = stations;
        this.tracer = new RuleTracer(
                stations.log(), stations.registry(), stations.rules().scripts());
        this.outcomes = new RuleOutcomes(stations);
        this.clock = clock;
    }

    /// A device around a moment.
    record Around(TenantId tenant, DeviceId device, Instant at, Duration length) {
        Instant from() {
            return at.minus(length);
        }

        Instant to() {
            return at.plus(length);
        }
    }

    /// @param near the device's messages around it, oldest first
    ObjectNode of(LogScan.Found found, List<LogScan.Found> near, Duration lead) {
        Message message = found.message();
        Instant received = Micros.instant(message.receivedMicros());
        ObjectNode node = Json.object();
        node.put("id", id(found));
        node.set("message", Recorded.json(found.partition(), found.position(), message));
        Story story = new Story(node.putArray("story"));
        story.add("received", "good", received(found, received));
        story.add("rights", "good", rights(message));
        List<Attempt> refused = refused(message.tenant(), message.device(), received, AROUND);
        quota(story, refused);
        Decoded decoded = decode(message);
        decoded.tell(story, node);
        stored(story, node, found, decoded);
        List<RuleTracer.Story> rules = tracer.trace(new RuleTracer.Ask(
                message.tenant(), found.partition(), found.position(), message, lead, clock.instant(), PASS_MAX));
        outcomes.tell(story, node.putArray("rules"), found, rules);
        attempts(node, refused);
        nearby(node, found, near);
        return node;
    }

    /// No message of the device came around that time.
    ObjectNode ofNothing(Around around) {
        ObjectNode node = Json.object();
        node.putNull("id").putNull("message");
        Story story = new Story(node.putArray("story"));
        boolean kept = kept(around);
        story.add(
                "received",
                "bad",
                kept
                        ? "no message of '%s' came between %s and %s%s"
                                .formatted(around.device(), around.from(), around.to(), lastHeard(around))
                        : "the log does not reach back to %s any more; what came then is in the table messages"
                                .formatted(around.from()));
        List<Attempt> refused = refused(around.tenant(), around.device(), around.at(), around.length());
        story.add(
                "rights",
                refused.isEmpty() ? "none" : "bad",
                refused.isEmpty()
                        ? "nothing of this device was refused around that time, as far as is kept: a restart forgets"
                                + " what was refused, and a client that said a wrong name is seen by operators only"
                        : refused.getFirst().cause().slug() + ": "
                                + refused.getFirst().sentence());
        quota(story, refused);
        node.putArray("readings");
        node.put("readingsCount", 0);
        node.putArray("rejected");
        node.putArray("stored");
        node.putArray("rules");
        attempts(node, refused);
        node.putArray("nearby");
        return node;
    }

    /// Whether the log still has the messages of that time.
    private boolean kept(Around around) {
        int partition = stations.log().partitionOf(around.tenant(), around.device(), "");
        long start = stations.log().start(partition);
        return start == 0 || stations.log().positionAt(partition, around.from()) > start;
    }

    private String lastHeard(Around around) {
        return stations.lake()
                .rhythm(around.tenant(), around.device())
                .map(rhythm -> "; the last one with readings came at " + Micros.instant(rhythm.lastMicros()))
                .orElse("; it never sent a reading");
    }

    /// The lines for people.
    record Story(ArrayNode lines) {
        void add(String station, String state, String text) {
            lines.addObject().put("station", station).put("state", state).put("text", text);
        }
    }

    static String id(LogScan.Found found) {
        return found.partition() + "-" + found.position();
    }

    private static String received(LogScan.Found found, Instant received) {
        Message message = found.message();
        return "at %s over %s, %,d bytes to '%s', QoS %d; on the disk at position %d of partition %d of the log"
                .formatted(
                        received,
                        door(message),
                        message.payload().length,
                        message.topic(),
                        message.qos(),
                        found.position(),
                        found.partition());
    }

    private static String door(Message message) {
        return message.origin() == Message.Origin.PLATFORM
                ? "the platform itself"
                : message.origin().name().toLowerCase(Locale.ROOT);
    }

    private static String rights(Message message) {
        if (message.origin() == Message.Origin.PLATFORM) {
            return message.publisher().isEmpty()
                    ? "the platform made it"
                    : "'%s' made it".formatted(message.publisher());
        }
        DeviceId device = message.device();
        return "'%s' was let in and might publish to '%s'%s; what may not never gets into the log"
                .formatted(message.publisher(), message.topic(), device == null ? "" : " as device '" + device + "'");
    }

    private static void quota(Story story, List<Attempt> refused) {
        List<Attempt> over = refused.stream()
                .filter(attempt -> attempt.cause() == Cause.OVER_RATE)
                .toList();
        long count = over.stream().mapToLong(Attempt::count).sum();
        story.add(
                "quota",
                over.isEmpty() ? "good" : "bad",
                over.isEmpty()
                        ? "nothing of the device was refused for its quota around that time"
                        : "%,d of the device's messages were refused around that time: %s"
                                .formatted(count, over.getFirst().sentence()));
    }

    private List<Attempt> refused(TenantId tenant, @Nullable DeviceId device, Instant at, Duration around) {
        if (device == null) {
            return List.of();
        }
        Attempts.Wanted wanted = new Attempts.Wanted(tenant, false, device, Set.of(), Micros.of(at.minus(around)));
        long to = Micros.of(at.plus(around));
        return stations.attempts().before(wanted, Long.MAX_VALUE, 1_000).stream()
                .filter(attempt -> attempt.firstMicros() <= to)
                .limit(SHOWN_MAX)
                .toList();
    }

    private static void attempts(ObjectNode node, List<Attempt> refused) {
        ArrayNode all = node.putArray("refused");
        refused.forEach(attempt -> all.add(AttemptRoutes.json(attempt)));
    }

    private static void nearby(ObjectNode node, LogScan.Found found, List<LogScan.Found> near) {
        ArrayNode all = node.putArray("nearby");
        int at = near.indexOf(found);
        for (int i = Math.max(0, at - NEARBY_EACH); i < Math.min(near.size(), at + NEARBY_EACH + 1); i++) {
            LogScan.Found other = near.get(i);
            if (i != at) {
                all.addObject()
                        .put("id", id(other))
                        .put("receivedAt", Json.time(other.message().receivedMicros()))
                        .put("topic", other.message().topic().value())
                        .put("bytes", other.message().payload().length);
            }
        }
    }

    private Decoded decode(Message message) {
        Decoded decoded = new Decoded();
        stations.decoders().get().decode(message, decoded);
        return decoded;
    }

    /// What the decoder makes of it, now as then.
    private static final class Decoded implements ReadingSink {
        private final ArrayNode readings = Json.array();
        private final ArrayNode rejected = Json.array();
        private final List<String> reasons = new ArrayList<>();
        private long count;
        private long minTs = Long.MAX_VALUE;
        private long maxTs = Long.MIN_VALUE;

        void tell(Story story, ObjectNode node) {
            String state = reasons.isEmpty() ? count == 0 ? "none" : "good" : "bad";
            String text = count == 0 && reasons.isEmpty()
                    ? "its topic is no telemetry: it is a message, and stored as readings only where a rule says so"
                    : "%,d readings".formatted(count)
                            + (reasons.isEmpty() ? "" : "; rejected: " + reasons.getFirst())
                            + (reasons.size() > 1 ? " (and %,d more)".formatted(reasons.size() - 1) : "");
            story.add("decoded", state, text);
            node.set("readings", readings);
            node.put("readingsCount", count);
            node.set("rejected", rejected);
        }

        private @Nullable ObjectNode reading(String sensor, long tsMicros) {
            count++;
            minTs = Math.min(minTs, tsMicros);
            maxTs = Math.max(maxTs, tsMicros);
            return readings.size() < SHOWN_MAX
                    ? readings.addObject().put("sensor", sensor).put("at", Json.time(tsMicros))
                    : null;
        }

        @Override
        public void number(String sensor, long tsMicros, double value) {
            ObjectNode node = reading(sensor, tsMicros);
            if (node != null) {
                node.put("value", value);
            }
        }

        @Override
        public void whole(String sensor, long tsMicros, double value, String digits) {
            ObjectNode node = reading(sensor, tsMicros);
            if (node != null) {
                node.put("value", new BigInteger(digits));
            }
        }

        @Override
        public void text(String sensor, long tsMicros, String value) {
            ObjectNode node = reading(sensor, tsMicros);
            if (node != null) {
                node.put("value", value);
            }
        }

        @Override
        public void bool(String sensor, long tsMicros, boolean value) {
            ObjectNode node = reading(sensor, tsMicros);
            if (node != null) {
                node.put("value", value);
            }
        }

        @Override
        public void rejected(int index, String reason) {
            reasons.add(reason);
            if (rejected.size() < SHOWN_MAX) {
                rejected.addObject().put("index", index).put("reason", reason);
            }
        }
    }

    private void stored(Story story, ObjectNode node, LogScan.Found found, Decoded decoded) {
        Message message = found.message();
        ArrayNode stored = node.putArray("stored");
        if (stations.lake().visibleUpTo(found.partition()) <= found.position()) {
            story.add(
                    "stored",
                    "waits",
                    "the lake has not come to it yet"
                            + stations.lake().trouble().map(why -> ": " + why).orElse(""));
            return;
        }
        List<Lake.Kept> kept = stations.lake()
                .whereabouts(
                        message.tenant(),
                        new Lake.Sought(
                                message.device() == null ? "" : message.device().value(),
                                found.partition(),
                                found.position(),
                                message.receivedMicros(),
                                decoded.minTs,
                                decoded.maxTs));
        for (Lake.Kept rows : kept) {
            stored.addObject()
                    .put("table", rows.table())
                    .put("file", rows.file())
                    .put("rows", rows.rows());
        }
        long readings = kept.stream()
                .filter(rows -> rows.table().equals("readings"))
                .mapToLong(Lake.Kept::rows)
                .sum();
        String missing = readings < decoded.count
                ? "; %,d of its %,d readings are not there: the same sensor and time came again, in it or in a later"
                                .formatted(decoded.count - readings, decoded.count)
                        + " message, or retention or an erasure took them"
                : "";
        String where = kept.stream()
                .map(rows -> "%,d %s of %s in %s"
                        .formatted(
                                rows.rows(),
                                rows.rows() == 1 ? "row" : "rows",
                                rows.table(),
                                rows.file().isEmpty() ? "memory, and in the log" : rows.file()))
                .collect(Collectors.joining("; "));
        boolean none = kept.isEmpty();
        story.add(
                "stored",
                none ? decoded.count > 0 ? "bad" : "none" : "good",
                (none ? "no table has a row of it" : where) + (decoded.count == 0 ? "" : missing));
    }
}
