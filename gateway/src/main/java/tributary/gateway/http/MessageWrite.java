package tributary.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.gateway.Admission.Accepted;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Cause;
import tributary.gateway.DoorProblem;
import tributary.gateway.Intake;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TopicFilter;

/// Takes one message over: readings where the topic is telemetry, whatever it likes to be elsewhere.
final class MessageWrite {
    private static final TopicFilter TELEMETRY = new TopicFilter("devices/+/telemetry/#");
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final MessageProperties AS_JSON = MessageProperties.ofType("application/json");
    private static final int CONTENT_TYPE_CHARS_MAX = 128;

    /// More rejections than this are counted and not listed.
    private static final int LISTED_MAX = 100;

    /// Answers to the usual counts of readings, encoded once.
    private static final byte[][] ACCEPTED = new byte[65][];

    static {
        for (int i = 0; i < ACCEPTED.length; i++) {
            ACCEPTED[i] = accepted(i);
        }
    }

    private final Intake intake;
    private final Decoder decoder;
    private final Congestion congestion;
    private final Patience patience;

    MessageWrite(Intake intake, Decoder decoder, Congestion congestion, Patience patience) {
        this.intake = intake;
        this.decoder = decoder;
        this.congestion = congestion;
        this.patience = patience;
    }

    /// Returns when the message is durable.
    ///
    /// @return what to tell, as JSON; or null where there is nothing to tell
    /// @throws Refusal where nothing of it is stored, or nobody knows
    byte @Nullable [] take(Intake.Publish publish) {
        Message message = switch (intake.admit(publish)) {
            case Accepted accepted -> accepted.message();
            case Refused refused -> throw new Refusal(Problem.of(refused));
            case Throttled throttled -> throw new Refusal(Problem.of(throttled));
        };
        Told told = new Told(LISTED_MAX);
        decoder.decode(message, told);
        if (told.accepted() == 0 && told.rejected() > 0) {
            throw new Refusal(unreadable(told), Cause.PAYLOAD_UNREADABLE);
        }
        congestion.pass();
        DeviceId device = message.device();
        if (device != null) {
            intake.presence().seen(publish.principal(), device, publish.caller());
        }
        DurableWait wait = new DurableWait();
        intake.append(message, wait);
        wait.await(patience);
        return told.accepted() == 0 && !TELEMETRY.matches(message.topic()) ? null : answer(told);
    }

    /// @param contentType the header, or null where there is none
    /// @throws Refusal with 415 for one that cannot be one
    static MessageProperties properties(@Nullable String contentType) {
        if (contentType == null) {
            return MessageProperties.NONE;
        }
        if (contentType.equals("application/json")) {
            return AS_JSON;
        }
        if (contentType.length() > CONTENT_TYPE_CHARS_MAX) {
            throw new Refusal(
                    Problem.of(DoorProblem.UNSUPPORTED_MEDIA_TYPE, "The Content-Type is too long to be one."),
                    Cause.PAYLOAD_UNREADABLE);
        }
        // what curl says of any body that nobody described
        return contentType.startsWith(FORM) ? MessageProperties.NONE : MessageProperties.ofType(contentType);
    }

    private static Problem unreadable(Told told) {
        Rejection first = told.listed().getFirst();
        boolean type = first.reason().startsWith("content type ");
        String detail = "Nothing was stored: " + first.reason() + (told.rejected() > 1 ? ", and more" : "")
                + ". docs/payloads.md shows each format.";
        return new Problem(
                type ? DoorProblem.UNSUPPORTED_MEDIA_TYPE : DoorProblem.PAYLOAD_UNREADABLE,
                detail,
                told.listed(),
                Map.of());
    }

    private static byte[] answer(Told told) {
        if (told.rejected() == 0) {
            return told.accepted() < ACCEPTED.length ? ACCEPTED[told.accepted()] : accepted(told.accepted());
        }
        List<Rejection> first = told.listed();
        String listed = new String(Rejection.json(first), StandardCharsets.UTF_8);
        return ("{\"accepted\":" + told.accepted() + ",\"rejectedCount\":" + told.rejected() + listed + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] accepted(int count) {
        return ("{\"accepted\":" + count + "}").getBytes(StandardCharsets.UTF_8);
    }
}
