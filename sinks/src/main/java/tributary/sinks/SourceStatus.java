package tributary.sinks;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How it goes with what a sink brings in. Counts are since the start of the server.
///
/// @param taken       messages that are on the disk here, and acknowledged
/// @param refused     messages that nobody will ever take; the attempts log says why
/// @param own         messages that this sink had sent itself, and which came back
/// @param awaySince   since when nothing can come, or null
/// @param lastError   what went wrong last, and what can be done, or ""
/// @param lastErrorAt when, or null
/// @param lastTaken   when something was taken last, or null
public record SourceStatus(
        State state,
        long taken,
        long refused,
        long own,
        @Nullable Instant awaySince,
        String lastError,
        @Nullable Instant lastErrorAt,
        @Nullable Instant lastTaken) {
    /// Nothing is asked for.
    public static final SourceStatus OFF = new SourceStatus(State.OFF, 0, 0, 0, null, "", null, null);

    /// What it is doing.
    public enum State {
        /// The sink brings nothing in.
        OFF,
        /// Listens.
        LISTENING,
        /// Cannot listen; it tries again.
        AWAY
    }
}
