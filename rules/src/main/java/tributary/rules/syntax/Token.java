package tributary.rules.syntax;

import tributary.model.Quote;

/// One word of a statement.
///
/// @param text  what it says: a name, a string without its quotes, a symbol
/// @param value the number of a number, the milliseconds of a duration, else the text
/// @param start where it begins in the statement
/// @param end   where it ends
record Token(Kind kind, String text, Object value, Pos pos, int start, int end) {
    enum Kind {
        NAME,
        QUOTED,
        STRING,
        NUMBER,
        DURATION,
        VARIABLE,
        SYMBOL,
        END
    }

    boolean is(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    boolean word(String keyword) {
        return kind == Kind.NAME && text.equalsIgnoreCase(keyword);
    }

    /// How an error names it.
    String shown() {
        return switch (kind) {
            case END -> "the end of the statement";
            case STRING -> "the text '" + Quote.shorten(text) + "'";
            default -> "'" + Quote.shorten(text) + "'";
        };
    }
}
