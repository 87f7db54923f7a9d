package tributary.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tributary.decode.Decoder;
import tributary.gateway.Admission.Accepted;
import tributary.gateway.Admission.Reason;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.DoorProblem;
import tributary.gateway.Intake;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.registry.Principal;

/// Turns the lines of a batch into messages, each of the device that it names:
/// `{"device": "pump-1", "readings": [{"ts": 1690000000000, "temperature": 21.5}]}`.
///
/// What is in `readings` is a payload as the device itself would send it, and goes to the log byte for byte.
/// In its place may stand line protocol, `"lines": "weather t=21.5 1690000000", "precision": "s"`.
final class BatchWrite {
    private static final String UNREADABLE = DoorProblem.PAYLOAD_UNREADABLE.slug();
    private static final MessageProperties AS_JSON = MessageProperties.ofType("application/json");
    private static final JsonFactory JSON = JsonFactory.builder().build();

    /// The device that the bearer is.
    private static final String OWN = "me";

    private static final String AS_LINES = "application/x-influx-line-protocol; precision=";
    private static final Set<String> PRECISIONS = Set.of("ns", "us", "ms", "s");

    /// A request has at most so many lines, so that its answer and what it holds in memory stay small.
    private static final int LINES_MAX = 10_000;

    private static final int LISTED_MAX = 1_000;
    private static final String SHAPE = "a line is {\"device\": \"pump-1\", \"readings\": [{\"temperature\": 21.5}]}";

    private final Intake intake;
    private final Decoder decoder;

    BatchWrite(Intake intake, Decoder decoder) {
        this.intake = intake;
        this.decoder = decoder;
    }

    /// Something that is not stored.
    ///
    /// @param line  counted from 0
    /// @param index of the element of its readings, or -1 for the whole line
    /// @param code  what kind of refusal
    record Failure(int line, int index, String code, String reason) {}

    /// What will be appended, and what not.
    ///
    /// @param rejected how many parts are not stored; the first ones are in `failures`
    record Plan(List<Message> messages, List<Failure> failures, int accepted, int rejected) {
        byte[] json() {
            StringBuilder text = new StringBuilder("{\"accepted\":").append(accepted);
            if (rejected > 0) {
                text.append(",\"rejectedCount\":").append(rejected).append(",\"rejected\":[");
                for (int i = 0; i < failures.size(); i++) {
                    Failure failure = failures.get(i);
                    text.append(i == 0 ? "" : ",").append("{\"line\":").append(failure.line);
                    if (failure.index >= 0) {
                        text.append(",\"index\":").append(failure.index);
                    }
                    text.append(",\"code\":\"")
                            .append(failure.code)
                            .append("\",\"reason\":")
                            .append(Problem.quote(failure.reason))
                            .append('}');
                }
                text.append(']');
            }
            return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
        }
    }

