package tributary.gateway.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.io.JsonStringEncoder;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.CutOff;
import tributary.model.Fault;

/// A refusal as RFC 9457 writes it: what, why, and what to do next.
///
/// @param slug     names the kind of problem; stable
/// @param detail   for this request
/// @param rejected what of the payload could not be read, where the problem is about that
/// @param headers  go with the answer
record Problem(
        int status, String slug, String title, String detail, List<Rejection> rejected, Map<String, String> headers) {
    static final String MEDIA_TYPE = "application/problem+json";

    Problem {
        rejected = List.copyOf(rejected);
        headers = Map.copyOf(headers);
    }

    static Problem of(int status, String slug, String title, String detail) {
        return new Problem(status, slug, title, detail, List.of(), Map.of());
    }

    Problem with(String header, String value) {
        return new Problem(status, slug, title, detail, rejected, Map.of(header, value));
    }

    Problem retryAfter(Duration wait) {
        return with(
                "Retry-After", Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }

    static Problem bearerMissing() {
        return of(
                        401,
                        "unauthenticated",
                        "No credential",
                        "This needs a credential. Send the device's token: Authorization: Bearer <token>; a new one:"
                                + " tributary device token <device>.")
                .with("WWW-Authenticate", "Bearer realm=\"tributary\"");
    }

    static Problem bearerRefused() {
        return of(
                        401,
                        "unauthenticated",
                        "Credential refused",
                        "The credential is wrong, expired or revoked. Send a valid one in the header Authorization:"
                                + " Bearer <token>; a new one: tributary device token <device>.")
                .with("WWW-Authenticate", "Bearer realm=\"tributary\", error=\"invalid_token\"");
    }

    static Problem of(Refused refused) {
        String detail = sentence(refused.detail());
        return switch (refused.reason()) {
            case TOPIC_INVALID -> of(400, "topic-invalid", "No such topic can be", detail);
            case NOT_ALLOWED -> of(403, "forbidden", "Not allowed", detail);
            case UNKNOWN_DEVICE -> of(404, "unknown-device", "No such device", detail);
            case TOO_LARGE -> of(413, "body-too-large", "Body too large", detail);
            case RETAINED_FULL -> of(422, "retained-full", "Cannot be retained", detail);
            case EXPIRED_CREDENTIAL ->
                of(401, "unauthenticated", "Credential expired", detail)
                        .with("WWW-Authenticate", "Bearer realm=\"tributary\", error=\"invalid_token\"");
        };
    }

    static Problem of(CutOff cut) {
        Problem problem = switch (cut.why()) {
            case TOO_SLOW -> of(408, "body-slow", "Body too slow", cut.sentence());
            case UNREADABLE -> of(400, "invalid-request", "Not a request that can be read", cut.sentence());
            case TOO_LARGE -> of(413, "body-too-large", "Body too large", cut.sentence());
        };
        return problem.with("Connection", "close");
    }

    static Problem of(Throttled throttled) {
        return of(
                        429,
                        "too-fast",
                        "Too many messages",
                        "Nothing was stored: the limit is " + throttled.limit()
                                + ". Wait as long as Retry-After says and send it again.")
                .retryAfter(throttled.retryAfter());
    }

    static Problem of(Fault fault, String detail) {
        String slug = fault.name().toLowerCase(Locale.ROOT).replace('_', '-');
        String title = fault == Fault.LOG_FULL ? "No room for more" : "Not stored";
        return of(503, slug, title, sentence(detail) + " Nothing of it was stored; send it again later.")
                .retryAfter(Duration.ofSeconds(5));
    }

    private static String sentence(String detail) {
        return detail.endsWith(".") ? detail : detail + ".";
    }

    byte[] json() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        out.writeBytes(("{\"type\":\"/problems/" + slug + "\",\"title\":" + quote(title) + ",\"status\":" + status
                        + ",\"detail\":" + quote(detail))
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
