package tributary.rules;

import tributary.rules.function.RuleFailure;

/// Whether a run may remember more than it does. Whoever runs it measures that now and then; what is known already goes
/// on, so a device that has its alert or its last value is looked after, and what time lets go of makes room.
///
/// For one thread, that of the run.
public final class Room {
    private String full = "";

    /// @param why there is no more room, as a sentence; "" where there is
    public void full(String why) {
        full = why;
    }

    void check(String what) {
        if (!full.isEmpty()) {
            throw new RuleFailure(what + ": " + full);
        }
    }
}
