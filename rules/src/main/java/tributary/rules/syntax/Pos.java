package tributary.rules.syntax;

/// A place in the text of a rule, counted from 1.
public record Pos(int line, int column) {}
