package tributary.rules.syntax;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.rules.syntax.Expr.Op;
import tributary.rules.syntax.Token.Kind;
import tributary.rules.value.Missing;

/// Reads expressions, loosest binding first: OR, AND, NOT, comparisons, `+ - ||`, `* / %`, sign, paths.
final class ExprParser {
    private static final int ARGUMENTS_MAX = 100;
    private static final Set<String> RESERVED = Set.of(
            "select", "from", "where", "and", "or", "not", "in", "like", "between", "is", "as", "case", "when", "then",
            "else", "having");

    private final Tokens in;
    private final Parser parser;

    ExprParser(Tokens in, Parser parser) {
        this.in = in;
        this.parser = parser;
    }

    /// Whether a word after an operand goes on with the expression.
    static boolean continues(Token token) {
        return token.word("AND")
                || token.word("OR")
                || token.word("IN")
                || token.word("IS")
                || token.word("LIKE")
                || token.word("BETWEEN")
                || token.word("NOT");
    }

    Expr expression() {
        in.enter();
        Expr expr = chain(false);
        in.leave();
        return expr;
    }

    /// A key with its brackets and dots, nothing more.
    Expr path() {
        Pos pos = in.pos();
        if (in.peek().kind() != Kind.NAME && in.peek().kind() != Kind.QUOTED) {
            throw in.expected("the name of a key");
        }
        return postfix(new Expr.Name(pos, in.next().text()));
    }

    private Expr chain(boolean and) {
        Pos pos = in.pos();
        Expr first = and ? not() : chain(true);
        String word = and ? "AND" : "OR";
        if (!in.peek().word(word)) {
            return first;
        }
        List<Expr> operands = new ArrayList<>();
        operands.add(first);
        while (in.acceptWord(word)) {
            operands.add(and ? not() : chain(true));
        }
        return new Expr.Logic(pos, and, List.copyOf(operands));
    }

    private Expr not() {
        Pos pos = in.pos();
        if (in.acceptWord("NOT")) {
            in.enter();
            Expr operand = not();
            in.leave();
            return new Expr.Not(pos, operand);
        }
        return comparison();
    }

    private Expr comparison() {
        Pos pos = in.pos();
        Expr left = sum();
        Op op = comparator(in.peek());
        if (op != null) {
            in.next();
            Expr compared = compared(pos, op, left);
            if (comparator(in.peek()) != null) {
                throw new SyntaxProblem(
                        in.pos(), "comparisons do not chain; write a < b AND b < c instead of a < b < c");
            }
            return compared;
        }
        while (true) {
            Expr tested = tested(pos, left);
            if (tested == left) {
                return left;
            }
            left = tested;
        }
    }

    private static @Nullable Op comparator(Token token) {
        if (token.kind() != Kind.SYMBOL) {
            return null;
        }
        return switch (token.text()) {
            case "=", "==" -> Op.EQUAL;
            case "<>", "!=" -> Op.UNEQUAL;
            case "<" -> Op.LESS;
            case "<=" -> Op.LESS_EQUAL;
            case ">" -> Op.GREATER;
            case ">=" -> Op.GREATER_EQUAL;
            case "=~" -> Op.MATCHES;
            default -> null;
        };
    }

    private Expr compared(Pos pos, Op op, Expr left) {
        boolean all = in.peek().word("ALL");
        if ((all || in.peek().word("ANY") || in.peek().word("SOME"))
                && in.peek(1).is("(")
                && op != Op.MATCHES) {
            in.next();
            return new Expr.Quantified(pos, op, left, all, list());
        }
        return new Expr.Binary(pos, op, left, sum());
    }

    /// IS, IN, LIKE and BETWEEN behind an operand, or the operand itself where none follows.
    private Expr tested(Pos pos, Expr left) {
        if (in.acceptWord("IS")) {
            return is(pos, left, in.acceptWord("NOT"));
        }
        boolean negated = in.peek().word("NOT")
                && (in.peek(1).word("IN")
                        || in.peek(1).word("LIKE")
                        || in.peek(1).word("BETWEEN"));
        if (negated) {
            in.next();
        }
        if (in.acceptWord("IN")) {
            return new Expr.In(pos, left, in.peek().is("(") ? list() : sum(), negated);
        }
        if (in.acceptWord("LIKE")) {
            Expr pattern = sum();
            return new Expr.Like(pos, left, pattern, in.acceptWord("ESCAPE") ? sum() : null, negated);
        }
        if (in.acceptWord("BETWEEN")) {
            Expr low = sum();
            in.expectWord("AND");
            return new Expr.Between(pos, left, low, sum(), negated);
        }
        return left;
    }

