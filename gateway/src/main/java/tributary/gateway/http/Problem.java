package tributary.gateway.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.io.JsonStringEncoder;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.CutOff;
import tributary.gateway.DoorProblem;
import tributary.model.Fault;

/// A refusal as RFC 9457 writes it: what, why, and what to do next.
///
/// @param kind     what the same problem has in every answer
/// @param detail   for this request
/// @param rejected what of the payload could not be read, where the problem is about that
/// @param headers  go with the answer
record Problem(DoorProblem kind, String detail, List<Rejection> rejected, Map<String, String> headers) {
    static final String MEDIA_TYPE = "application/problem+json";

    Problem {
        rejected = List.copyOf(rejected);
        headers = Map.copyOf(headers);
    }

    static Problem of(DoorProblem kind, String detail) {
        return new Problem(kind, detail, List.of(), Map.of());
    }

    int status() {
        return kind.status();
    }

    /// @return the name of its kind; stable
    String slug() {
        return kind.slug();
    }

    Problem with(String header, String value) {
        return new Problem(kind, detail, rejected, Map.of(header, value));
    }

    Problem retryAfter(Duration wait) {
        return with(
                "Retry-After", Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }

    static Problem bearerMissing() {
        return of(
                        DoorProblem.UNAUTHENTICATED,
                        "This needs a credential. Send the device's token: Authorization: Bearer <token>; a new one:"
                                + " tributary device token <device>.")
                .with("WWW-Authenticate", "Bearer realm=\"tributary\"");
    }

    static Problem bearerRefused() {
        return of(
                        DoorProblem.UNAUTHENTICATED,
                        "The credential is wrong, expired or revoked. Send a valid one in the header Authorization:"
                                + " Bearer <token>; a new one: tributary device token <device>.")
                .with("WWW-Authenticate", "Bearer realm=\"tributary\", error=\"invalid_token\"");
    }

    static Problem of(Refused refused) {
        String detail = sentence(refused.detail());
        return switch (refused.reason()) {
            case TOPIC_INVALID -> of(DoorProblem.TOPIC_INVALID, detail);
            case NOT_ALLOWED -> of(DoorProblem.FORBIDDEN, detail);
            case UNKNOWN_DEVICE -> of(DoorProblem.UNKNOWN_DEVICE, detail);
            case TOO_LARGE -> of(DoorProblem.BODY_TOO_LARGE, detail);
            case RETAINED_FULL -> of(DoorProblem.RETAINED_FULL, detail);
            case EXPIRED_CREDENTIAL ->
                of(DoorProblem.UNAUTHENTICATED, detail)
                        .with("WWW-Authenticate", "Bearer realm=\"tributary\", error=\"invalid_token\"");
        };
    }

    static Problem of(CutOff cut) {
        Problem problem = switch (cut.why()) {
            case TOO_SLOW -> of(DoorProblem.BODY_SLOW, cut.sentence());
            case UNREADABLE -> of(DoorProblem.INVALID_REQUEST, cut.sentence());
            case TOO_LARGE -> of(DoorProblem.BODY_TOO_LARGE, cut.sentence());
        };
        return problem.with("Connection", "close");
    }

    static Problem of(Throttled throttled) {
        return of(
                        DoorProblem.TOO_FAST,
                        "Nothing was stored: the limit is " + throttled.limit()
                                + ". Wait as long as Retry-After says and send it again.")
                .retryAfter(throttled.retryAfter());
    }

    static Problem of(Fault fault, String detail) {
        return of(DoorProblem.of(fault), sentence(detail) + " Nothing of it was stored; send it again later.")
                .retryAfter(Duration.ofSeconds(5));
    }

    private static String sentence(String detail) {
        return detail.endsWith(".") ? detail : detail + ".";
    }

    byte[] json() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        out.writeBytes(("{\"type\":\"/problems/" + slug() + "\",\"title\":" + quote(kind.title()) + ",\"status\":"
                        + status() + ",\"detail\":" + quote(detail))
                .getBytes(StandardCharsets.UTF_8));
        if (!rejected.isEmpty()) {
            out.writeBytes(Rejection.json(rejected));
        }
        out.write('}');
        return out.toByteArray();
    }

    static String quote(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }
}
