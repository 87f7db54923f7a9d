package tributary.script;

import java.time.Duration;

/// What one call may take.
///
/// @param statements that it may run through; the same in each replay
/// @param time       of the clock on the wall; for what few statements do for long
/// @param bytes      that it may allocate
public record ScriptLimits(long statements, Duration time, long bytes) {
    public static final ScriptLimits DEFAULTS = new ScriptLimits(100_000, Duration.ofSeconds(1), 64L << 20);
}