    private Expr is(Pos pos, Expr left, boolean negated) {
        if (in.acceptWord("NULL")) {
            return new Expr.Is(pos, left, Expr.Test.NULL, negated);
        }
        if (in.acceptWord("UNDEFINED") || in.acceptWord("MISSING")) {
            return new Expr.Is(pos, left, Expr.Test.UNDEFINED, negated);
        }
        if (in.acceptWord("TRUE")) {
            return new Expr.Is(pos, left, Expr.Test.TRUE, negated);
        }
        if (in.acceptWord("FALSE")) {
            return new Expr.Is(pos, left, Expr.Test.FALSE, negated);
        }
        throw in.expectedOneOf(List.of("NULL", "NOT NULL", "UNDEFINED", "TRUE", "FALSE"));
    }

    /// `(a, b)`, `(SELECT ...)`, or `(array)`.
    private Expr list() {
        Pos pos = in.pos();
        in.expect("(");
        if (in.peek().word("SELECT")) {
            Select select = parser.select(true);
            in.expect(")");
            return new Expr.Nested(pos, select);
        }
        List<Expr> items = expressions(")");
        in.expect(")");
        return items.size() == 1 ? items.getFirst() : new Expr.ArrayOf(pos, items);
    }

    private Expr sum() {
        Pos pos = in.pos();
        Expr left = product();
        while (true) {
            Op op = in.peek().is("+")
                    ? Op.ADD
                    : in.peek().is("-") ? Op.SUBTRACT : in.peek().is("||") ? Op.CONCAT : null;
            if (op == null) {
                return left;
            }
            in.next();
            left = new Expr.Binary(pos, op, left, product());
        }
    }

    private Expr product() {
        Pos pos = in.pos();
        Expr left = sign();
        while (true) {
            Op op = in.peek().is("*")
                    ? Op.MULTIPLY
                    : in.peek().is("/") ? Op.DIVIDE : in.peek().is("%") ? Op.REMAINDER : null;
            if (op == null) {
                return left;
            }
            in.next();
            left = new Expr.Binary(pos, op, left, sign());
        }
    }

    private Expr sign() {
        Pos pos = in.pos();
        if (in.peek().is("-") || in.peek().is("+")) {
            boolean minus = in.next().is("-");
            in.enter();
            Expr operand = sign();
            in.leave();
            return minus ? new Expr.Negate(pos, operand) : operand;
        }
        return postfix(primary());
    }

    private Expr postfix(Expr base) {
        Expr expr = base;
        while (true) {
            Pos pos = in.pos();
            if (in.peek().is(".") && !in.peek(1).is("*")) {
                in.next();
                expr = new Expr.Field(pos, expr, in.name("the name of a key after '.'"));
            } else if (in.peek().is("[")) {
                in.next();
                expr = bracket(pos, expr);
            } else {
                return expr;
            }
        }
    }

    private Expr bracket(Pos pos, Expr base) {
        Expr from = in.peek().is(":") ? null : expression();
        if (in.accept(":")) {
            Expr to = in.peek().is("]") ? null : expression();
            in.expect("]");
            return new Expr.Slice(pos, base, from, to);
        }
        in.expect("]");
        return new Expr.Index(pos, base, from == null ? new Expr.Literal(pos, 0L) : from);
    }

    private Expr primary() {
        Token token = in.peek();
        Pos pos = token.pos();
        switch (token.kind()) {
            case NUMBER, DURATION, STRING -> {
                in.next();
                return new Expr.Literal(pos, token.value());
            }
            case VARIABLE -> {
                in.next();
                return new Expr.Variable(pos, (String) token.value());
            }
            case QUOTED -> {
                in.next();
                return new Expr.Name(pos, token.text());
            }
            case NAME -> {
                return word(token);
            }
            case SYMBOL -> {
                return bracketed(token);
            }
            case END -> throw in.expected("an expression");
        }
        throw in.expected("an expression");
    }

    private Expr bracketed(Token token) {
        Pos pos = token.pos();
        switch (token.text()) {
            case "(" -> {
                in.next();
                if (in.peek().word("SELECT")) {
                    Select select = parser.select(true);
                    in.expect(")");
                    return new Expr.Nested(pos, select);
                }
                Expr inner = expression();
                in.expect(")");
                return inner;
            }
            case "[" -> {
                in.next();
                List<Expr> items = expressions("]");
                in.expect("]");
                return new Expr.ArrayOf(pos, items);
            }
            case "{" -> {
                in.next();
                return object(pos);
            }
            case "*" -> {
                in.next();
                return new Expr.Star(pos);
            }
            case "$" -> {
                in.next();
                return new Expr.Root(pos);
            }
            default -> throw in.expected("an expression");
        }
    }

