package tributary.rules.syntax;

/// What is wrong with the text of a rule, and where. The only exception that reading a statement throws.
public final class SyntaxProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;

    public SyntaxProblem(Pos pos, String what) {
        super(what, null, false, false);
        this.line = pos.line();
        this.column = pos.column();
    }

    /// @return the line, from 1
    public int line() {
        return line;
    }

    /// @return the column, from 1
    public int column() {
        return column;
    }

    /// @return what is wrong, what was expected and where it helps what may have been meant
    public String what() {
        return String.valueOf(getMessage());
    }
}
