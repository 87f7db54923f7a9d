package tributary.rules;

/// A function that a tenant wrote itself, as rules call it. The same arguments give the same result.
public interface UserFunction {
    /// @return how many values it takes
    int arity();

    /// Calls it; for the thread of the run.
    Result call(Given given);

    /// What it is called with.
    ///
    /// @param json      its values, a JSON array
    /// @param undefined the places in it that are undefined, parted by commas
    /// @param nowMillis what time it is for the function
    /// @param chance    what its chance begins with
    record Given(String json, String undefined, long nowMillis, int chance) {}

    /// What came of a call.
    sealed interface Result {
        /// A value, as JSON.
        record Value(String json) implements Result {}

        /// Undefined.
        record Nothing() implements Result {}

        /// It failed at these values.
        record Failed(String what) implements Result {}

        /// It ran away and was stopped.
        record Stopped(String what) implements Result {}
    }
}
