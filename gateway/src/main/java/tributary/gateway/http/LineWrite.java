package tributary.gateway.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.decode.LineCursor;
import tributary.gateway.Admission;
import tributary.gateway.Admission.Accepted;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.DoorProblem;
import tributary.gateway.Grounds;
import tributary.gateway.Intake;
import tributary.gateway.Route;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.registry.Principal;

/// Turns the lines of one write into messages: those of a device together, as they came.
///
/// A line is of the device that its tag `device`, else its tag `host` names, where the bearer may publish as that
/// device; else it is of the bearer's own.
final class LineWrite {
    private static final Set<String> PRECISIONS = Set.of("ns", "us", "ms", "s");

    /// A message is closed when it has so many bytes, well below what any message may have.
    private static final int MESSAGE_BYTES = 96 * 1024;

    /// Fields of a message, at most; a message may have 10,000 readings.
    private static final int READINGS_MAX = 9_000;

    private static final int FAILURES_SHOWN = 10;

    /// A line that is not stored.
    ///
    /// @param line counted from 1, as InfluxDB does
    record Failure(int line, String reason) {}

    /// What will be appended, and what not.
    record Plan(List<Message> messages, List<Failure> failures, int readings) {
        /// In words for InfluxDB's error.
        String summary() {
            StringBuilder text = new StringBuilder(readings == 0 ? "nothing was stored: " : "partial write: ");
            for (int i = 0; i < Math.min(FAILURES_SHOWN, failures.size()); i++) {
                text.append(i == 0 ? "" : "; ")
                        .append("line ")
                        .append(failures.get(i).line())
                        .append(": ")
                        .append(failures.get(i).reason());
            }
            if (failures.size() > FAILURES_SHOWN) {
                text.append("; and ").append(failures.size() - FAILURES_SHOWN).append(" more");
            }
            return text.append(readings == 0 ? "" : ". The other lines are stored.")
                    .toString();
        }
    }

    /// Lines of one device, gathered.
    private static final class Group {
        final Route route;
        byte[] bytes = new byte[1024];
        int length;
        int lines;
        int fields;

        /// The line of the body, counted from 0, that each line of the group is.
        int[] origin = new int[16];

        Group(Route route) {
            this.route = route;
        }

        /// @return whether the line should rather begin another message
        boolean full(byte[] body, LineCursor line) {
            return lines > 0 && (length >= MESSAGE_BYTES || fields + fields(body, line) > READINGS_MAX);
        }

        /// An equals sign a field, or fewer fields than that.
        private static int fields(byte[] body, LineCursor line) {
            int count = 0;
            for (int i = line.from(); i < line.to(); i++) {
                count += body[i] == '=' ? 1 : 0;
            }
            return count;
        }

