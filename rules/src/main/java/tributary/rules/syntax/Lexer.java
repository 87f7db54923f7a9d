package tributary.rules.syntax;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tributary.model.Quote;
import tributary.rules.syntax.Token.Kind;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Cuts the text of a rule into tokens.
final class Lexer {
    /// Longest statement that is read.
    static final int LENGTH_MAX = 65_536;

    private static final List<String> PAIRS = List.of("<=", ">=", "<>", "!=", "=~", "==", "||");
    private static final String SINGLES = "()[]{},.:;=<>+-*/%$";

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int lineStart;

    private Lexer(String text) {
        this.text = text;
    }

    /// @return the tokens, the last of them the end
    static List<Token> tokens(String text) {
        if (text.length() > LENGTH_MAX) {
            throw new SyntaxProblem(
                    new Pos(1, 1),
                    "the statement has %d characters; at most %d are read".formatted(text.length(), LENGTH_MAX));
        }
        Lexer lexer = new Lexer(text);
        while (lexer.blanksAndComments()) {
            lexer.token();
        }
        lexer.add(Kind.END, "", "", lexer.at);
        return lexer.tokens;
    }

    private Pos pos(int index) {
        return new Pos(line, index - lineStart + 1);
    }

    private void add(Kind kind, String shown, Object value, int start) {
        tokens.add(new Token(kind, shown, value, pos(start), start, at));
    }

    private boolean blanksAndComments() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                newLine(at++);
            } else if (Character.isWhitespace(c) || c == '\u00a0' || c == '\ufeff') {
                at++;
            } else if (text.startsWith("--", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                block();
            } else {
                return true;
            }
        }
        return false;
    }

    private void block() {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
            throw new SyntaxProblem(pos(at), "the comment that begins here has no end; expected '*/'");
        }
        for (int i = at; i < end; i++) {
            if (text.charAt(i) == '\n') {
                newLine(i);
            }
        }
        at = end + 2;
    }

    private void newLine(int index) {
        line++;
        lineStart = index + 1;
    }

    private void token() {
        char c = text.charAt(at);
        if (c == '\'' || c == '"' || c == '`') {
            quoted(c);
        } else if (digit(at)) {
            number();
        } else if (c == '@') {
            variable();
        } else if (letter(c)) {
            int start = at;
            name();
            String word = text.substring(start, at);
            add(Kind.NAME, word, word, start);
        } else {
            symbol(c);
        }
    }

    private void quoted(char quote) {
        Pos begin = pos(at);
        int start = at++;
        StringBuilder content = new StringBuilder();
        while (true) {
            int end = text.indexOf(quote, at);
            if (end < 0) {
                throw new SyntaxProblem(begin, "the quote that opens here is not closed; expected " + quote);
            }
            content.append(text, at, end);
            at = end + 1;
            if (at >= text.length() || text.charAt(at) != quote) {
                break;
            }
            content.append(quote);
            at++;
        }
        String value = content.toString();
        if (quote == '`' && value.isEmpty()) {
            throw new SyntaxProblem(begin, "a quoted name has at least one character");
        }
        tokens.add(new Token(quote == '`' ? Kind.QUOTED : Kind.STRING, value, value, begin, start, at));
        for (int i = start; i < at; i++) {
            if (text.charAt(i) == '\n') {
                newLine(i);
            }
        }
    }

    private void number() {
        int start = at;
        digits();
        if (at + 1 < text.length() && text.charAt(at) == '.' && digit(at + 1)) {
            at++;
            digits();
        }
        boolean exponent = at < text.length()
                && (text.charAt(at) | 0x20) == 'e'
                && (digit(at + 1) || at + 1 < text.length() && "+-".indexOf(text.charAt(at + 1)) >= 0 && digit(at + 2));
        if (exponent) {
            at += 2;
            digits();
        }
        String digits = text.substring(start, at);
        Object value = exponent && at - start > 60 || at - start > 400 || tooFar(digits)
                ? Missing.UNDEFINED
                : Numbers.of(new BigDecimal(digits));
        if (!(value instanceof Number amount)) {
            throw new SyntaxProblem(pos(start), "the number is out of range; exponents go to 999");
        }
        int unit = at;
        if (at < text.length() && letter(text.charAt(at))) {
            name();
            duration(start, amount, text.substring(unit, at));
        } else {
            add(Kind.NUMBER, digits, amount, start);
        }
    }

    private static boolean tooFar(String digits) {
        int e = Math.max(digits.indexOf('e'), digits.indexOf('E'));
        return e >= 0 && digits.length() - e > 5;
    }

    private void duration(int start, Number amount, String unit) {
        long millis = Durations.millis(unit);
        if (millis == 0) {
            throw new SyntaxProblem(
                    pos(start),
                    "'%s' is no number and no duration; units are ms, s, m, h, d and w"
                            .formatted(Quote.shorten(text.substring(start, at))));
        }
        double total = amount.doubleValue() * millis;
        if (total > Durations.MAX) {
            throw new SyntaxProblem(pos(start), "a duration is at most 3660d (ten years)");
        }
        add(Kind.DURATION, text.substring(start, at), Math.round(total), start);
    }

    private void variable() {
        int start = at++;
        int from = at;
        name();
        if (at == from) {
            throw new SyntaxProblem(pos(start), "expected the name of a variable after '@'");
        }
        add(Kind.VARIABLE, text.substring(start, at), text.substring(from, at), start);
    }

    private void symbol(char c) {
        int start = at;
        for (String pair : PAIRS) {
            if (text.startsWith(pair, at)) {
                at += 2;
                add(Kind.SYMBOL, pair, pair, start);
                return;
            }
        }
        if (SINGLES.indexOf(c) < 0) {
            throw new SyntaxProblem(
                    pos(at),
                    "'%s' has no meaning here"
                            .formatted(Quote.shorten(new String(Character.toChars(text.codePointAt(at))))));
        }
        at++;
        // `$events/name` and `$aws/...` without quotes are read as one name by the parser of sources.
        add(Kind.SYMBOL, String.valueOf(c), String.valueOf(c), start);
    }

    private void digits() {
        while (digit(at)) {
            at++;
        }
    }

    private void name() {
        while (at < text.length() && (letter(text.charAt(at)) || digit(at))) {
            at++;
        }
    }

    private boolean digit(int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    private static boolean letter(char c) {
        return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c > 0x7f && Character.isLetter(c);
    }
}
