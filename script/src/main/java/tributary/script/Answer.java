package tributary.script;

/// What came of a call.
public sealed interface Answer {
    /// A value, as JSON.
    record Value(String json) implements Answer {}

    /// Undefined.
    record Nothing() implements Answer {}

    /// The function failed at these values, and says why.
    record Failed(String what) implements Answer {}

    /// It ran away and was stopped.
    record Stopped(String what) implements Answer {}
}