        void add(byte[] body, LineCursor line) {
            fields += fields(body, line);
            int size = line.to() - line.from();
            if (length + size + 1 > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + size + 1));
            }
            System.arraycopy(body, line.from(), bytes, length, size);
            int number = line.index();
            for (int i = length; i < length + size; i++) {
                if (bytes[i] == '\n') {
                    number(number);
                }
            }
            number(number);
            length += size;
            bytes[length++] = '\n';
        }

        private void number(int number) {
            if (lines == origin.length) {
                origin = Arrays.copyOf(origin, lines * 2);
            }
            origin[lines++] = number;
        }
    }

    private final Intake intake;
    private final Decoder decoder;

    LineWrite(Intake intake, Decoder decoder) {
        this.intake = intake;
        this.decoder = decoder;
    }

    /// Sorts the lines by device, decides about each device's, and reads them as the lake will.
    ///
    /// @throws Refusal where nothing at all may be written
    Plan plan(Principal principal, byte[] body, String precision, Caller caller) {
        if (!PRECISIONS.contains(precision)) {
            throw new Refusal(
                    Problem.of(DoorProblem.INVALID_PARAMETER, "precision is one of ns, us, ms, s."),
                    Cause.PAYLOAD_UNREADABLE);
        }
        MessageProperties properties =
                MessageProperties.ofType("application/x-influx-line-protocol; precision=" + precision);
        Desk desk = new Desk(principal, properties, caller);
        LineCursor line = new LineCursor(body);
        while (line.next()) {
            Route route = desk.route(line);
            Group group = desk.groups.computeIfAbsent(route.typed(), _ -> new Group(route));
            if (group.full(body, line)) {
                desk.close(group);
                group = new Group(route);
                desk.groups.put(route.typed(), group);
            }
            group.add(body, line);
        }
        desk.groups.values().forEach(desk::close);
        if (desk.messages.isEmpty() && desk.failures.isEmpty()) {
            desk.failures.add(new Failure(1, "there is no line; send: temperature value=21.5"));
        }
        if (desk.messages.isEmpty() && desk.refusal != null) {
            throw new Refusal(desk.refusal);
        }
        desk.failures.sort((a, b) -> Integer.compare(a.line(), b.line()));
        return new Plan(desk.messages, desk.failures, desk.readings);
    }

    /// Hands the plan's messages to the log.
    List<DurableWait> append(Plan plan) {
        List<DurableWait> waits = new ArrayList<>(plan.messages().size());
        for (Message message : plan.messages()) {
            DurableWait wait = new DurableWait();
            intake.append(message, wait);
            waits.add(wait);
        }
        return waits;
    }

    /// InfluxDB's code for a status.
    static String code(int status) {
        return switch (status) {
            case 401 -> "unauthorized";
            case 403 -> "forbidden";
            case 404 -> "not found";
            case 413 -> "request too large";
            case 429 -> "too many requests";
            case 500 -> "internal error";
            case 503 -> "unavailable";
            default -> "invalid";
        };
    }

    /// One write while it is being sorted.
    private final class Desk {
        final Principal principal;
        final MessageProperties properties;
        final Caller caller;
        final Map<String, Route> routes = new HashMap<>();
        final Map<String, Group> groups = new LinkedHashMap<>();
        final List<Message> messages = new ArrayList<>();
        final List<Failure> failures = new ArrayList<>();
        int readings;

        /// Why the last device's lines were refused as a whole.
        @Nullable
        Problem refusal;

        Desk(Principal principal, MessageProperties properties, Caller caller) {
            this.principal = principal;
            this.properties = properties;
            this.caller = caller;
        }

        Route route(LineCursor line) {
            for (String tag : List.of("device", "host")) {
                String name = line.tag(tag);
                if (name != null && DeviceId.valid(name)) {
                    Route route = routes.computeIfAbsent(name, this::routeTo);
                    if (route instanceof Route.Open || principal.device() == null) {
                        return route;
                    }
                }
            }
            return routes.computeIfAbsent("me", this::routeTo);
        }

        private Route routeTo(String device) {
            return intake.route(principal, "devices/" + device + "/telemetry");
        }

        void close(Group group) {
            Admission admission = intake.admit(new Intake.Routed(
                    group.route,
                    Arrays.copyOf(group.bytes, group.length),
                    Message.Origin.HTTP,
                    principal.subject(),
                    1,
                    false,
                    properties,
                    caller));
            switch (admission) {
                case Accepted accepted -> take(accepted.message(), group);
                case Refused refused -> fail(group, refused.detail(), Problem.of(refused));
                case Throttled throttled -> fail(group, "over the limit " + throttled.limit(), Problem.of(throttled));
            }
        }

        private void fail(Group group, String reason, Problem problem) {
            refusal = problem;
            int before = -1;
            for (int i = 0; i < group.lines; i++) {
                if (group.origin[i] != before) {
                    failures.add(new Failure(group.origin[i] + 1, reason));
                }
                before = group.origin[i];
            }
        }

        private void take(Message message, Group group) {
            Told told = new Told(READINGS_MAX);
            decoder.decode(message, told);
            for (Rejection rejection : told.listed()) {
                int at = Math.min(rejection.index(), group.lines - 1);
                failures.add(new Failure(group.origin[at] + 1, rejection.reason()));
            }
            readings += told.accepted();
            if (told.accepted() > 0) {
                messages.add(message); // what the lake cannot read of it, it tells itself
            } else if (told.rejected() > 0) {
                String sentence = told.listed().getFirst().reason() + "; docs/payloads.md shows each format";
                intake.attempts().note(caller, Grounds.of(principal, Cause.PAYLOAD_UNREADABLE, sentence));
            }
        }
    }
}
