package tributary.gateway;

import java.time.Duration;
import tributary.model.Message;

/// The answer to a publish. Each door says it in its protocol's own terms.
public sealed interface Admission {
    /// @param message stamped, `me` resolved, ready for the log
    record Accepted(Message message) implements Admission {}

    /// @param reason countable
    /// @param detail what, why and what to do, one or two sentences for the device's maker
    record Refused(Reason reason, String detail) implements Admission {}

    /// Too fast: nothing is stored; the client is told which limit and when to try again.
    record Throttled(String limit, Duration retryAfter) implements Admission {}

    /// Why a publish is refused.
    enum Reason {
        TOPIC_INVALID,
        NOT_ALLOWED,
        UNKNOWN_DEVICE,
        TOO_LARGE,
        EXPIRED_CREDENTIAL,
        RETAINED_FULL
    }
}