    /// Decides about each line, and reads it as the lake will.
    ///
    /// @throws Refusal where nothing may be written: the sender is too fast, or the batch too long
    Plan plan(Principal principal, byte[] body, Caller caller) {
        Desk desk = new Desk(principal, caller);
        int line = 0;
        for (int from = 0; from < body.length; line++) {
            int to = from;
            while (to < body.length && body[to] != '\n') {
                to++;
            }
            if (line == LINES_MAX) {
                throw new Refusal(
                        Problem.of(
                                DoorProblem.BODY_TOO_LARGE,
                                "A batch has at most " + LINES_MAX + " lines. Send it in several requests."),
                        Cause.PAYLOAD_TOO_LARGE);
            }
            desk.line(line, body, from, to);
            from = to + 1;
        }
        return new Plan(desk.messages, desk.failures, desk.accepted, desk.rejected);
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

    /// One batch while it is read.
    private final class Desk {
        final Principal principal;
        final Caller caller;
        final List<Message> messages = new ArrayList<>();
        final List<Failure> failures = new ArrayList<>();
        int accepted;
        int rejected;

        Desk(Principal principal, Caller caller) {
            this.principal = principal;
            this.caller = caller;
        }

        void line(int number, byte[] body, int from, int to) {
            if (blank(body, from, to)) {
                return;
            }
            Parsed parsed;
            try {
                parsed = Parsed.of(body, from, to);
            } catch (JacksonException e) {
                fail(new Failure(number, -1, UNREADABLE, "the line is not JSON; " + SHAPE));
                return;
            }
            String device = parsed.device;
            byte[] payload = parsed.payload;
            if (device == null || payload == null || !parsed.known()) {
                fail(new Failure(number, -1, UNREADABLE, SHAPE));
            } else if (!device.equals(OWN) && !DeviceId.valid(device)) {
                fail(new Failure(
                        number,
                        -1,
                        "device-invalid",
                        "a device's name is 1 to 128 letters, digits and '. _ - :', beginning with a letter or digit"));
            } else {
                admit(number, device, payload, parsed.properties());
            }
        }

        private void admit(int number, String device, byte[] payload, MessageProperties properties) {
            Intake.Publish publish = new Intake.Publish(
                    principal,
                    "devices/" + device + "/telemetry",
                    payload,
                    Message.Origin.HTTP,
                    principal.subject(),
                    1,
                    false,
                    properties,
                    caller);
            switch (intake.admit(publish)) {
                case Accepted accept -> take(number, accept.message());
                case Refused refused
                when refused.reason() == Reason.EXPIRED_CREDENTIAL -> throw new Refusal(Problem.of(refused));
                case Refused refused ->
                    fail(new Failure(number, -1, Problem.of(refused).slug(), refused.detail()));
                case Throttled throttled -> throw new Refusal(Problem.of(throttled));
            }
        }

        private void take(int number, Message message) {
            Told told = new Told(LISTED_MAX);
            decoder.decode(message, told);
            int listed = told.listed().size();
            told.listed().forEach(part -> fail(new Failure(number, part.index(), UNREADABLE, part.reason())));
            rejected += told.rejected() - listed;
            accepted += told.accepted();
            if (told.accepted() > 0) {
                messages.add(message);
            }
        }

        private void fail(Failure failure) {
            rejected++;
            if (failures.size() < LISTED_MAX) {
                failures.add(failure);
            }
        }
    }

    /// What a line says, unknown members left aside.
    ///
    /// @param precision of the times in line protocol, or null where the payload is JSON
    private record Parsed(
            @Nullable String device,
            byte @Nullable [] payload,
            @Nullable String precision) {
        private static final Parsed NOTHING = new Parsed(null, null, null);

        static Parsed of(byte[] body, int from, int to) {
            String device = null;
            byte[] payload = null;
            String precision = null;
            boolean lines = false;
            try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body, from, to - from)) {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    return NOTHING;
                }
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = json.currentName();
                    JsonToken value = json.nextToken();
                    int begin = from + (int) json.currentTokenLocation().getByteOffset();
                    json.skipChildren();
                    boolean text = value == JsonToken.VALUE_STRING;
                    if (name.equals("device") && text) {
                        device = json.getString();
                    } else if (name.equals("precision") && text) {
                        precision = json.getString();
                    } else if (name.equals("lines") && text) {
                        payload = json.getString().getBytes(StandardCharsets.UTF_8);
                        lines = true;
                    } else if (name.equals("readings")
                            && (value == JsonToken.START_ARRAY || value == JsonToken.START_OBJECT)) {
                        payload = Arrays.copyOfRange(
                                body, begin, from + (int) json.currentLocation().getByteOffset());
                        lines = false;
                    }
                }
                boolean whole = json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
                String unit = precision == null ? "ns" : precision;
                return whole ? new Parsed(device, payload, lines ? unit : null) : NOTHING;
            }
        }

        boolean known() {
            return precision == null || PRECISIONS.contains(precision);
        }

        MessageProperties properties() {
            return precision == null ? AS_JSON : MessageProperties.ofType(AS_LINES + precision);
        }
    }

    private static boolean blank(byte[] body, int from, int to) {
        for (int i = from; i < to; i++) {
            if (body[i] != ' ' && body[i] != '\r' && body[i] != '\t') {
                return false;
            }
        }
        return true;
    }
}