    private Expr object(Pos pos) {
        List<String> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!in.peek().is("}")) {
            keys.add(in.name("the name of a key"));
            in.expect(":");
            values.add(expression());
            if (!in.accept(",")) {
                break;
            }
        }
        in.expect("}");
        return new Expr.ObjectOf(pos, List.copyOf(keys), List.copyOf(values));
    }

    private Expr word(Token token) {
        Pos pos = token.pos();
        String lower = token.text().toLowerCase(Locale.ROOT);
        boolean call = in.peek(1).is("(");
        if (lower.equals("case") && !in.peek(1).is(".")) {
            in.next();
            return cases(pos);
        }
        if (RESERVED.contains(lower)) {
            throw new SyntaxProblem(
                    pos,
                    "expected an expression, found '%s'; a key of that name is written `%s`"
                            .formatted(token.text(), token.text()));
        }
        in.next();
        if (call) {
            in.next();
            return call(pos, lower);
        }
        return switch (lower) {
            case "null" -> new Expr.Literal(pos, Missing.NULL);
            case "true" -> new Expr.Literal(pos, true);
            case "false" -> new Expr.Literal(pos, false);
            default -> new Expr.Name(pos, token.text());
        };
    }

    private Expr cases(Pos pos) {
        in.enter();
        Expr subject = in.peek().word("WHEN") ? null : expression();
        List<Expr.When> whens = new ArrayList<>();
        while (in.acceptWord("WHEN")) {
            Expr condition = expression();
            in.expectWord("THEN");
            whens.add(new Expr.When(condition, expression()));
        }
        if (whens.isEmpty()) {
            throw in.expectedOneOf(List.of("WHEN"));
        }
        Expr otherwise = in.acceptWord("ELSE") ? expression() : null;
        if (!in.acceptWord("END")) {
            throw in.expectedOneOf(otherwise == null ? List.of("WHEN", "ELSE", "END") : List.of("END"));
        }
        in.leave();
        return new Expr.Case(pos, subject, List.copyOf(whens), otherwise);
    }

    private Expr call(Pos pos, String name) {
        if (name.equals("cast")) {
            return cast(pos);
        }
        if (in.peek().word("SELECT")) {
            Select select = parser.select(true);
            if (name.equals("exists")) {
                in.expect(")");
                return new Expr.Exists(pos, select);
            }
            List<Expr> args = new ArrayList<>();
            args.add(new Expr.Nested(pos, select));
            if (in.accept(",")) {
                args.addAll(expressions(")"));
            }
            in.expect(")");
            return new Expr.Call(pos, name, List.copyOf(args), over());
        }
        boolean distinct =
                in.peek().word("DISTINCT") && !in.peek(1).is(")") && !in.peek(1).is(",");
        if (distinct) {
            in.next();
        }
        List<Expr> args = expressions(")");
        in.expect(")");
        return new Expr.Call(pos, distinct ? name + "_distinct" : name, args, over());
    }

    private Expr cast(Pos pos) {
        Expr operand = expression();
        if (!in.acceptWord("AS") && !in.accept(",")) {
            throw in.expectedOneOf(List.of("AS"));
        }
        Token type = in.peek();
        Expr.Type to = switch (in.name("a type").toLowerCase(Locale.ROOT)) {
            case "int", "integer", "bigint", "long" -> Expr.Type.INT;
            case "decimal", "float", "double", "number", "numeric" -> Expr.Type.DECIMAL;
            case "string", "text", "varchar" -> Expr.Type.STRING;
            case "boolean", "bool" -> Expr.Type.BOOLEAN;
            default ->
                throw new SyntaxProblem(
                        type.pos(),
                        "'%s' is no type; expected Int, Decimal, String or Boolean"
                                        .formatted(Quote.shorten(type.text()))
                                + Suggest.near(type.text(), List.of("Int", "Decimal", "String", "Boolean")));
        };
        in.expect(")");
        return new Expr.Cast(pos, operand, to);
    }

    private Expr.@Nullable Over over() {
        if (!in.peek().word("OVER") || !in.peek(1).is("(")) {
            return null;
        }
        in.next();
        in.next();
        List<Expr> partition = new ArrayList<>();
        if (in.acceptWords("PARTITION", "BY")) {
            do {
                partition.add(expression());
            } while (in.accept(","));
        }
        Expr when = in.acceptWord("WHEN") ? expression() : null;
        if (!in.accept(")")) {
            throw in.expectedOneOf(List.of("PARTITION BY", "WHEN", "')'"));
        }
        return new Expr.Over(List.copyOf(partition), when);
    }

    private List<Expr> expressions(String end) {
        List<Expr> list = new ArrayList<>();
        if (in.peek().is(end)) {
            return list;
        }
        do {
            list.add(expression());
            if (list.size() > ARGUMENTS_MAX) {
                throw new SyntaxProblem(in.pos(), "at most %d in a list".formatted(ARGUMENTS_MAX));
            }
        } while (in.accept(","));
        return List.copyOf(list);
    }
}
