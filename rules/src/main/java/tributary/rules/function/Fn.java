package tributary.rules.function;

/// A function of its arguments alone.
///
/// @param min  fewest arguments
/// @param max  most arguments
/// @param body what it does; wrong arguments give undefined
public record Fn(String name, int min, int max, Body body) {
    /// What a function does.
    public interface Body {
        /// @return the result for `args`, never null
        Object of(Object[] args);
    }
}
