package tributary.rules.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A whole rule as written.
public record Statement(
        List<Assignment> set, Select select, @Nullable Alert alert) {
    /// `@name = expr`
    public record Assignment(Pos pos, String name, Expr expr) {}

    /// `ALERT name ...`
    ///
    /// @param per      what an alert is one of, or null for the device
    /// @param clear    when it ends, or null for when `raise` is false
    /// @param repeatMillis how often it is said again, or 0
    public record Alert(
            Pos pos,
            String name,
            @Nullable Expr severity,
            @Nullable Expr per,
            Condition raise,
            @Nullable Condition clear,
            List<Escalation> escalations,
            long repeatMillis) {}

    /// When an alert begins or ends.
    ///
    /// @param when      what must be true, or null for silence
    /// @param forMillis how long it must hold, or how long the silence lasts
    public record Condition(Pos pos, @Nullable Expr when, long forMillis) {}

    /// `ESCALATE severity AFTER duration`
    public record Escalation(Expr severity, long afterMillis) {}
}
