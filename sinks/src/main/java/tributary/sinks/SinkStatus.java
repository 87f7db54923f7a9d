package tributary.sinks;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How a sink is doing. Counts are since the start of the server.
///
/// @param delivered     parcels that the receiver has
/// @param failures      attempts that failed
/// @param putAside      parcels that became dead letters
/// @param behind        positions of the outbox between the sink and its end
/// @param retryingSince when the failure began that is not over, or null
/// @param nextTry       when it is tried again, or null
/// @param lastError     what went wrong last, and what can be done, or ""
/// @param lastErrorAt   when, or null
/// @param lastDelivered when something was delivered last, or null
public record SinkStatus(
        State state,
        long delivered,
        long failures,
        long putAside,
        long behind,
        @Nullable Instant retryingSince,
        @Nullable Instant nextTry,
        String lastError,
        @Nullable Instant lastErrorAt,
        @Nullable Instant lastDelivered) {
    /// What it is doing.
    public enum State {
        /// Delivers, or has nothing to deliver.
        RUNNING,
        /// The last attempt failed; the next one is due.
        RETRYING,
        /// There is no room for another dead letter.
        BLOCKED,
        /// Its definition cannot be used.
        BROKEN
    }

    static SinkStatus broken(String why) {
        return new SinkStatus(State.BROKEN, 0, 0, 0, 0, null, null, why, null, null);
    }
}
