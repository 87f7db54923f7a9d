package tributary.rules;

import org.jspecify.annotations.Nullable;
import tributary.model.TopicFilter;
import tributary.rules.syntax.Select.Join;

/// A join as compiled.
///
/// @param filter       what the other side is, or null for a table
/// @param table        the name of a table, or ""
/// @param scope        where expressions find the other side's payload
/// @param on           the whole condition
/// @param keyHere      what of a row the other side is found by, or null where the condition has no such part
/// @param keyThere     the same of the other side
record JoinPlan(
        Join.Kind kind,
        boolean left,
        @Nullable TopicFilter filter,
        String table,
        int scope,
        Eval on,
        @Nullable Eval keyHere,
        @Nullable Eval keyThere,
        long withinMillis) {}
