package tributary.rules.syntax;

import java.util.List;
import tributary.rules.syntax.Token.Kind;

/// Where the parser stands in a statement, and the words of its complaints.
final class Tokens {
    /// How deep brackets, CASE, NOT and nested selects may go.
    private static final int NESTING_MAX = 60;

    private final String text;
    private final List<Token> tokens;
    private int at;
    private int nesting;

    Tokens(String text) {
        this.text = text;
        this.tokens = Lexer.tokens(text);
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    Pos pos() {
        return peek().pos();
    }

    boolean accept(String symbol) {
        boolean found = peek().is(symbol);
        at += found ? 1 : 0;
        return found;
    }

    boolean acceptWord(String keyword) {
        boolean found = peek().word(keyword);
        at += found ? 1 : 0;
        return found;
    }

    /// Two words in a row, or none.
    boolean acceptWords(String first, String second) {
        boolean found = peek().word(first) && peek(1).word(second);
        at += found ? 2 : 0;
        return found;
    }

    void expect(String symbol) {
        if (!accept(symbol)) {
            throw expected("'" + symbol + "'");
        }
    }

    void expectWord(String keyword) {
        if (!acceptWord(keyword)) {
            throw expectedOneOf(List.of(keyword));
        }
    }

    /// The milliseconds of a duration.
    long duration() {
        boolean negative = peek().is("-") && peek(1).kind() == Kind.DURATION;
        at += negative ? 1 : 0;
        Token token = peek();
        if (token.kind() == Kind.NUMBER) {
            throw new SyntaxProblem(
                    token.pos(),
                    "expected a duration with its unit, such as %ss or %sms".formatted(token.text(), token.text()));
        }
        if (token.kind() != Kind.DURATION) {
            throw expected("a duration, such as 10s, 5m or 250ms");
        }
        at++;
        long millis = (Long) token.value();
        return negative ? -millis : millis;
    }

    /// A duration that is longer than nothing.
    long positiveDuration() {
        Pos pos = pos();
        long millis = duration();
        if (millis <= 0) {
            throw new SyntaxProblem(pos, "expected a duration longer than 0");
        }
        return millis;
    }

    /// A whole number within limits.
    int count(int max) {
        Token token = peek();
        if (token.kind() == Kind.NUMBER && token.value() instanceof Long value && value >= 1 && value <= max) {
            at++;
            return value.intValue();
        }
        throw expected("a whole number from 1 to " + max);
    }

    /// A name, quoted or not.
    String name(String what) {
        Token token = peek();
        if (token.kind() == Kind.NAME || token.kind() == Kind.QUOTED || token.kind() == Kind.STRING) {
            at++;
            return token.text();
        }
        throw expected(what);
    }

    SyntaxProblem expected(String what) {
        return new SyntaxProblem(pos(), "expected " + what + ", found " + peek().shown());
    }

    /// A complaint that knows which words could stand here and says which one was nearly written.
    SyntaxProblem expectedOneOf(List<String> keywords) {
        String list = String.join(", ", keywords);
        String near = peek().kind() == Kind.NAME ? Suggest.near(peek().text(), keywords) : "";
        return new SyntaxProblem(pos(), "expected " + list + ", found " + peek().shown() + near);
    }

    void enter() {
        if (++nesting > NESTING_MAX) {
            throw new SyntaxProblem(pos(), "nested deeper than %d levels".formatted(NESTING_MAX));
        }
    }

    void leave() {
        nesting--;
    }

    /// Whether the next token follows the one before it without a blank.
    boolean adjacent() {
        return at > 0 && tokens.get(at - 1).end() == peek().start();
    }

    /// @return how many characters the statement has
    int length() {
        return text.length();
    }
}
