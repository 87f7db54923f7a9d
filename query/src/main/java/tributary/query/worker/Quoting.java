package tributary.query.worker;

/// SQL literals of values that we put into statements of our own.
///
/// Literals and not bound parameters, because the engine skips files and row groups only for values that it knows
/// while it plans. A quote is the one character with a meaning inside a plain literal; doubled it has none.
final class Quoting {
    private Quoting() {}

    /// @return `text` as an SQL text literal
    static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL character cannot be in an SQL literal");
        }
        return "'" + text.replace("'", "''") + "'";
    }
}
