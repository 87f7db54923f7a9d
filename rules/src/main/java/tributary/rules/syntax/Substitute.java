package tributary.rules.syntax;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts expressions in place of names: the columns of a select where HAVING, GROUP BY and ALERT speak of them.
public final class Substitute {
    private Substitute() {}

    /// @return `expr` with each bare name that `by` knows replaced; nested selects have names of their own
    public static Expr in(Expr expr, Map<String, Expr> by) {
        return switch (expr) {
            case Expr.Name e -> by.getOrDefault(e.name(), e);
            case Expr.Literal _, Expr.Star _, Expr.Root _, Expr.Variable _, Expr.Nested _, Expr.Exists _ -> expr;
            case Expr.Field e -> new Expr.Field(e.pos(), in(e.base(), by), e.key());
            case Expr.Index e -> new Expr.Index(e.pos(), in(e.base(), by), in(e.index(), by));
            case Expr.Slice e -> new Expr.Slice(e.pos(), in(e.base(), by), maybe(e.from(), by), maybe(e.to(), by));
            case Expr.Call e -> new Expr.Call(e.pos(), e.name(), all(e.args(), by), over(e.over(), by));
            case Expr.Negate e -> new Expr.Negate(e.pos(), in(e.operand(), by));
            case Expr.Not e -> new Expr.Not(e.pos(), in(e.operand(), by));
            case Expr.Binary e -> new Expr.Binary(e.pos(), e.op(), in(e.left(), by), in(e.right(), by));
            case Expr.Logic e -> new Expr.Logic(e.pos(), e.and(), all(e.operands(), by));
            case Expr.In e -> new Expr.In(e.pos(), in(e.operand(), by), in(e.list(), by), e.negated());
            case Expr.Like e ->
                new Expr.Like(e.pos(), in(e.operand(), by), in(e.pattern(), by), maybe(e.escape(), by), e.negated());
            case Expr.Between e ->
                new Expr.Between(e.pos(), in(e.operand(), by), in(e.low(), by), in(e.high(), by), e.negated());
            case Expr.Is e -> new Expr.Is(e.pos(), in(e.operand(), by), e.test(), e.negated());
            case Expr.Case e ->
                new Expr.Case(
                        e.pos(),
                        maybe(e.subject(), by),
                        e.whens().stream()
                                .map(when -> new Expr.When(in(when.condition(), by), in(when.result(), by)))
                                .toList(),
                        maybe(e.otherwise(), by));
            case Expr.ArrayOf e -> new Expr.ArrayOf(e.pos(), all(e.items(), by));
            case Expr.ObjectOf e -> new Expr.ObjectOf(e.pos(), e.keys(), all(e.values(), by));
            case Expr.Cast e -> new Expr.Cast(e.pos(), in(e.operand(), by), e.type());
            case Expr.Quantified e -> new Expr.Quantified(e.pos(), e.op(), in(e.left(), by), e.all(), in(e.list(), by));
        };
    }

    private static @Nullable Expr maybe(@Nullable Expr expr, Map<String, Expr> by) {
        return expr == null ? null : in(expr, by);
    }

    private static List<Expr> all(List<Expr> exprs, Map<String, Expr> by) {
        return exprs.stream().map(expr -> in(expr, by)).toList();
    }

    private static Expr.@Nullable Over over(Expr.@Nullable Over over, Map<String, Expr> by) {
        return over == null ? null : new Expr.Over(all(over.partition(), by), maybe(over.when(), by));
    }
}
