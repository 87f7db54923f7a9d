package tributary.rules;

/// A compiled expression.
interface Eval {
    /// @return its value, never null
    Object on(Frame frame);

    /// @return whether its value is true, and not merely something
    default boolean isTrue(Frame frame) {
        return on(frame) == Boolean.TRUE;
    }
}
