package tributary.rules.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An expression as written. Each knows its place; two that print the same by [Text] mean the same.
public sealed interface Expr {
    /// @return where it begins
    Pos pos();

    /// A number, text, boolean, null or duration (in milliseconds).
    record Literal(Pos pos, Object value) implements Expr {}

    /// A bare name: a key of the payload, an alias of a source, or a column of the select where those are seen.
    record Name(Pos pos, String name) implements Expr {}

    /// `base.key`
    record Field(Pos pos, Expr base, String key) implements Expr {}

    /// `base[index]`
    record Index(Pos pos, Expr base, Expr index) implements Expr {}

    /// `base[from:to]`
    record Slice(
            Pos pos,
            Expr base,
            @Nullable Expr from,
            @Nullable Expr to) implements Expr {}

    /// `*`: the payload, as bytes where it is not JSON.
    record Star(Pos pos) implements Expr {}

    /// `$`: the whole payload.
    record Root(Pos pos) implements Expr {}

    /// `@name`
    record Variable(Pos pos, String name) implements Expr {}

    /// `name(args)`, with `OVER (...)` for those that keep state. The name is in lower case.
    record Call(
            Pos pos, String name, List<Expr> args, @Nullable Over over) implements Expr {}

    /// `OVER (PARTITION BY ... WHEN ...)`
    record Over(List<Expr> partition, @Nullable Expr when) {}

    /// `-x`
    record Negate(Pos pos, Expr operand) implements Expr {}

    /// `NOT x`
    record Not(Pos pos, Expr operand) implements Expr {}

    /// An operator between two.
    record Binary(Pos pos, Op op, Expr left, Expr right) implements Expr {}

    /// `a AND b AND c`, or the same with OR.
    record Logic(Pos pos, boolean and, List<Expr> operands) implements Expr {}

    /// `x IN (a, b)`, `x IN array`
    record In(Pos pos, Expr operand, Expr list, boolean negated) implements Expr {}

    /// `x LIKE 'a%'`
    record Like(
            Pos pos, Expr operand, Expr pattern, @Nullable Expr escape, boolean negated) implements Expr {}

    /// `x BETWEEN a AND b`
    record Between(Pos pos, Expr operand, Expr low, Expr high, boolean negated) implements Expr {}

    /// `x IS NULL` and its kin
    record Is(Pos pos, Expr operand, Test test, boolean negated) implements Expr {}

    /// `CASE x WHEN ... THEN ... ELSE ... END`, with or without `x`
    record Case(
            Pos pos,
            @Nullable Expr subject,
            List<When> whens,
            @Nullable Expr otherwise) implements Expr {}

    /// One branch of a [Case].
    record When(Expr condition, Expr result) {}

    /// `[a, b]`
    record ArrayOf(Pos pos, List<Expr> items) implements Expr {}

    /// `{'a': x}`
    record ObjectOf(Pos pos, List<String> keys, List<Expr> values) implements Expr {}

    /// `CAST(x AS type)`
    record Cast(Pos pos, Expr operand, Type type) implements Expr {}

    /// `(SELECT ... FROM array)`: the rows as an array
    record Nested(Pos pos, Select select) implements Expr {}

    /// `EXISTS (SELECT ...)`
    record Exists(Pos pos, Select select) implements Expr {}

    /// `x > ANY (array)`, `x = ALL (array)`
    record Quantified(Pos pos, Op op, Expr left, boolean all, Expr list) implements Expr {}

    /// Operators between two.
    enum Op {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        REMAINDER("%"),
        CONCAT("||"),
        EQUAL("="),
        UNEQUAL("<>"),
        LESS("<"),
        LESS_EQUAL("<="),
        GREATER(">"),
        GREATER_EQUAL(">="),
        MATCHES("=~");

        private final String sign;

        Op(String sign) {
            this.sign = sign;
        }

        /// @return as written
        public String sign() {
            return sign;
        }
    }

    /// What IS asks.
    enum Test {
        NULL,
        UNDEFINED,
        TRUE,
        FALSE
    }

    /// What CAST makes.
    enum Type {
        INT,
        DECIMAL,
        STRING,
        BOOLEAN
    }
}
