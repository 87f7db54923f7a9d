package tributary.rules.syntax;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Select.Item;
import tributary.rules.syntax.Select.Join;
import tributary.rules.syntax.Select.Source;
import tributary.rules.syntax.Statement.Assignment;
import tributary.rules.syntax.Statement.Condition;
import tributary.rules.syntax.Statement.Escalation;

/// Walks expressions.
public final class Tree {
    /// Deepest tree that is compiled: what is compiled by recursion has to fit the stack.
    private static final int DEPTH_MAX = 300;

    private Tree() {}

    /// @return the expressions directly inside one; those of a nested select with it
    public static List<Expr> children(Expr expr) {
        return switch (expr) {
            case Expr.Literal _, Expr.Name _, Expr.Star _, Expr.Root _, Expr.Variable _ -> List.of();
            case Expr.Field e -> List.of(e.base());
            case Expr.Index e -> List.of(e.base(), e.index());
            case Expr.Slice e -> some(e.base(), e.from(), e.to());
            case Expr.Call e -> {
                List<Expr> all = new ArrayList<>(e.args());
                if (e.over() != null) {
                    all.addAll(e.over().partition());
                    all.addAll(some(e.over().when()));
                }
                yield all;
            }
            case Expr.Negate e -> List.of(e.operand());
            case Expr.Not e -> List.of(e.operand());
            case Expr.Binary e -> List.of(e.left(), e.right());
            case Expr.Logic e -> e.operands();
            case Expr.In e -> List.of(e.operand(), e.list());
            case Expr.Like e -> some(e.operand(), e.pattern(), e.escape());
            case Expr.Between e -> List.of(e.operand(), e.low(), e.high());
            case Expr.Is e -> List.of(e.operand());
            case Expr.Case e -> {
                List<Expr> all = new ArrayList<>(some(e.subject(), e.otherwise()));
                e.whens().forEach(when -> {
                    all.add(when.condition());
                    all.add(when.result());
                });
                yield all;
            }
            case Expr.ArrayOf e -> e.items();
            case Expr.ObjectOf e -> e.values();
            case Expr.Cast e -> List.of(e.operand());
            case Expr.Nested e -> ofSelect(e.select());
            case Expr.Exists e -> ofSelect(e.select());
            case Expr.Quantified e -> List.of(e.left(), e.list());
        };
    }

    private static List<Expr> some(@Nullable Expr... exprs) {
        List<Expr> all = new ArrayList<>();
        for (Expr expr : exprs) {
            if (expr != null) {
                all.add(expr);
            }
        }
        return all;
    }

    private static List<Expr> ofSelect(Select select) {
        List<Expr> all = new ArrayList<>(some(select.value(), select.where(), select.having()));
        all.addAll(select.groups());
        for (Item item : select.items()) {
            switch (item) {
                case Item.Column column -> all.add(column.expr());
                case Item.Spread spread -> all.add(spread.base());
                case Item.All star -> {
                    all.addAll(star.except());
                    star.replace().forEach(column -> all.add(column.expr()));
                }
            }
        }
        if (select.foreach() != null) {
            all.add(select.foreach().array());
            all.addAll(some(select.foreach().incase()));
        }
        for (Source source : select.sources()) {
            all.addAll(ofSource(source));
        }
        for (Join join : select.joins()) {
            all.add(join.on());
            all.addAll(ofSource(Objects.requireNonNull(join.source())));
        }
        if (select.window() != null) {
            all.addAll(some(select.window().filter()));
            if (select.window() instanceof Window.State state) {
                all.addAll(some(state.begin(), state.end()));
            }
        }
        return all;
    }

    private static List<Expr> ofSource(Source source) {
        return switch (source) {
            case Source.Topics topics -> some(topics.timing().by());
            case Source.Query query -> {
                List<Expr> all = new ArrayList<>(ofSelect(query.select()));
                all.addAll(some(query.timing().by()));
                yield all;
            }
            case Source.Array array -> List.of(array.array());
        };
    }

    /// Every expression of a statement that stands by itself.
    private static List<Expr> roots(Statement statement) {
        List<Expr> all = new ArrayList<>(ofSelect(statement.select()));
        statement.set().stream().map(Assignment::expr).forEach(all::add);
        if (statement.alert() != null) {
            all.addAll(some(statement.alert().severity(), statement.alert().per()));
            statement.alert().escalations().stream().map(Escalation::severity).forEach(all::add);
            Condition clear = statement.alert().clear();
            all.addAll(some(statement.alert().raise().when(), clear == null ? null : clear.when()));
        }
        return all;
    }

    /// Shows each expression of a statement, those of nested selects with it.
    public static void each(Statement statement, Consumer<Expr> seen) {
        roots(statement).forEach(root -> each(root, true, seen));
    }

    /// Shows each expression inside `expr`, itself first. Not those of nested selects where `nested` is false.
    public static void each(Expr expr, boolean nested, Consumer<Expr> seen) {
        Deque<Expr> open = new ArrayDeque<>();
        open.push(expr);
        while (!open.isEmpty()) {
            Expr next = open.pop();
            seen.accept(next);
            if (nested || !(next instanceof Expr.Nested) && !(next instanceof Expr.Exists)) {
                children(next).forEach(open::push);
            }
        }
    }

    private record Placed(Expr expr, int depth) {}

    /// @throws SyntaxProblem where a tree is too deep to be compiled
    static void checkDepth(Statement statement) {
        roots(statement).forEach(Tree::checkDepth);
    }

    /// @throws SyntaxProblem where an expression is too deep for whatever walks it by recursion
    static void checkDepth(Expr expr) {
        Deque<Placed> open = new ArrayDeque<>();
        open.push(new Placed(expr, 1));
        while (!open.isEmpty()) {
            Placed next = open.pop();
            if (next.depth() > DEPTH_MAX) {
                throw new SyntaxProblem(
                        next.expr().pos(), "the expression is %d operators deep or more".formatted(DEPTH_MAX));
            }
            children(next.expr()).forEach(child -> open.push(new Placed(child, next.depth() + 1)));
        }
    }
}
