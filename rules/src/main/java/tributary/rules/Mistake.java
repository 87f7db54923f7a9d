package tributary.rules;

/// What is wrong with the text of a rule.
///
/// @param line   from 1
/// @param column from 1
/// @param what   what is wrong, what was expected, and where it helps what may have been meant
public record Mistake(int line, int column, String what) {
    @Override
    public String toString() {
        return "line %d, column %d: %s".formatted(line, column, what);
    }
}
