package tributary.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Window;

/// The window of a select as compiled.
///
/// @param filter     what a message must meet to enter at all, or null
/// @param keys       what a group is of
/// @param captures   what rows show of messages as they are
/// @param analytics  functions that remember rows
/// @param row        what makes a row
/// @param eventTime  whether the messages' own time counts
record WindowPlan(
        Window window,
        @Nullable Eval filter,
        Probes filterParts,
        Eval[] keys,
        List<AggregatePlan> aggregates,
        Eval[] captures,
        List<AnalyticRun.Plan> analytics,
        @Nullable Eval having,
        Probes havingParts,
        Eval row,
        Emit emit,
        boolean eventTime,
        @Nullable Eval stateBegin,
        @Nullable Eval stateEnd,
        RuleOptions options) {
    /// Whether messages that do not meet WHERE take a place in the window all the same.
    boolean countsAll() {
        return window instanceof Window.Count;
    }

    /// @return how long a window stays open
    long spanMillis() {
        return switch (window) {
            case Window.Hopping w -> w.sizeMillis();
            case Window.Cumulate w -> w.maxMillis();
            case Window.Sliding w -> w.delayMillis();
            case Window.Session w -> w.gapMillis();
            case Window.Count _ -> 0;
            case Window.State _ -> 0;
        };
    }

    WindowState fresh() {
        return switch (window) {
            case Window.Hopping _, Window.Cumulate _ -> new TimedWindows(this);
            case Window.Sliding w -> new SlidingWindow(this, w);
            case Window.Session w -> new SessionWindow(this, w);
            case Window.Count w -> new CountWindow(this, w);
            case Window.State _ -> new StateWindow(this);
        };
    }
}
