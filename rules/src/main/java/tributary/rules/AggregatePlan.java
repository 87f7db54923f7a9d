package tributary.rules;

/// One aggregate of a select as compiled.
///
/// @param args what of each message it takes
record AggregatePlan(Aggregates.Aggregate aggregate, Eval[] args) {}
