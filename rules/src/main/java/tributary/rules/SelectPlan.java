package tributary.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.TopicFilter;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Select.Late;
import tributary.rules.syntax.Select.Limit;

/// A select as compiled: nothing in it changes, so one serves any number of runs.
///
/// @param set       the variables, in order
/// @param analytics functions that remember, those that others are made of first
/// @param row       what makes a row of a message; of a window its own plan does
record SelectPlan(
        List<SourcePlan> sources,
        List<JoinPlan> joins,
        Eval[] set,
        List<AnalyticRun.Plan> analytics,
        @Nullable Eval where,
        Probes whereParts,
        @Nullable ForeachPlan foreach,
        Eval row,
        @Nullable WindowPlan window,
        Emit emit,
        @Nullable Limit limit,
        @Nullable AlertPlan alert,
        Frame.Sizes sizes,
        RuleOptions options) {
    /// @return whether anything of a message is kept for those behind it; what a rule keeps by itself, with `kv_put`,
    ///         is not looked at
    boolean remembers() {
        return window != null
                || alert != null
                || limit != null
                || emit.when() == Emit.When.CHANGE
                || !analytics.isEmpty()
                || !joins.isEmpty()
                || sources.stream()
                        .anyMatch(source -> source.time() != null
                                || source.inner() != null && source.inner().remembers());
    }

    /// Where messages come from: a topic filter, or another select.
    ///
    /// @param time   the messages' own time, or null for arrival
    record SourcePlan(
            @Nullable TopicFilter filter,
            @Nullable SelectPlan inner,
            int scope,
            @Nullable Eval time,
            long withinMillis,
            @Nullable Late late) {}

    /// FOREACH: the elements, and which of them.
    record ForeachPlan(Eval array, int local, @Nullable Eval incase) {}
}
