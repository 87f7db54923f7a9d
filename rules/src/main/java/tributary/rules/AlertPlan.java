package tributary.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The ALERT clause as compiled.
///
/// @param per         what an alert is one of, or null for the device or group
/// @param raise       what must be true, or null for silence of `raiseMillis`
/// @param clears      whether CLEAR WHEN was written
/// @param clear       what must be true to end it, or null for the raise condition not having been true for
/// `clearMillis`
record AlertPlan(
        String name,
        @Nullable Eval severity,
        @Nullable Eval per,
        @Nullable Eval raise,
        Probes raiseParts,
        long raiseMillis,
        boolean clears,
        @Nullable Eval clear,
        Probes clearParts,
        long clearMillis,
        List<Escalation> escalations,
        long repeatMillis) {
    /// A severity that an alert gets after a time.
    record Escalation(Eval severity, long afterMillis) {}
}
