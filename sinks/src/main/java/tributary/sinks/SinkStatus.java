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
/// @param waiting       bytes that wait in the sink's own files, because it was away for long
/// @param lost          parcels that went because more waited than may; since the sink was added
/// @param lostAt        when the last of them went, or null
/// @param lostWhy       why, or ""
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
        @Nullable Instant lastDelivered,
        long waiting,
        long lost,
        @Nullable Instant lostAt,
        String lostWhy) {
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
        return new SinkStatus(State.BROKEN, 0, 0, 0, 0, null, null, why, null, null, 0, 0, null, "");
    }

    /// @return the same with what waits and what was lost
    SinkStatus with(long bytes, Spool.Loss loss) {
        return new SinkStatus(
                state,
                delivered,
                failures,
                putAside,
                behind,
                retryingSince,
                nextTry,
                lastError,
                lastErrorAt,
                lastDelivered,
                bytes,
                loss.count(),
                loss.at(),
                loss.why());
    }
}
