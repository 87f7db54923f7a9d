package tributary.rules;

import org.jspecify.annotations.Nullable;

/// What a rule says.
///
/// @param payload  the row, as a value
/// @param atMillis when, by the clock of the stream
/// @param topic    where to, or null for wherever the rule's outputs go
/// @param device   the device that it is about, "" where it is about none
/// @param alert    the alert that it is a change of, or null
public record Output(
        Object payload,
        long atMillis,
        @Nullable String topic,
        String device,
        @Nullable AlertChange alert) {
    /// The state of an alert that has ended.
    static final String CLEARED = "cleared";

    /// A change in the life of an alert.
    ///
    /// @param key   what it is about, as PER says
    /// @param state `raised`, `escalated`, `repeated` or `cleared`
    public record AlertChange(String name, Object key, String state, Object severity, long raisedMillis) {}
}
